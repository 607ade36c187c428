"""The last look before a message leaves."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidly.actions import (
    consent,
    conversations,
    deliveries,
    fan_out,
    hand_off,
    mailings,
    notices,
    organizations,
    people,
)
from candidly.envelope import Failed, TemporaryFailure
from candidly.models import Delivery, Gateway, Mailing, Member, Notice, Organization, Person, clock
from candidly.worker.sending import LEASE

pytestmark = pytest.mark.django_db

MIDNIGHT = "2026-01-16T00:30:00+00:00"
MORNING = "2026-01-16T09:00:00+00:00"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the clock that all share, which on PostgreSQL is not this machine's."""

    def set_to(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(moment))

    return set_to


def claimed(channel: str) -> list[int]:
    return deliveries.claim("w1", 500, LEASE, channel)


def texted(hannah: Member, person: Person) -> Delivery:
    return conversations.start(hannah, person, subject="Hi", text="Hello", channels=["sms"]).deliveries.get()


def test_what_waited_when_the_person_said_stop_does_not_leave(
    hannah: Member, amara: Person, northlane: Organization
) -> None:
    delivery = texted(hannah, amara)
    consent.opt_out(northlane, "sms", amara.phone, source="text", said="STOP")
    assert hand_off.allowed("sms", claimed("sms")) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.leased_by, delivery.lease_until) == ("suppressed", "", None)
    assert delivery.reason == "Not sent: the address is on the suppression list. Answered “STOP” by text message."


@pytest.mark.parametrize("email", ["Amara@Mail.example", "amara@bücher.example"])
def test_a_mail_address_is_known_however_it_is_spelled(
    email: str, hannah: Member, amara: Person, northlane: Organization
) -> None:
    people_with = Person.objects.filter(pk=amara.pk)
    people_with.update(private_email=email)
    delivery = conversations.start(hannah, people_with.get(), subject="Hi", text="Hello").deliveries.get()
    consent.suppress(northlane, "email", email.upper(), cause="bounced", reason="There is no such mailbox.")
    assert hand_off.allowed("email", claimed("email")) == []
    delivery.refresh_from_db()
    assert delivery.state == "suppressed"


def test_another_organization_or_channel_or_purpose_keeps_nothing_back(
    hannah: Member, amara: Person, harbour: Organization, northlane: Organization
) -> None:
    conversations.start(hannah, amara, subject="Hi", text="Hello", channels=["email"])
    consent.opt_out(harbour, "email", amara.email, source="mail")
    consent.opt_out(northlane, "sms", amara.phone, source="portal")
    consent.opt_out(northlane, "email", amara.email, source="portal", purpose="campaign")
    assert len(hand_off.allowed("email", claimed("email"))) == 1


def test_our_own_members_hear_from_us_whatever_the_list_says(hannah: Member, northlane: Organization) -> None:
    consent.suppress(northlane, "email", hannah.email, cause="by_hand", reason="By mistake.")
    notices.enqueue(
        kind=Notice.Kind.ACCOUNT,
        to_address=hannah.email,
        subject="Password",
        text="…",
        organization=northlane,
        user=hannah.user,
    )
    assert len(hand_off.allowed("email", claimed("email"))) == 1


def test_two_hundred_mails_cost_one_query(hannah: Member, northlane: Organization) -> None:
    keys = [
        people.add_candidate(northlane, first_name="A", last_name=str(n), private_email=f"a{n}@mail.example").pk
        for n in range(200)
    ]
    fan_out.fan_out(mailings.send(hannah, mailings.Order(subject="Hi", body="Hi", audience={"ids": keys})))
    batch = claimed("email")
    assert len(batch) == 200
    with CaptureQueriesContext(connection) as asked:
        assert len(hand_off.allowed("email", batch)) == 200
    assert len(asked) == 1


