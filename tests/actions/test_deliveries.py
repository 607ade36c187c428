from datetime import timedelta

import pytest
from django.utils import timezone

from candidly.actions import (
    conversations,
    deliveries,
    fan_out,
    gateways,
    mailings,
    outgoing,
    people,
)
from candidly.envelope import (
    Failed,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
    Unconfirmed,
    Untouched,
    Withheld,
)
from candidly.models import (
    Attachment,
    Delivery,
    Gateway,
    Mailing,
    Member,
    Organization,
    Person,
)

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)


@pytest.fixture
def delivery(hannah: Member, amara: Person) -> Delivery:
    return conversations.start(hannah, amara, subject="Hello", text="Hello Amara").deliveries.get()


def claim(worker: str = "w1", limit: int = 10) -> list[Delivery]:
    return list(Delivery.objects.filter(pk__in=deliveries.claim(worker, limit, LEASE)).order_by("pk"))


def bulk(member: Member, organization: Organization, number: int) -> Mailing:
    ids = [
        people.add_candidate(
            organization,
            first_name="A",
            last_name=f"{n}",
            private_email=f"a{n}@mail.example",
        ).pk
        for n in range(number)
    ]
    mailing = mailings.send(member, mailings.Order(subject="Hi", body="Hi", is_html=False, audience={"ids": ids}))
    fan_out.fan_out(mailing)
    return mailing


def test_a_claimed_delivery_is_nobody_elses_until_its_lease_ends(
    delivery: Delivery,
) -> None:
    assert claim("w1") == [delivery]
    assert claim("w2") == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.leased_by) == (
        "sending",
        1,
        "w1",
    )


def test_a_receipt_makes_it_sent(delivery: Delivery) -> None:
    claim()
    deliveries.record("w1", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert delivery.state == "sent"
    assert delivery.sent_at is not None


def test_a_temporary_failure_waits_and_keeps_the_reason(delivery: Delivery) -> None:
    claim()
    deliveries.record(
        "w1",
        [Failed(delivery.pk, TemporaryFailure("The mailbox is full.", "452 4.2.2"))],
    )
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.reply) == (
        "queued",
        "The mailbox is full.",
        "452 4.2.2",
    )
    assert timedelta(seconds=20) < delivery.due_at - timezone.now() < timedelta(seconds=40)
    assert claim() == []


def test_the_other_side_may_ask_for_more_patience_than_we_have(delivery: Delivery) -> None:
    claim()
    deliveries.record("w1", [Failed(delivery.pk, TemporaryFailure("Too many at once.", "429", wait=3600))])
    delivery.refresh_from_db()
    assert timedelta(minutes=59) < delivery.due_at - timezone.now() <= timedelta(hours=1)
    assert delivery.attempts == 1


def test_what_is_withheld_costs_no_attempt_and_holds_up_nobody_else(delivery: Delivery) -> None:
    claim()
    deliveries.record("w1", [Failed(delivery.pk, Withheld("The mailbox has sent enough for now.", wait=5))])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    assert delivery.due_at - timezone.now() <= timedelta(seconds=5)
    assert gateways.is_open("email", timezone.now())


def test_after_the_last_attempt_it_fails_and_says_so(delivery: Delivery) -> None:
    Delivery.objects.update(attempts=17)
    claim()
    deliveries.record("w1", [Failed(delivery.pk, TemporaryFailure("The mailbox is full."))])
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert delivery.reason == "Gave up after 18 attempts. The mailbox is full."


def test_a_permanent_failure_stops_and_marks_the_conversation(
    delivery: Delivery,
) -> None:
    claim()
    deliveries.record("w1", [Failed(delivery.pk, PermanentFailure("There is no such mailbox."))])
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert delivery.message is not None
    assert delivery.message.conversation.has_failure
    assert deliveries.retry_failed(delivery)
    assert claim() == [delivery]


def test_what_was_not_confirmed_shows_as_such_and_is_sent_again(
    delivery: Delivery,
) -> None:
    claim()
    deliveries.record(
        "w1",
        [
            Failed(
                delivery.pk,
                Unconfirmed("The connection broke after the mail was handed over."),
            )
        ],
    )
    delivery.refresh_from_db()
    assert delivery.state == "unconfirmed"
    Delivery.objects.update(due_at=timezone.now())
    assert claim() == [delivery]


