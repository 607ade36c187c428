from collections.abc import Callable
from datetime import timedelta

import pytest

from candidly.actions import completion, deliveries, fan_out, mailings, people
from candidly.actions.errors import Refused
from candidly.mail.house_style import dressed
from candidly.models import (
    Conversation,
    Delivery,
    Mailing,
    MailingRecipient,
    Member,
    Message,
    Notice,
    Opening,
    Organization,
    Person,
    ReplyAddress,
    Stage,
)

pytestmark = pytest.mark.django_db

EVERYONE: dict[str, dict[str, str]] = {"filter": {}}


@pytest.fixture
def crowd(northlane: Organization, icu: Opening) -> list[Person]:
    """Thirty candidates for `icu`."""
    return [
        people.add_candidate(
            northlane,
            first_name=f"Ana{n}",
            last_name="Silva",
            private_email=f"ana{n}@mail.example",
            opening=icu,
        )
        for n in range(30)
    ]


def send(member: Member, **changes: object) -> Mailing:
    fields = {
        "subject": "Visit us, {{first_name}}",
        "body": "Dear {{first_name}},\nabout {{opening_name}}.",
        "is_html": False,
        "audience": EVERYONE,
        **changes,
    }
    return mailings.send(member, mailings.Order(**fields))  # type: ignore[arg-type]


def test_everyone_in_the_filter_gets_their_own_message_in_their_own_conversation(
    hannah: Member, crowd: list[Person]
) -> None:
    mailing = send(hannah)
    assert mailing.total == 30
    assert fan_out.fan_out(mailing, limit=20) == 20
    assert fan_out.fan_out(mailing, limit=20) == 10
    assert fan_out.fan_out(mailing, limit=20) == 0
    message = Message.objects.get(person=None, conversation__person=crowd[3])
    assert message.subject == "Visit us, Ana3"
    assert message.text == "Dear Ana3,\nabout Staff Nurse, ICU."
    assert Conversation.objects.filter(mailing=mailing).values("person").distinct().count() == 30
    assert Delivery.objects.filter(mailing=mailing, state="queued").count() == 30
    assert ReplyAddress.objects.values("token").distinct().count() == 30


def test_writing_a_page_takes_the_same_number_of_queries_whatever_its_size(
    hannah: Member,
    crowd: list[Person],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    mailing = mailings.running().get(pk=send(hannah).pk)
    with django_assert_max_num_queries(18):  # type: ignore[attr-defined]
        fan_out.fan_out(mailing, limit=30)


def test_who_joins_the_filter_after_send_is_not_written_to(
    hannah: Member, northlane: Organization, crowd: list[Person]
) -> None:
    mailing = send(hannah)
    people.add_candidate(
        northlane,
        first_name="Late",
        last_name="Comer",
        private_email="late@mail.example",
    )
    fan_out.fan_out(mailing)
    assert not Delivery.objects.filter(address="late@mail.example").exists()


def test_the_audience_never_reaches_beyond_the_senders_own_access(
    omar: Member, marcus: Member, amara: Person, kwame: Person, leila: Person
) -> None:
    everybody = {"ids": [amara.pk, kwame.pk, leila.pk]}
    assert list(send(omar, audience=everybody).recipients.values_list("person", flat=True)) == [leila.pk]
    assert list(send(marcus, audience=everybody).recipients.values_list("person", flat=True)) == [amara.pk]


def test_no_address_and_empty_fields_are_skipped_with_the_reason(
    hannah: Member, northlane: Organization, amara: Person
) -> None:
    people.add_candidate(northlane, first_name="Noor", last_name="Rahman")
    people.add_candidate(northlane, first_name="", last_name="Okoro", private_email="okoro@mail.example")
    mailing = send(hannah, body="Dear {{first_name}}")
    fan_out.fan_out(mailing)
    skipped = mailing.recipients.filter(state="skipped").order_by("pk").values_list("reason", flat=True)
    assert list(skipped) == ["No e-mail address.", "No value for first_name."]
    assert [delivery.address for delivery in mailing.deliveries.all()] == ["amara@mail.example"]


def test_empty_fields_go_all_the_same_when_the_sender_says_so(hannah: Member, northlane: Organization) -> None:
    people.add_candidate(northlane, first_name="", last_name="Okoro", private_email="okoro@mail.example")
    mailing = send(hannah, subject="Hello", body="Dear {{first_name}}!", left_out=())
    fan_out.fan_out(mailing)
    assert Message.objects.get().text == "Dear !"


def test_an_unknown_field_is_refused_at_its_field_before_anything_is_written(hannah: Member, amara: Person) -> None:
    with pytest.raises(Refused, match="first_name") as refusal:
        send(hannah, body="Dear {{frist_name}}")
    assert refusal.value.field == "body"
    assert not Mailing.objects.exists()


def test_a_selection_that_has_become_empty_is_refused(hannah: Member) -> None:
    nobodies: list[dict[str, object]] = [{"ids": [0]}, {"ids": []}, {"filter": {"q": "nobody of that name"}}]
    for nobody in nobodies:
        with pytest.raises(Refused, match="Nobody is selected"):
            send(hannah, audience=nobody)
    assert not Mailing.objects.exists()


def test_a_double_click_starts_one_mailing(hannah: Member, amara: Person) -> None:
    assert send(hannah, send_key="k") == send(hannah, send_key="k")
    assert Mailing.objects.count() == 1


def test_pausing_holds_what_has_not_gone_and_resuming_goes_on(hannah: Member, crowd: list[Person]) -> None:
    mailing = send(hannah)
    assert mailings.pause(mailing)
    assert fan_out.fan_out(mailing) == 0
    assert not mailings.pause(mailing)
    assert mailings.resume(mailing)
    assert fan_out.fan_out(mailing) == 30


def test_cancelling_ends_what_has_not_gone_and_leaves_what_has(hannah: Member, crowd: list[Person]) -> None:
    mailing = send(hannah)
    fan_out.fan_out(mailing, limit=10)
    gone = mailing.deliveries.order_by("pk")[:4]
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in gone]).update(state="sent")
    assert mailings.cancel(mailing)
    assert mailing.deliveries.filter(state="sent").count() == 4
    assert mailing.deliveries.filter(state="cancelled").count() == 6
    assert mailing.recipients.filter(state=MailingRecipient.State.CANCELLED).count() == 20
    assert not mailings.resume(mailing)