def test_suppressed_mails_of_a_mailing_do_not_keep_it_open(
    hannah: Member, amara: Person, northlane: Organization
) -> None:
    mailing = mailings.send(hannah, mailings.Order(subject="Hi", body="Hi", audience={"ids": [amara.pk]}))
    fan_out.fan_out(mailing)
    consent.opt_out(northlane, "email", amara.email, source="mail")
    assert hand_off.allowed("email", claimed("email")) == []
    assert Delivery.objects.get(mailing=mailing).state == "suppressed"
    assert not Delivery.objects.waiting().exists()
    assert Mailing.objects.get(pk=mailing.pk).state == "sending"


def test_a_text_at_night_waits_for_the_morning_and_that_is_no_attempt(
    hannah: Member, amara: Person, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    delivery = texted(hannah, amara)
    assert hand_off.allowed("sms", claimed("sms")) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    assert delivery.due_at.isoformat() == "2026-01-16T08:00:00+00:00"
    assert delivery.reason == "Waits until 08:00, the person’s local time."
    assert claimed("sms") == []
    at(MORNING)
    assert hand_off.allowed("sms", claimed("sms")) == [delivery.pk]


def test_it_is_the_persons_night_that_counts(hannah: Member, amara: Person, at: Callable[[str], None]) -> None:
    Person.objects.update(time_zone="Australia/Sydney")
    at(MORNING)  # 20:00 in Sydney
    assert len(hand_off.allowed("sms", claimed_of(texted(hannah, amara)))) == 1
    at("2026-01-16T11:00:00+00:00")
    late = texted(hannah, amara)
    assert hand_off.allowed("sms", claimed_of(late)) == []
    late.refresh_from_db()
    assert late.due_at.isoformat() == "2026-01-16T21:00:00+00:00"
    assert "08:00" in late.reason


def claimed_of(delivery: Delivery) -> list[int]:
    keys = claimed("sms")
    assert delivery.pk in keys
    return [delivery.pk]


def test_where_the_persons_zone_is_not_known_the_organizations_counts(
    hannah: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    Person.objects.update(time_zone="")
    Organization.objects.filter(pk=northlane.pk).update(time_zone="America/New_York")
    at(MORNING)  # 04:00 in New York
    delivery = texted(hannah, amara)
    assert hand_off.allowed("sms", claimed("sms")) == []
    delivery.refresh_from_db()
    assert delivery.due_at.isoformat() == "2026-01-16T13:00:00+00:00"


def test_other_quiet_hours_release_what_waited_for_the_old_ones(
    hannah: Member, sofia: Member, amara: Person, kwame: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    Person.objects.filter(pk=kwame.pk).update(time_zone="Europe/Helsinki", phone="+358401234567")
    kwame.refresh_from_db()
    at(MIDNIGHT)  # 02:30 in Helsinki
    early, late = texted(hannah, amara), texted(hannah, kwame)
    assert hand_off.allowed("sms", claimed("sms")) == []
    organizations.change(northlane, by=sofia, quiet_from=time(1), quiet_until=time(6))
    early.refresh_from_db()
    assert (early.due_at, early.reason) == (clock.now(), "")
    assert hand_off.allowed("sms", claimed("sms")) == [early.pk]
    late.refresh_from_db()
    assert late.due_at.isoformat() == "2026-01-16T04:00:00+00:00"
    assert late.reason == "Waits until 06:00, the person’s local time."


def test_other_quiet_hours_leave_other_waiting_alone(
    hannah: Member,
    sofia: Member,
    omar: Member,
    amara: Person,
    leila: Person,
    northlane: Organization,
    at: Callable[[str], None],
) -> None:
    at(MIDNIGHT)
    Person.objects.filter(pk=leila.pk).update(phone="+447700900102")
    leila.refresh_from_db()
    theirs = texted(omar, leila)
    assert hand_off.allowed("sms", claimed("sms")) == []
    theirs.refresh_from_db()
    chosen, tried = texted(hannah, amara), texted(hannah, amara)
    later = clock.now() + timedelta(hours=3)
    Delivery.objects.filter(pk=chosen.pk).update(due_at=later)
    Delivery.objects.filter(pk=tried.pk).update(due_at=later, attempts=1, reason="Too many texts at once.")
    organizations.change(northlane, by=sofia, quiet_from=time(0), quiet_until=time(0))
    dues = dict(Delivery.objects.values_list("pk", "due_at"))
    assert dues == {theirs.pk: theirs.due_at, chosen.pk: later, tried.pk: later}


def test_what_quiet_hours_put_off_is_known_whatever_its_reason_says(
    hannah: Member, sofia: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    kept, chosen = texted(hannah, amara), texted(hannah, amara)
    later = datetime.fromisoformat(MORNING)
    Delivery.objects.filter(pk=chosen.pk).update(due_at=later)
    assert hand_off.allowed("sms", claimed("sms")) == []
    Delivery.objects.filter(pk=kept.pk).update(reason="Wartet bis 08:00 Uhr.")
    Delivery.objects.filter(pk=chosen.pk).update(reason="Waits until 08:00, the person’s local time.")
    organizations.change(northlane, by=sofia, quiet_from=time(0), quiet_until=time(0))
    assert dict(Delivery.objects.values_list("pk", "due_at")) == {kept.pk: clock.now(), chosen.pk: later}


def test_what_was_put_off_once_and_failed_since_waits_for_its_next_attempt(
    hannah: Member, sofia: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    delivery = texted(hannah, amara)
    assert hand_off.allowed("sms", claimed("sms")) == []
    at(MORNING)
    assert claimed("sms") == [delivery.pk]
    deliveries.record("w1", [Failed(delivery.pk, TemporaryFailure("Too many texts at once."))], "sms")
    delivery.refresh_from_db()
    organizations.change(northlane, by=sofia, quiet_from=time(0), quiet_until=time(0))
    assert Delivery.objects.get().due_at == delivery.due_at > clock.now()


def test_a_text_that_a_worker_puts_off_while_the_hours_change_waits_for_the_new_ones(
    hannah: Member, sofia: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    delivery = texted(hannah, amara)
    batch = claimed("sms")
    with once_looked_at(1, partial(organizations.change, northlane, by=sofia, quiet_until=time(6))):
        assert hand_off.allowed("sms", batch) == []
    delivery.refresh_from_db()
    assert delivery.due_at.isoformat() == "2026-01-16T06:00:00+00:00"
    assert delivery.reason == "Waits until 06:00, the person’s local time."


def test_a_text_goes_for_which_it_is_not_late_any_more_when_it_is_to_be_put_off(
    hannah: Member, sofia: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    delivery = texted(hannah, amara)
    batch = claimed("sms")
    with once_looked_at(1, partial(organizations.change, northlane, by=sofia, quiet_from=time(1))):
        assert hand_off.allowed("sms", batch) == [delivery.pk]


@pytest.mark.django_db(transaction=True)
def test_who_changes_the_hours_waits_for_a_text_that_is_being_put_off(
    hannah: Member, sofia: Member, amara: Person, northlane: Organization, at: Callable[[str], None]
) -> None:
    at(MIDNIGHT)
    delivery = texted(hannah, amara)
    batch = claimed("sms")

    def change() -> None:
        organizations.change(northlane, by=sofia, quiet_from=time(1))
        connection.close()

    elsewhere = Thread(target=change)

    def start_it_and_give_it_the_time_to_end_if_it_can() -> None:
        elsewhere.start()
        elsewhere.join(0.5)

    with once_looked_at(2, start_it_and_give_it_the_time_to_end_if_it_can):
        assert hand_off.allowed("sms", batch) == []
    elsewhere.join()
    delivery.refresh_from_db()
    assert (delivery.due_at, delivery.reason) == (clock.now(), "")


def once_looked_at(times: int, then: Callable[[], None]) -> AbstractContextManager[None]:
    """Does `then` as soon as the quiet hours have been read so many times: somebody else is at work, too."""
    reads = count(1)

    def ask(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if "JOIN" in sql and "quiet_from" in sql and next(reads) == times:  # by their deliveries
            then()
        return answer

    return connection.execute_wrapper(ask)


def test_mail_goes_at_any_hour(hannah: Member, amara: Person, at: Callable[[str], None]) -> None:
    at(MIDNIGHT)
    conversations.start(hannah, amara, subject="Hi", text="Hello")
    assert len(hand_off.allowed("email", claimed("email"))) == 1
    assert not Gateway.objects.exists()
