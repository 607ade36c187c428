"""Remind a member where nobody answered: in so many days from the real sending, unless a person answers first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from candidly.actions import live, notices
from candidly.actions.alerts import conversation_url
from candidly.actions.errors import Refused
from candidly.actions.writing import snippet_of
from candidly.config import config
from candidly.models import Conversation, Delivery, Member, Message, Notice, Reminder, clock
from candidly.rules.zones import days_after, zone

State = Reminder.State
OPEN = (State.WAITING, State.DUE)
LONGEST = 365
ENOUGH = 100


def remind(member: Member, message: Message, days: int) -> Reminder:
    """Tell the member in `days` days if nobody has answered `message` by then. Raises Refused for an odd number."""
    if not 1 <= days <= LONGEST:
        raise Refused(f"Choose between 1 and {LONGEST} days for the reminder.", field="remind_days")
    return Reminder.objects.create(
        organization_id=message.organization_id,
        member=member,
        conversation_id=message.conversation_id,
        message=message,
        days=days,
        due_at=days_after(message.created_at, days, zone(member.time_zone)),
    )


def answered(conversation: Conversation) -> None:
    """A person said something: whoever waited for that need not be reminded."""
    _end(conversation.reminders.filter(state__in=OPEN), State.ANSWERED)


@transaction.atomic
def finish(reminder: Reminder) -> bool:
    """The member has dealt with it, or wants it no more; False when it had ended already."""
    return bool(_end(Reminder.objects.filter(pk=reminder.pk, state__in=OPEN), State.DONE))


@transaction.atomic
def reopen(reminder: Reminder) -> bool:
    """It was not done after all; False when it was not marked so (any more)."""
    state = State.DUE if reminder.due_at <= clock.now() else State.WAITING
    done = Reminder.objects.filter(pk=reminder.pk, state=State.DONE)
    if not done.update(state=state, ended_at=None):
        return False
    live.publish(f"member:{reminder.member_id}", "reminders")
    return True


def _end(reminders: QuerySet[Reminder], state: str) -> int:
    members = list(reminders.order_by().values_list("member", flat=True).distinct())
    if not members:
        return 0
    ended = reminders.update(state=state, ended_at=clock.now())
    live.publish_all(*((f"member:{member}", "reminders") for member in members))
    return ended


def fall_due() -> bool:
    """Tell the members whose reminders are due; those whose message went later than was thought wait on."""
    now = clock.now()
    waiting = Reminder.objects.filter(state=State.WAITING, due_at__lte=now)
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return False
    with transaction.atomic():
        rows = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("due_at")
        due = list(rows.select_related("member__user", "conversation__person", "organization", "message")[:ENOUGH])
        for reminder in due:
            _remind_or_wait(reminder, now)
    return True


def _remind_or_wait(reminder: Reminder, now: datetime) -> None:
    gone = reminder.message.deliveries.aggregate(last=Max("sent_at"))["last"]
    at = _counted_from(gone, reminder, now)
    waiting = Reminder.objects.filter(pk=reminder.pk, state=State.WAITING)
    if at > now:
        waiting.update(due_at=at)
    elif waiting.update(state=State.DUE):
        _tell(reminder, gone)


def _counted_from(gone: datetime | None, reminder: Reminder, now: datetime) -> datetime:
    """When it is due by when the message really went. What may go yet is asked about again tomorrow; what failed for
    good needs somebody now."""
    if gone:
        return days_after(gone, reminder.days, zone(reminder.member.time_zone))
    may_go = reminder.message.deliveries.filter(state__in=Delivery.OPEN).exists()
    return now + timedelta(days=1) if may_go else now


def _tell(reminder: Reminder, gone: datetime | None) -> None:
    """In every open page of the member, and by mail, whatever alerts they want: they asked for this one."""
    live.publish(f"member:{reminder.member_id}", "reminders")
    live.publish(f"member:{reminder.member_id}", "due", reminder=reminder.pk)
    if not reminder.member.user.is_active:
        return
    person = reminder.conversation.person.full_name
    notices.enqueue(
        kind=Notice.Kind.REMINDER,
        organization=reminder.organization,
        user=reminder.member.user,
        conversation=reminder.conversation,
        to_address=reminder.member.email,
        subject=f"No answer from {person} yet" if gone else f"Not delivered to {person}",
        text=WORDS.format(
            what=_what(reminder, person, gone),
            said=snippet_of(reminder.message.text),
            conversation=conversation_url(reminder.conversation),
            reminders=f"{config().base_url}/reminders/",
        ),
    )


def _what(reminder: Reminder, person: str, gone: datetime | None) -> str:
    if not gone:
        return f"Your message to {person} was not delivered, so no answer can come. Look at it, and send it again."
    days = "a day" if reminder.days == 1 else f"{reminder.days} days"
    return f"You wrote to {person} {days} ago and asked to be reminded if no answer came. None has come."


WORDS = """\
{what}

You wrote: {said}

Open the conversation: {conversation}
All your reminders: {reminders}
"""
