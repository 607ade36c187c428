"""Messages that wait: for the time that a member chose, or a few seconds so that they can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from candidly.actions import conversations, live, notices
from candidly.actions.errors import Refused
from candidly.actions.mailboxes import connect_url
from candidly.config import config
from candidly.models import (
    Application,
    Attachment,
    Conversation,
    KeptDraft,
    Member,
    Message,
    Notice,
    Person,
    ScheduledMessage,
    clock,
)
from candidly.rules import access
from candidly.rules.restored import not_held

State = ScheduledMessage.State
TOO_LATE = "It has gone already, so it can no longer be changed."
ENOUGH = 50
#: Those that have not gone, and still can.
KEPT = (State.WAITING, State.FAILED, State.HELD)


@dataclass(frozen=True, slots=True)
class Words:
    """What a member wrote and how it is to go. `remind_days` is None where no reminder was asked for, `seen` as in
    `conversations.answer`."""

    text: str
    subject: str = ""
    html: str = ""
    channels: Sequence[str] = ("email",)
    attachments: Sequence[Attachment] = ()
    remind_days: int | None = None
    send_key: str = ""
    seen: int | None = None


def send_later(
    member: Member,
    person: Person,
    words: Words,
    *,
    due_at: datetime,
    conversation: Conversation | None = None,
    application: Application | None = None,
    is_chosen: bool = True,
) -> ScheduledMessage:
    """Keep it until `due_at`; without a conversation it begins one then. Raises Refused for what would be refused now,
    for a time that is past, and for a reminder where the organization wants none on scheduled messages.

    A `send_key` seen before returns what it scheduled then.
    """
    _check(member, person, words, conversation)
    conversations.check_mailbox(member, words.channels)
    if is_chosen:
        _check_time(member, due_at, words.remind_days)
    row = ScheduledMessage(
        organization_id=member.organization_id,
        member=member,
        person=person,
        conversation=conversation,
        application=application,
        due_at=due_at,
        is_chosen=is_chosen,
        send_key=words.send_key,
        **_fields(words),
    )
    try:
        with transaction.atomic():
            return _kept_before(row) or _keep(row, words)
    except IntegrityError:  # the other click committed while ours was writing
        if kept := _kept_before(row):
            return kept
        raise


def _keep(row: ScheduledMessage, words: Words) -> ScheduledMessage:
    if row.conversation:
        conversations.refuse_if_stale(row.member, row.conversation, words.seen)
    row.save()
    _attach(row, words.attachments)
    _tell(row)
    return row


def _check(member: Member, person: Person, words: Words, conversation: Conversation | None) -> None:
    said: dict[str, Any] = {"text": words.text, "channels": words.channels, "attachments": words.attachments}
    if conversation:
        conversations.check_answer(member, conversation, **said)
    else:
        conversations.check_start(member, person, subject=words.subject, **said)


def _check_time(member: Member, due_at: datetime, remind_days: int | None) -> None:
    if due_at <= clock.now():
        raise Refused("That time is past. Choose a later one, or send it now.", field="due_at")
    if remind_days is not None and not member.organization.reminders_on_scheduled:
        raise Refused(
            "Your organization does not use reminders on scheduled messages. Take the reminder off, or send it now.",
            field="remind_days",
        )


def _kept_before(row: ScheduledMessage) -> ScheduledMessage | None:
    if not row.send_key:
        return None
    return ScheduledMessage.objects.filter(organization=row.organization_id, send_key=row.send_key).first()


def _fields(words: Words) -> dict[str, Any]:
    return {
        "channels": list(words.channels),
        "subject": words.subject.strip()[:998],
        "text": words.text,
        "html": words.html,
        "remind_days": words.remind_days,
    }


def _attach(scheduled: ScheduledMessage, attachments: Sequence[Attachment]) -> None:
    wanted = [attachment.pk for attachment in attachments]
    scheduled.attachments.exclude(pk__in=wanted).update(scheduled=None)
    Attachment.objects.filter(pk__in=wanted, message=None).update(scheduled=scheduled, draft=None)


def _tell(scheduled: ScheduledMessage) -> None:
    if scheduled.conversation_id:
        live.publish(f"conversation:{scheduled.conversation_id}", "conversation")
    live.publish(f"member:{scheduled.member_id}", "inbox")


@transaction.atomic
def change(scheduled: ScheduledMessage, words: Words, *, due_at: datetime) -> None:
    """New words, and a new time. What was not sent waits again. Raises Refused when it has gone, and as `send_later`
    does."""
    _check(scheduled.member, scheduled.person, words, scheduled.conversation)
    _check_time(scheduled.member, due_at, words.remind_days)
    kept = ScheduledMessage.objects.filter(pk=scheduled.pk, state__in=KEPT)
    if not kept.update(due_at=due_at, is_chosen=True, state=State.WAITING, reason="", **_fields(words)):
        raise Refused(TOO_LATE)
    _attach(scheduled, words.attachments)
    _tell(scheduled)


@transaction.atomic
def cancel(member: Member, scheduled: ScheduledMessage) -> KeptDraft:
    """It does not go. The writer gets the words back as a draft, before what they have begun there since.

    Raises Refused when it has gone, and when somebody else is just sending it: only they see where it went.
    """
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to write to candidates.")
    if scheduled.member_id != member.pk and scheduled.state == State.WAITING and not scheduled.is_chosen:
        raise Refused(f"Only {scheduled.member.name} can undo this.")
    kept = ScheduledMessage.objects.filter(pk=scheduled.pk, state__in=KEPT)
    if not kept.update(state=State.CANCELLED, send_key=""):  # the same form may be sent again
        raise Refused(TOO_LATE)
    _tell(scheduled)
    return _give_back(scheduled)


def _give_back(scheduled: ScheduledMessage) -> KeptDraft:
    place: dict[str, Any] = (
        {"conversation": scheduled.conversation} if scheduled.conversation_id else {"person": scheduled.person}
    )
    names = ("subject", "text", "channels", "remind_days")
    fields = {name: getattr(scheduled, name) for name in names} | {"application": scheduled.application_id}
    draft, is_new = KeptDraft.objects.get_or_create(member=scheduled.member, **place, defaults={"fields": fields})
    if not is_new:
        begun = draft.fields.get("text", "")
        draft.fields = {**draft.fields, "text": "\n\n".join(text for text in (scheduled.text, begun) if text)}
        draft.updated_at = clock.now()
        draft.save(update_fields=["fields", "updated_at"])
    scheduled.attachments.update(draft=draft, scheduled=None)
    return draft


@transaction.atomic
def send_now(scheduled: ScheduledMessage) -> Message:
    """Do not wait any longer; try again what was not sent. Raises Refused when it has gone, or may not go any more."""
    again = ScheduledMessage.objects.filter(pk=scheduled.pk, state__in=(State.FAILED, State.HELD))
    again.update(state=State.WAITING, reason="")
    message = _send(scheduled, clock.now())
    if message is None:
        raise Refused(TOO_LATE)
    return message


def send_due() -> bool:
    """Send what is due; what may no longer be sent is kept with the reason, and its writer told."""
    now = clock.now()
    due = not_held(ScheduledMessage.objects.filter(state=State.WAITING, due_at__lte=now))
    rows = due.select_related("member__user", "member__organization", "person", "conversation__person", "application")
    waiting = list(rows.order_by("due_at", "pk")[:ENOUGH])
    for scheduled in waiting:
        try:
            _send(scheduled, now)
        except Refused as refusal:
            (_hold if refusal.field == "mailbox" else _fail)(scheduled, str(refusal))
    return bool(waiting)


@transaction.atomic
def _send(scheduled: ScheduledMessage, now: datetime) -> Message | None:
    """None when it has gone meanwhile, was cancelled, or put off."""
    mine = ScheduledMessage.objects.filter(pk=scheduled.pk, state=State.WAITING, due_at=scheduled.due_at)
    if not mine.update(state=State.SENT):
        return None
    message = _say(scheduled)
    ScheduledMessage.objects.filter(pk=scheduled.pk).update(message=message, conversation=message.conversation)
    return message


def _say(scheduled: ScheduledMessage) -> Message:
    said: dict[str, Any] = {
        "text": scheduled.text,
        "html": scheduled.html,
        "subject": scheduled.subject,
        "channels": scheduled.channels,
        "attachments": list(scheduled.attachments.all()),
        "remind_days": scheduled.remind_days,
        "send_key": scheduled.send_key,
    }
    if scheduled.conversation:
        return conversations.answer(scheduled.member, scheduled.conversation, **said)
    return conversations.start(scheduled.member, scheduled.person, application=scheduled.application, **said)


@transaction.atomic
def _fail(scheduled: ScheduledMessage, reason: str) -> None:
    """What may no longer be sent is kept."""
    if _ends(scheduled, State.FAILED, reason):
        _write(
            scheduled,
            f"Not sent to {scheduled.person.full_name}: {scheduled.subject}",
            f"Your message to {scheduled.person.full_name} was to go now and was not sent. {reason}\n\n"
            f"It is kept here: {config().base_url}/candidates/{scheduled.person_id}/",
        )


@transaction.atomic
def _hold(scheduled: ScheduledMessage, reason: str) -> None:
    """What has no mailbox to go by waits until there is one."""
    if _ends(scheduled, State.HELD, reason):
        _write(
            scheduled,
            f"Held: your message to {scheduled.person.full_name}",
            f"Your message to {scheduled.person.full_name} was to go now. {reason}\n\nIt is held, and goes as soon as "
            f"your mailbox is connected: {connect_url()}",
        )


def _ends(scheduled: ScheduledMessage, state: State, reason: str) -> bool:
    """False when it waits no more: it has gone meanwhile, or was cancelled."""
    waiting = ScheduledMessage.objects.filter(pk=scheduled.pk, state=State.WAITING)
    if not waiting.update(state=state, reason=reason[:500]):
        return False
    _tell(scheduled)
    return True


def _write(scheduled: ScheduledMessage, subject: str, text: str) -> None:
    """To its writer."""
    member = scheduled.member
    notices.enqueue(
        kind=Notice.Kind.NOT_SENT,
        organization=member.organization,
        user=member.user,
        to_address=member.email,
        subject=subject[:300],
        text=text,
    )


def undo_until(member: Member) -> datetime | None:
    """When a message that the member sends now is to leave; None when it leaves at once."""
    return clock.now() + timedelta(seconds=member.undo_seconds) if member.undo_seconds else None
