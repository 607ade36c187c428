"""Remind a member where nobody answered: in so many days from the real sending, unless a person answers first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from candidly.actions import live, notices
from candidly.actions.errors import Refused
from candidly.config import config
from candidly.models import Conversation, Member, Message, Notice, Reminder, clock

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
        due_at=message.created_at + timedelta(days=days),
    )


def answered(conversation: Conversation) -> None:
    """A person said something: whoever waited for that need not be reminded."""
    _end(conversation.reminders.filter(state__in=OPEN), State.ANSWERED)


@transaction.atomic
def finish(reminder: Reminder) -> bool:
    """The member has dealt with it, or wants it no more; False when it had ended already."""
    return bool(_end(Reminder.objects.filter(pk=reminder.pk, state__in=OPEN), State.DONE))


def _end(reminders, state: str) -> int:  # type: ignore[no-untyped-def]
    members = list(reminders.values_list("member", flat=True).distinct())
    if not members:
        return 0
    ended: int = reminders.update(state=state, ended_at=clock.now())
    for member in members:
        live.publish(f"member:{member}", "reminders")
    return ended


def fall_due() -> bool:
    """Tell the members whose reminders are due; those whose message went later than was thought wait on."""
    now = clock.now()
    waiting = Reminder.objects.filter(state=State.WAITING, due_at__lte=now)
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return False
    with transaction.atomic():
        rows = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("due_at")
        due = list(rows.select_related("member__user", "conversation__person", "organization")[:ENOUGH])
        for reminder in due:
            _remind_or_wait(reminder, now)
    return True


def _remind_or_wait(reminder: Reminder, now: datetime) -> None:
    at = _counted_from_sending(reminder, now)
    if at > now:
        Reminder.objects.filter(pk=reminder.pk).update(due_at=at)
    elif Reminder.objects.filter(pk=reminder.pk, state=State.WAITING).update(state=State.DUE):
        _tell(reminder)


def _counted_from_sending(reminder: Reminder, now: datetime) -> datetime:
    """When it is due by when the message really went; what has not gone yet is asked about again tomorrow."""
    gone = reminder.message.deliveries.aggregate(last=Max("sent_at"))["last"]
    return gone + timedelta(days=reminder.days) if gone else now + timedelta(days=1)


def _tell(reminder: Reminder) -> None:
    person = reminder.conversation.person.full_name
    days = "a day" if reminder.days == 1 else f"{reminder.days} days"
    live.publish(f"member:{reminder.member_id}", "reminders")
    notices.enqueue(
        kind=Notice.Kind.REMINDER,
        organization=reminder.organization,
        user=reminder.member.user,
        conversation=reminder.conversation,
        to_address=reminder.member.email,
        subject=f"No answer from {person} yet",
        text=f"You wrote to {person} {days} ago and asked to be reminded if no answer came. None has come.\n\n"
        f"Open the conversation: {config().base_url}/conversations/{reminder.conversation_id}/",
    )