def test_when_all_has_gone_the_sender_gets_one_mail_with_the_figures(
    hannah: Member, northlane: Organization, crowd: list[Person]
) -> None:
    people.add_candidate(northlane, first_name="Noor", last_name="Rahman")
    mailing = send(hannah)
    fan_out.fan_out(mailing)
    assert not completion.finish(mailing)
    mailing.deliveries.update(state="sent")
    failed = mailing.deliveries.earliest("pk")
    Delivery.objects.filter(pk=failed.pk).update(state="failed", reason="There is no such mailbox.")
    assert completion.finish(mailing)
    assert not completion.finish(mailing)
    notice = Notice.objects.get()
    assert notice.to_address == hannah.email
    assert notice.subject == "Sent to 29 of 31 candidates: Visit us, {{first_name}}"
    assert "1: There is no such mailbox." in notice.text
    assert "1: No e-mail address." in notice.text


def test_retrying_takes_the_failed_ones_alone(hannah: Member, crowd: list[Person]) -> None:
    mailing = send(hannah)
    fan_out.fan_out(mailing)
    mailing.deliveries.update(state="sent")
    some = mailing.deliveries.order_by("pk").values_list("pk", flat=True)[:3]
    Delivery.objects.filter(pk__in=list(some)).update(state="failed", attempts=1)
    completion.finish(mailing)
    assert mailings.retry_failed(mailing) == 3
    mailing.refresh_from_db()
    assert mailing.state == "sending"
    assert mailing.deliveries.filter(state="queued", attempts=0).count() == 3


def test_one_of_a_finished_mailing_is_sent_again(hannah: Member, crowd: list[Person]) -> None:
    mailing = send(hannah)
    fan_out.fan_out(mailing)
    mailing.deliveries.update(state="sent")
    failed = mailing.deliveries.latest("pk")
    Delivery.objects.filter(pk=failed.pk).update(state="failed")
    completion.finish(mailing)
    assert deliveries.retry_failed(failed)
    assert failed.pk in deliveries.claim("w1", 10, timedelta(minutes=1))


def test_the_message_speaks_of_the_application_that_the_filter_asked_for(
    hannah: Member, amara: Person, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.OFFER)
    mailing = send(hannah, audience={"filter": {"stages": ["applied"]}})
    assert mailing.recipients.get().application == amara.applications.get(stage=Stage.APPLIED)


def test_html_of_a_mailing_is_made_safe_whoever_calls(hannah: Member, amara: Person) -> None:
    mailing = send(hannah, body="<p onclick='x()'>Dear {{first_name}}</p><script>x()</script>", is_html=True)
    fan_out.fan_out(mailing)
    message = Message.objects.get()
    assert message.html == dressed("<p>Dear Amara</p>")
    assert message.text.strip() == "Dear Amara"
