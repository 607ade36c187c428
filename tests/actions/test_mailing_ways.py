"""A mailing by several channels: who gets it by which of them, and what is told of each."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidly.actions import completion, consent, deliveries, fan_out, hand_off, mailings, outgoing, people
from candidly.actions.errors import Refused
from candidly.config import config
from candidly.models import (
    Campaign,
    Delivery,
    Mailing,
    Member,
    Message,
    Notice,
    Organization,
    Pace,
    Person,
    Suppression,
    clock,
)
from candidly.rules.preflight import Intent, concerned_by, preflight
from candidly.rules.progress import progress_of
from candidly.worker.sending import LEASE

pytestmark = pytest.mark.django_db

ALL_THREE = ("email", "sms", "app")


@pytest.fixture
def phoneless(northlane: Organization) -> Person:
    return people.add_candidate(northlane, first_name="Noor", private_email="noor@mail.example")


@pytest.fixture
def mailless(northlane: Organization) -> Person:
    return people.add_candidate(northlane, first_name="Ines", phone="+447700900177")


def ordered(**changes: object) -> mailings.Order:
    words = {"subject": "Visit us", "body": "Dear {{first_name}}, come and see us.", "audience": {"filter": {}}}
    return mailings.Order(**{**words, "channels": ALL_THREE, **changes})  # type: ignore[arg-type]


def written(member: Member, **changes: object) -> Mailing:
    mailing = mailings.send(member, ordered(**changes))
    fan_out.fan_out(mailing)
    return mailing


def ways_to(person: Person) -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(message__conversation__person=person).order_by("pk")
    return list(rows.values_list("channel", "address", "state"))


# ── Who gets it by which


def test_each_gets_one_message_by_those_that_lead_to_them(
    hannah: Member, amara: Person, phoneless: Person, mailless: Person
) -> None:
    mailing = written(hannah)
    assert ways_to(amara) == [
        ("email", amara.email, "queued"),
        ("sms", amara.phone, "queued"),
        ("app", "", "sent"),
    ]
    assert [way for way, *_ in ways_to(phoneless)] == ["email", "app"]
    assert [way for way, *_ in ways_to(mailless)] == ["sms", "app"]
    assert Message.objects.filter(mailing=mailing).count() == 3


def test_it_goes_to_the_number_that_stood_there_when_send_was_pressed(hannah: Member, amara: Person) -> None:
    mailing = mailings.send(hannah, ordered(channels=["sms"]))
    Person.objects.filter(pk=amara.pk).update(phone="+447700900999")
    fan_out.fan_out(mailing)
    assert ways_to(amara) == [("sms", "+447700900101", "queued")]


def test_whom_none_of_them_reaches_is_left_out(hannah: Member, amara: Person, phoneless: Person) -> None:
    nowhere = people.add_candidate(hannah.organization, first_name="Tom")
    by_text = written(hannah, channels=["sms"])
    assert by_text.recipients.get(person=phoneless).reason == "No phone number."
    by_both = written(hannah, channels=["email", "sms"])
    assert by_both.recipients.get(person=nowhere).state == "skipped"
    assert by_both.recipients.get(person=phoneless).state == "written"


def test_what_says_stop_while_it_waits_does_not_leave_and_the_mail_does(hannah: Member, amara: Person) -> None:
    written(hannah, channels=["email", "sms"])
    consent.opt_out(hannah.organization, "sms", amara.phone, source="text", said="STOP")
    for way in ("email", "sms"):
        hand_off.allowed(way, deliveries.claim("w1", 500, LEASE, way))
    assert [state for *_, state in ways_to(amara)] == ["sending", "suppressed"]


def test_a_text_alone_says_everything_and_beside_a_mail_a_part(hannah: Member, amara: Person) -> None:
    long = "Come and see the wards. " * 30
    for channels, is_whole in ((["sms"], True), (["email", "sms"], False)):
        mailing = written(hannah, channels=channels, body=long)
        (text,) = outgoing.build_texts(list(mailing.deliveries.filter(channel="sms").values_list("pk", flat=True)))
        assert (long.strip() in text.text) is is_whole
        assert "/p/" in text.text


# ── What is refused


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"channels": ()}, "channels", "Choose how to send it: by e-mail or SMS."),
        ({"channels": ["app"]}, "channels", "Choose e-mail or SMS too"),
        ({"channels": ["email", "app"], "subject": " "}, "subject", "Write a subject first."),
    ],
)
def test_what_cannot_go_is_refused(
    hannah: Member, amara: Person, changes: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        mailings.send(hannah, ordered(**changes))
    assert refused.value.field == field
    assert not Mailing.objects.exists()


def test_a_campaign_goes_by_mail_alone(hannah: Member, amara: Person) -> None:
    spring = Campaign.objects.create(organization=hannah.organization, name="Spring")
    with pytest.raises(Refused, match=r"A campaign goes by e-mail alone\."):
        mailings.send(hannah, ordered(campaign=spring, audience={"campaign": spring.pk}))


def test_where_no_texts_are_sent_it_is_refused(hannah: Member, amara: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(config()), "texts", property(lambda _: False))
    with pytest.raises(Refused, match="not set up on this server"):
        mailings.send(hannah, ordered())


def test_a_text_needs_no_subject(hannah: Member, amara: Person) -> None:
    mailing = written(hannah, channels=["sms"], subject="")
    assert mailing.subject == "Message from Northlane Care"


def test_a_scheduled_one_keeps_its_channels(hannah: Member, amara: Person) -> None:
    later = timezone.now() + timedelta(days=1)
    mailing = mailings.send(hannah, ordered(channels=["sms"], starts_at=later))
    mailings.change(mailing, ordered(channels=["email"], body="Come today.", subject=""))
    fan_out.fan_out(mailing)
    assert [way for way, *_ in ways_to(amara)] == ["sms"]


# ── What is told beforehand


def told(member: Member, *channels: str) -> tuple[int, dict[str, int]]:
    found = preflight(Intent(sender=member, audience={"filter": {}}, texts=(), channels=channels, left_out=()))
    return found.reached, {reason.name: number for reason, number in found.obstacles}


def test_the_preflight_tells_whom_each_way_misses_and_counts_who_is_reached_by_any(
    hannah: Member, amara: Person, phoneless: Person, mailless: Person
) -> None:
    assert told(hannah, "email") == (2, {"no_address": 1})
    assert told(hannah, "sms") == (2, {"no_phone": 1})
    assert told(hannah, "email", "sms") == (3, {"no_address": 1, "no_phone": 1})
    Suppression.objects.create(
        organization=hannah.organization, channel="sms", address=mailless.phone, cause="opted_out", reason="x"
    )
    assert told(hannah, "email", "sms", "app") == (2, {"no_address": 1, "no_phone": 1, "no_texts": 1})
    intent = Intent(sender=hannah, audience={"filter": {}}, texts=(), channels=("email", "sms"))
    assert list(concerned_by(intent, "left_out")) == [mailless]
    assert list(concerned_by(intent, "no_phone")) == [phoneless]


def test_the_same_is_frozen_as_was_told(hannah: Member, amara: Person, mailless: Person) -> None:
    Suppression.objects.create(
        organization=hannah.organization, channel="sms", address=mailless.phone, cause="opted_out", reason="x"
    )
    mailing = written(hannah, channels=["email", "sms"])
    assert mailing.recipients.get(person=mailless).state == "skipped"
    assert progress_of(mailing).skipped == 2, "by none of two channels"


# ── What became of it


def test_progress_is_told_by_channel_and_counts_no_one_twice_in_any(
    hannah: Member, amara: Person, phoneless: Person
) -> None:
    mailing = written(hannah)
    mailing.deliveries.filter(channel="email").update(state="sent", sent_at=clock.now())
    mailing.deliveries.filter(channel="sms").update(due_at=clock.now() + timedelta(hours=3))
    shown = progress_of(mailing)
    assert (shown.total, shown.sent, shown.skipped, shown.waiting, shown.later) == (4, 2, 1, 1, 1)
    by_way = {way.name: (figures.sent, figures.skipped, figures.waiting) for way, figures in shown.ways}
    assert by_way == {"email": (2, 0, 0), "sms": (0, 1, 1)}


def test_in_the_app_it_stands_at_once_and_is_not_counted(hannah: Member, amara: Person) -> None:
    shown = progress_of(written(hannah, channels=["email", "app"]))
    assert (shown.total, shown.sent, shown.waiting, shown.ways) == (1, 0, 1, ())


def test_it_ends_when_the_last_channel_has_and_the_mail_tells_of_each(
    hannah: Member, amara: Person, phoneless: Person
) -> None:
    mailing = written(hannah, channels=["email", "sms"])
    mailing.deliveries.filter(channel="email").update(state="sent")
    assert not completion.finish(mailing), "a text waits for the day"
    mailing.deliveries.filter(channel="sms").update(state="delivered")
    assert completion.finish(mailing)
    subject = Notice.objects.get().subject
    assert subject == "Sent to candidates, 2 of 2 by e-mail and 1 of 2 by SMS: Visit us"


def test_the_limits_of_mail_do_not_slow_texts_down(hannah: Member, amara: Person, mailless: Person) -> None:
    Organization.objects.update(per_minute=1, domain_per_minute=1)
    written(hannah, channels=["email", "sms"])
    assert len(deliveries.claim("w1", 500, LEASE, "sms")) == 2
    assert not Pace.objects.exists()
    assert len(deliveries.claim("w1", 500, LEASE, "email")) == 1


def test_a_retry_leaves_out_whom_the_suppression_list_names_by_now(
    hannah: Member, amara: Person, phoneless: Person
) -> None:
    mailing = written(hannah, channels=["email"])
    mailing.deliveries.update(state="bounced")
    consent.opt_out(hannah.organization, "email", amara.email, source="unsubscribe", said="")
    assert mailings.retry_failed(mailing) == 1
    assert [state for *_, state in ways_to(amara)] == ["bounced"]
    assert [state for *_, state in ways_to(phoneless)] == ["queued"]
