"""Reminders: counted from the real sending, ended by a person and by no machine."""

from datetime import UTC, datetime, timedelta

import pytest

from candidly.actions import conversations, deliveries, hearing, reminders, scheduled
from candidly.actions.errors import Refused
from candidly.envelope import Failed, PermanentFailure, Receipt
from candidly.models import Delivery, LiveEvent, Member, Message, Notice, Organization, Person, Reminder
from tests.actions.conftest import SetClock
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db

State = Reminder.State
#: A week before the clocks of Europe are put forward (29 March 2026).
MONDAY = datetime(2026, 3, 23, 9, 0, tzinfo=UTC)


def send_all() -> None:
    claimed = deliveries.claim("w1", 100, timedelta(minutes=5))
    deliveries.record("w1", [Receipt(pk) for pk in claimed])


def remind_in(days: int, person: Person, member: Member) -> Reminder:
    write_to(person, member, remind_days=days)
    send_all()
    return Reminder.objects.get()


def state() -> str:
    return Reminder.objects.get().state


def test_it_falls_due_after_the_days_and_says_so_live_and_by_mail(at: SetClock, hannah: Member, amara: Person) -> None:
    at(MONDAY)
    reminder = remind_in(3, amara, hannah)
    at(MONDAY + timedelta(days=3, seconds=-1))
    assert not reminders.fall_due()
    at(MONDAY + timedelta(days=3, seconds=1))
    assert reminders.fall_due()
    assert not reminders.fall_due()
    assert state() == State.DUE
    mail = Notice.objects.get(kind=Notice.Kind.REMINDER)
    assert (mail.to_address, mail.subject) == (hannah.email, "No answer from Amara Okafor yet")
    assert "You wrote: Hello" in mail.text
    due = LiveEvent.objects.get(topic=f"member:{hannah.pk}", name="due")
    assert due.data == {"reminder": reminder.pk}


def test_days_are_days_by_the_members_clock_when_it_is_put_forward(at: SetClock, hannah: Member, amara: Person) -> None:
    Member.objects.filter(pk=hannah.pk).update(time_zone="Europe/London")
    hannah.refresh_from_db()
    at(MONDAY)
    reminder = remind_in(7, amara, hannah)
    assert reminder.due_at == MONDAY + timedelta(days=7, hours=-1)  # 09:00 there again


def test_it_counts_from_when_the_mail_really_left(at: SetClock, hannah: Member, amara: Person) -> None:
    at(MONDAY)
    write_to(amara, hannah, remind_days=1)
    at(MONDAY + timedelta(days=1, hours=1))
    reminders.fall_due()
    assert state() == State.WAITING  # it has not left at all
    at(MONDAY + timedelta(days=1, hours=5))
    send_all()
    at(MONDAY + timedelta(days=2, hours=4))
    reminders.fall_due()
    assert state() == State.WAITING
    at(MONDAY + timedelta(days=2, hours=6))
    reminders.fall_due()
    assert state() == State.DUE


def test_what_was_never_delivered_is_said_at_once_and_not_waited_for(
    at: SetClock, hannah: Member, amara: Person
) -> None:
    at(MONDAY)
    write_to(amara, hannah, remind_days=1)
    claimed = deliveries.claim("w1", 100, timedelta(minutes=5))
    deliveries.record("w1", [Failed(pk, PermanentFailure("No such mailbox.")) for pk in claimed])
    at(MONDAY + timedelta(days=1, seconds=1))
    reminders.fall_due()
    assert state() == State.DUE
    assert Notice.objects.get(kind=Notice.Kind.REMINDER).subject == "Not delivered to Amara Okafor"


def test_on_a_scheduled_message_it_counts_from_the_sending_where_the_organization_wants_it(
    at: SetClock, hannah: Member, amara: Person
) -> None:
    at(MONDAY)
    words = scheduled.Words("Hello", subject="Later", remind_days=2)
    friday = MONDAY + timedelta(days=4)
    with pytest.raises(Refused, match="does not use reminders on scheduled messages"):
        scheduled.send_later(hannah, amara, words, due_at=friday)
    Organization.objects.update(reminders_on_scheduled=True)
    hannah.organization.refresh_from_db()
    scheduled.send_later(hannah, amara, words, due_at=friday)
    assert not Reminder.objects.exists()
    at(friday + timedelta(minutes=1))
    scheduled.send_due()
    send_all()
    assert Reminder.objects.get().due_at.date() == (friday + timedelta(days=2)).date()


def test_an_automatic_reply_ends_nothing_and_a_persons_mail_does(hannah: Member, amara: Person) -> None:
    reminder = remind_in(3, amara, hannah)
    hears_from(amara, reminder.conversation, "I am away", Auto_Submitted="auto-replied")
    assert state() == State.WAITING
    hears_from(amara, reminder.conversation, "Here I am")
    assert state() == State.ANSWERED


@pytest.mark.parametrize("channel", ["sms", "app"])
def test_an_answer_by_text_or_in_the_portal_ends_it(hannah: Member, amara: Person, channel: str) -> None:
    reminder = remind_in(3, amara, hannah)
    hearing.hear(reminder.conversation, hearing.Heard(channel, "Yes"))
    assert state() == State.ANSWERED
    assert LiveEvent.objects.filter(topic=f"member:{hannah.pk}", name="reminders").exists()


def test_what_we_say_ourselves_ends_nothing(hannah: Member, amara: Person) -> None:
    reminder = remind_in(3, amara, hannah)
    conversations.answer(hannah, reminder.conversation, text="And another thing")
    assert state() == State.WAITING


def test_done_and_not_done_after_all(at: SetClock, hannah: Member, amara: Person) -> None:
    at(MONDAY)
    reminder = remind_in(1, amara, hannah)
    assert reminders.finish(reminder)
    assert not reminders.finish(reminder)
    at(MONDAY + timedelta(days=2))
    assert not reminders.fall_due()
    assert reminders.reopen(reminder)
    assert not reminders.reopen(reminder)
    assert state() == State.DUE


def test_who_left_gets_no_mail(at: SetClock, hannah: Member, amara: Person) -> None:
    at(MONDAY)
    remind_in(1, amara, hannah)
    hannah.user.is_active = False
    hannah.user.save()
    at(MONDAY + timedelta(days=2))
    reminders.fall_due()
    assert state() == State.DUE
    assert not Notice.objects.filter(kind=Notice.Kind.REMINDER).exists()


def test_an_odd_number_of_days_is_refused_and_nothing_is_sent(hannah: Member, amara: Person) -> None:
    for days in (0, 366):
        with pytest.raises(Refused, match="between 1 and 365"):
            write_to(amara, hannah, remind_days=days)
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