def test_a_dead_workers_delivery_becomes_unconfirmed_and_its_late_receipt_still_counts(
    delivery: Delivery,
) -> None:
    claim()
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert deliveries.recover() == 1
    delivery.refresh_from_db()
    assert delivery.state == "unconfirmed"
    deliveries.record("w1", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_living_workers_lease_is_renewed(delivery: Delivery) -> None:
    claim()
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert deliveries.renew("w1", LEASE) == 1
    assert deliveries.recover() == 0


def test_what_a_worker_did_not_begin_goes_back_untouched(delivery: Delivery) -> None:
    claim()
    deliveries.record("w1", [Untouched(delivery.pk)])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    claim()
    assert deliveries.release("w1") == 1


def test_a_result_from_a_worker_that_lost_its_lease_changes_nothing(
    delivery: Delivery,
) -> None:
    claim("w1")
    Delivery.objects.update(leased_by="w2")
    deliveries.record("w1", [Failed(delivery.pk, PermanentFailure("No."))])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.leased_by) == ("sending", "w2")


def test_a_gateway_that_is_down_costs_no_attempt_and_rests(delivery: Delivery) -> None:
    claim()
    deliveries.record("w1", [Failed(delivery.pk, TemporaryFailure("No answer.", gateway_down=True))])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    assert claim() == []
    assert Gateway.objects.get().reason == "No answer."
    Gateway.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert claim() == [delivery]
    deliveries.record("w1", [Receipt(delivery.pk)])
    assert Gateway.objects.get().down_since is None
    assert gateways.is_open("email", timezone.now())


def test_single_messages_go_before_a_mailing(hannah: Member, northlane: Organization, amara: Person) -> None:
    bulk(hannah, northlane, 5)
    single = conversations.start(hannah, amara, subject="Hello", text="Hello").deliveries.get()
    assert claim(limit=1) == [single]


def test_mailings_take_turns(hannah: Member, northlane: Organization) -> None:
    first, second = bulk(hannah, northlane, 5), bulk(hannah, northlane, 5)
    turns = [claim(limit=2)[0].mailing for _ in range(4)]
    assert turns == [first, second, first, second]


def test_a_sender_of_many_mailings_gets_no_more_than_another(
    hannah: Member, priya: Member, northlane: Organization
) -> None:
    of_hannah = [bulk(hannah, northlane, 5) for _ in range(3)]
    of_priya = bulk(priya, northlane, 5)
    turns = [claim(limit=1)[0].mailing for _ in range(6)]
    assert turns == [of_hannah[0], of_priya, of_hannah[1], of_priya, of_hannah[2], of_priya]


def test_single_messages_can_be_asked_for_alone(hannah: Member, northlane: Organization, amara: Person) -> None:
    bulk(hannah, northlane, 2)
    assert deliveries.claim("w1", 10, LEASE, singles_only=True) == []
    single = conversations.start(hannah, amara, subject="Hello", text="Hello").deliveries.get()
    assert deliveries.claim("w1", 10, LEASE, singles_only=True) == [single.pk]


def test_a_paused_mailing_gives_nothing(hannah: Member, northlane: Organization) -> None:
    mailing = bulk(hannah, northlane, 3)
    mailings.pause(mailing)
    assert claim() == []
    mailings.resume(mailing)
    assert len(claim()) == 3


def test_a_pace_holds_a_mailing_back(hannah: Member, northlane: Organization) -> None:
    mailing = bulk(hannah, northlane, 20)
    Mailing.objects.update(per_minute=60, pace_started_at=timezone.now() - timedelta(seconds=4.5))
    assert len(claim(limit=20)) == 5
    assert claim(limit=20) == []
    mailing.refresh_from_db()
    assert mailing.claimed == 5


def test_what_returns_to_a_cancelled_mailing_is_cancelled_too(hannah: Member, northlane: Organization) -> None:
    mailing = bulk(hannah, northlane, 1)
    (claimed,) = claim()
    mailings.cancel(mailing)
    deliveries.record("w1", [Failed(claimed.pk, TemporaryFailure("Later."))])
    deliveries.recover()
    claimed.refresh_from_db()
    assert claimed.state == "cancelled"


def test_a_lost_attachment_fails_its_own_message_and_no_other(hannah: Member, amara: Person, kwame: Person) -> None:
    broken = conversations.start(hannah, amara, subject="Rota", text="See the rota.")
    Attachment.objects.create(
        organization=hannah.organization,
        message=broken,
        file="1/gone",
        name="rota.pdf",
        content_type="",
        size=1,
    )
    whole = conversations.start(hannah, kwame, subject="Rota", text="No rota.")
    one, two = outgoing.build([delivery.pk for delivery in claim()])
    assert isinstance(one, Failed)
    assert "missing on the server" in one.failure.reason
    assert getattr(two, "text", "").startswith(whole.text)


def test_only_failed_and_bounced_deliveries_are_sent_again(delivery: Delivery) -> None:
    for state, again in [("failed", True), ("bounced", True), ("sent", False), ("cancelled", False), ("queued", False)]:
        Delivery.objects.update(state=state)
        assert deliveries.retry_failed(delivery) is again
