"""The outbox in figures, and what a super admin may change in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import consent, conversations, deliveries, fan_out, mailings, notices, people
from candidly.actions import outbox as actions
from candidly.envelope import Failed, PermanentFailure, Receipt, TemporaryFailure, Unconfirmed
from candidly.models import Conversation, Delivery, Gateway, InboundMail, Mailing, Member, Notice, Organization, Person
from candidly.rules import outbox

pytestmark = pytest.mark.django_db

State = Delivery.State
MINUTE = timedelta(minutes=1)


def written(member: Member, person: Person, **fields: Any) -> Delivery:
    """A delivery of a new message, brought to `fields`."""
    delivery = conversations.start(member, person, subject="Hello", text="Hello").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(**fields)
    delivery.refresh_from_db()
    return delivery


def bulk(member: Member, organization: Organization, number: int) -> Mailing:
    made = [
        people.add_candidate(organization, first_name="A", last_name=f"{n}", private_email=f"a{n}@mail.example")
        for n in range(number)
    ]
    audience = {"ids": [person.pk for person in made]}
    mailing = mailings.send(member, mailings.Order(subject="Hi", body="Hi", is_html=False, audience=audience))
    fan_out.fan_out(mailing)
    return mailing


# ── Figures


def test_every_delivery_is_counted_where_it_stands(sofia: Member, hannah: Member, amara: Person) -> None:
    now = timezone.now()
    written(hannah, amara)
    written(hannah, amara, due_at=now - 5 * MINUTE)
    written(hannah, amara, due_at=now + MINUTE, attempts=1)
    written(hannah, amara, due_at=now + MINUTE)
    written(hannah, amara, due_at=now + MINUTE)
    written(hannah, amara, state=State.SENDING, lease_until=now + MINUTE)
    written(hannah, amara, state=State.UNCONFIRMED)
    written(hannah, amara, state=State.UNCONFIRMED, due_at=outbox.HELD_UNTIL)
    written(hannah, amara, state=State.FAILED)
    written(hannah, amara, state=State.BOUNCED, due_at=now - timedelta(hours=25))
    written(hannah, amara, state=State.SENT, sent_at=now)
    written(hannah, amara, state=State.SENT, sent_at=now - 5 * MINUTE)
    written(hannah, amara, state=State.SENT, sent_at=now - 61 * MINUTE)
    queue = outbox.queue_of(sofia)
    assert (queue.due, queue.retrying, queue.later, queue.sending) == (2, 1, 2, 1)
    assert (queue.unconfirmed, queue.held, queue.failed) == (1, 1, 1)
    assert (queue.sent_minute, queue.sent_hour) == (1, 2)
    assert queue.oldest_due_at == now - 5 * MINUTE


def test_a_mailing_counts_while_it_runs_and_not_while_it_is_paused(
    sofia: Member, hannah: Member, northlane: Organization
) -> None:
    mailing = bulk(hannah, northlane, 3)
    Delivery.objects.update(due_at=timezone.now() - MINUTE)
    queue = outbox.queue_of(sofia)
    assert queue.due == 3
    assert queue.oldest_due_at is not None
    mailings.pause(mailing)
    paused = outbox.queue_of(sofia)
    assert (paused.due, paused.oldest_due_at) == (0, None)
    assert list(outbox.running_mailings(sofia)) == [mailing]


def test_nobody_else_sees_a_figure(hannah: Member, omar: Member, amara: Person) -> None:
    written(hannah, amara)
    for member in (hannah, omar):
        queue = outbox.queue_of(member)
        assert (queue.due, queue.oldest_due_at) == (0, None)


def test_account_mail_and_other_organizations_are_not_counted(sofia: Member, omar: Member, leila: Person) -> None:
    notices.enqueue(kind="account", to_address="x@mail.example", subject="Password", text="…")
    written(omar, leila)
    assert outbox.queue_of(sofia).due == 0


def test_a_count_stops_at_its_limit(
    sofia: Member, hannah: Member, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "COUNTED", 2)
    for state in (State.QUEUED, State.FAILED):
        for _ in range(4):
            written(hannah, amara, state=state)
    queue = outbox.queue_of(sofia)
    assert (queue.due, queue.failed) == (3, 3)


def test_the_number_of_queries_does_not_grow(
    sofia: Member, hannah: Member, northlane: Organization, amara: Person
) -> None:
    bulk(hannah, northlane, 2)
    with CaptureQueriesContext(connection) as few:
        outbox.queue_of(sofia)
    bulk(hannah, northlane, 5)
    written(hannah, amara)
    with CaptureQueriesContext(connection) as more:
        outbox.queue_of(sofia)
    assert len(more) == len(few)


def test_waiting_messages_are_found_by_their_index(sofia: Member, hannah: Member, amara: Person) -> None:
    """A scan of the whole table would grow with the history."""
    notice = {"kind": "account", "to_address": "x@y.example", "subject": "", "text": "", "rfc_message_id": "<1@y>"}
    crowd = Notice.objects.bulk_create([Notice(**notice) for _ in range(600)])
    gone = {"organization": sofia.organization, "address": "x@y.example", "state": State.SENT}
    Delivery.objects.bulk_create([Delivery(notice=one, **gone) for one in crowd])
    written(hannah, amara)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    singles, _ = outbox._claimable(Delivery.objects.filter(organization=sofia.organization_id), Mailing.objects.all())
    due = singles.filter(state=State.QUEUED, due_at__lte=timezone.now()).order_by().values("pk")
    assert "delivery_waiting" in due.explain()


# ── Reasons


def test_reasons_that_differ_in_names_and_numbers_are_one_group() -> None:
    box = "The mail server of {} says there is no such mailbox. Check the address."
    groups = outbox.group_reasons(
        {
            box.format("mail.example"): 3,
            box.format("bücher.example"): 2,
            "Gave up after 18 attempts. The mail server relay:587 does not answer.": 1,
            "Gave up after 17 attempts. The mail server 10.0.0.1:25 does not answer.": 1,
            "": 1,
        }
    )
    assert [(group.title, group.number) for group in groups] == [
        (box.format("…"), 5),
        ("Gave up after … attempts. The mail server … does not answer.", 2),
        ("No reason was given.", 1),
    ]
    assert groups[0].reasons == (box.format("bücher.example"), box.format("mail.example"))


# ── Measurements


def test_the_totals_are_of_the_whole_installation(
    hannah: Member, northlane: Organization, amara: Person, omar: Member, leila: Person
) -> None:
    written(hannah, amara, due_at=timezone.now() - MINUTE)
    written(hannah, amara, due_at=timezone.now() + MINUTE, attempts=2)
    written(omar, leila, due_at=timezone.now() + MINUTE)
    written(omar, leila, state=State.FAILED)
    written(omar, leila, state=State.UNCONFIRMED, due_at=outbox.HELD_UNTIL)
    written(hannah, amara, state=State.SENT, sent_at=timezone.now())
    mailings.pause(bulk(hannah, northlane, 2))
    InboundMail.objects.create(
        organization=northlane, external_id="1", envelope_to="x@y.example", raw=b"", size=0, state="review"
    )
    Gateway.objects.create(channel="email", down_since=timezone.now(), failures=1)
    totals = outbox.totals()
    assert totals.deliveries == {
        "due": 1,
        "retrying": 1,
        "later": 1,
        "paused": 2,
        "unconnected": 0,
        "unconfirmed": 0,
        "held": 1,
        "sending": 0,
        "failed": 1,
    }
    assert totals.sent_minute == 1
    assert 59 < totals.oldest_seconds < 120
    assert totals.inbound == {"stored": 0, "review": 1}
    assert totals.gateways == {"email": False, "sms": True}


# ── What may be done


def test_what_failed_is_retried_with_all_its_attempts(sofia: Member, hannah: Member, amara: Person) -> None:
    delivery = written(hannah, amara)
    (key,) = deliveries.claim("w", 10, MINUTE)
    deliveries.record("w", [Failed(key, PermanentFailure("There is no such mailbox.", "550 5.1.1"))])
    assert Conversation.objects.get().has_failure
    assert actions.retry(sofia, [delivery.pk]) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.reason, delivery.reply) == ("queued", 0, "", "")
    assert not Conversation.objects.get().has_failure
    assert deliveries.claim("w", 10, MINUTE) == [delivery.pk]


def test_what_the_suppression_list_keeps_back_is_not_retried(
    sofia: Member, omar: Member, hannah: Member, amara: Person, kwame: Person, northlane: Organization
) -> None:
    listed, free = written(hannah, amara, state=State.BOUNCED), written(hannah, kwame, state=State.FAILED)
    consent.suppress(northlane, "email", amara.email, cause="bounced", reason="There is no such mailbox.")
    keys = [listed.pk, free.pk]
    assert actions.barred(sofia, keys) == {listed.pk}
    assert actions.barred(omar, keys) == set()
    assert actions.retry(sofia, keys) == 1
    assert set(Delivery.objects.values_list("pk", "state")) == {(listed.pk, State.BOUNCED), (free.pk, State.QUEUED)}


def test_a_retry_opens_its_mailing_again(sofia: Member, hannah: Member, northlane: Organization) -> None:
    mailing = bulk(hannah, northlane, 2)
    one, two = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=one.pk).update(state=State.SENT)
    Delivery.objects.filter(pk=two.pk).update(state=State.FAILED)
    Mailing.objects.update(state=Mailing.State.DONE)
    assert actions.retry(sofia, [one.pk, two.pk]) == 1
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING
    assert deliveries.claim("w", 10, MINUTE) == [two.pk]


@pytest.fixture
def doubtful(hannah: Member, amara: Person) -> Delivery:
    """Handed over, and the answer never came."""
    delivery = written(hannah, amara)
    (key,) = deliveries.claim("w", 10, MINUTE)
    deliveries.record("w", [Failed(key, Unconfirmed("The connection broke after the mail was handed over."))])
    return delivery


def test_what_is_held_is_not_sent_until_it_is_released(sofia: Member, doubtful: Delivery) -> None:
    assert actions.hold(sofia, [doubtful.pk]) == 1
    Delivery.objects.exclude(pk=doubtful.pk).update(due_at=timezone.now())
    deliveries.recover()
    assert deliveries.claim("w", 10, MINUTE) == []
    assert actions.send_again(sofia, [doubtful.pk]) == 1
    assert deliveries.claim("w", 10, MINUTE) == [doubtful.pk]


def test_a_late_receipt_settles_what_was_held_or_released(sofia: Member, doubtful: Delivery) -> None:
    for change in (actions.hold, actions.send_again):
        Delivery.objects.update(state=State.SENDING, leased_by="w", lease_until=timezone.now() - MINUTE)
        deliveries.recover()
        assert change(sofia, [doubtful.pk]) == 1
        deliveries.record("w", [Receipt(doubtful.pk)])
        doubtful.refresh_from_db()
        assert doubtful.state == "sent"


def test_marking_as_sent_says_who_said_so(sofia: Member, doubtful: Delivery) -> None:
    assert actions.mark_sent(sofia, [doubtful.pk]) == 1
    doubtful.refresh_from_db()
    assert doubtful.state == "sent"
    assert doubtful.sent_at is not None
    assert doubtful.reason == "Sofia Lindqvist marked this as sent: nothing had confirmed it."
    assert deliveries.claim("w", 10, MINUTE) == []


CHANGES: list[Callable[[Member, list[int]], int]] = [actions.retry, actions.send_again, actions.mark_sent, actions.hold]


@pytest.mark.parametrize("change", CHANGES)
def test_only_the_right_state_is_changed(
    change: Callable[[Member, list[int]], int], sofia: Member, hannah: Member, amara: Person
) -> None:
    right = Delivery.RETRYABLE if change is actions.retry else (State.UNCONFIRMED,)
    delivery = written(hannah, amara)
    for state in State.values:
        Delivery.objects.update(state=state)
        assert change(sofia, [delivery.pk]) == (state in right)
    Delivery.objects.update(state="sent", sent_at=timezone.now())
    before = Delivery.objects.values().get()
    assert change(sofia, [delivery.pk]) == 0
    assert Delivery.objects.values().get() == before


@pytest.mark.parametrize("change", CHANGES)
def test_only_a_super_admin_of_the_organization_changes_anything(
    change: Callable[[Member, list[int]], int], hannah: Member, omar: Member, amara: Person
) -> None:
    Member.objects.filter(pk=omar.pk).update(role="super_admin")
    omar.refresh_from_db()
    state = State.FAILED if change is actions.retry else State.UNCONFIRMED
    delivery = written(hannah, amara, state=state)
    assert change(omar, [delivery.pk]) == 0
    assert change(hannah, [delivery.pk]) == 0


def test_a_gateway_that_rests_is_tried_at_once(sofia: Member, hannah: Member, amara: Person) -> None:
    delivery = written(hannah, amara)
    (key,) = deliveries.claim("w", 10, MINUTE)
    deliveries.record("w", [Failed(key, TemporaryFailure("No answer.", gateway_down=True))])
    assert deliveries.claim("w", 10, MINUTE) == []
    assert not actions.try_gateway(hannah, "email")
    assert actions.try_gateway(sofia, "email")
    assert deliveries.claim("w", 10, MINUTE) == [delivery.pk]
    deliveries.record("w", [Receipt(delivery.pk)])
    assert not actions.try_gateway(sofia, "email")
