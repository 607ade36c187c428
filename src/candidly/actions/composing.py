"""What pressing Send does: the message goes at once, in a few seconds, or at the time that was chosen."""

from datetime import datetime
from typing import Any

from django.db import transaction

from candidly.actions import conversations, drafts, scheduled
from candidly.actions.scheduled import Words
from candidly.models import Application, Conversation, Member, Message, Person, ScheduledMessage


@transaction.atomic
def send(
    member: Member,
    person: Person,
    words: Words,
    *,
    conversation: Conversation | None = None,
    application: Application | None = None,
    due_at: datetime | None = None,
) -> Message | ScheduledMessage:
    """Send it, or let it wait for `due_at` or for the member's time to undo. The draft of it has done its work.

    Raises Refused, as the action does that it comes to; then the draft stays.
    """
    until = due_at or scheduled.undo_until(member)
    sent: Message | ScheduledMessage
    if until:
        place: dict[str, Any] = {"conversation": conversation, "application": application}
        sent = scheduled.send_later(member, person, words, due_at=until, is_chosen=due_at is not None, **place)
    elif conversation:
        sent = conversations.answer(member, conversation, **_said(words), seen=words.seen)
    else:
        sent = conversations.start(member, person, application=application, **_said(words))
    drafts.discard(member, drafts.Place(conversation, person))
    return sent


def _said(words: Words) -> dict[str, Any]:
    names = ("text", "html", "subject", "channels", "attachments", "remind_days", "send_key")
    return {name: getattr(words, name) for name in names}
