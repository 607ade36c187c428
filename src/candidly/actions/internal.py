"""Add to a conversation what stays with the team: it has no delivery, and nobody outside ever sees it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from candidly.actions import live
from candidly.actions.writing import snippet_of
from candidly.models import Conversation, Member, Message, Participation, Unindexed, clock

Role = Participation.Role


def add(
    conversation: Conversation, member: Member, channel: str, text: str, *, snippet: str = "", **fields: Any
) -> Message:
    """Append it as the member's; the caller holds the transaction. `fields` are those of Message, `snippet` is what
    lists show where that is not the text's beginning.

    It is the newest line of lists, and no answer: whose turn it is, and what is unread or archived, stays.
    """
    message = _append(conversation, member, channel, text, **fields)
    Unindexed.objects.create(message=message)
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=message.created_at,
        last_direction=message.direction,
        last_channel=channel,
        snippet=snippet_of(snippet or text),
    )
    conversation.participations.update(last_message_at=message.created_at)
    _follow(conversation, member, message)
    _tell(conversation)
    return message


def remark(conversation: Conversation, member: Member, text: str, about: Collection[Member] = ()) -> Message:
    """Append what happened to the conversation itself. It moves nothing in lists, and search need not find it."""
    message = _append(conversation, member, "event", text)
    message.mentions.set(about)
    live.publish(f"conversation:{conversation.pk}", "conversation")
    return message


def bring_in(conversation: Conversation, member: Member, message: Message, role: str = "") -> None:
    """The member takes part from now on, has `message` unread, and finds the conversation at the top of the inbox.

    Without a `role` they follow, or go on as they were.
    """
    news: dict[str, object] = {
        "is_unread": True,
        "archived_at": None,
        "snoozed_until": None,
        "last_message_at": message.created_at,
    }
    if role:
        news["role"] = role
    beginning = {"role": Role.FOLLOWER, "read_up_to": message.pk - 1, "is_waiting": _is_waiting(conversation), **news}
    conversation.participations.update_or_create(member=member, defaults=news, create_defaults=beginning)
    live.publish(f"member:{member.pk}", "inbox")


def _append(conversation: Conversation, member: Member, channel: str, text: str, **fields: Any) -> Message:
    return Message.objects.create(
        organization_id=conversation.organization_id,
        conversation=conversation,
        direction=Message.Direction.OWN,
        channel=channel,
        member=member,
        text=text,
        created_at=clock.now(),
        **fields,
    )


def _follow(conversation: Conversation, member: Member, message: Message) -> None:
    """Whoever adds something takes part, and has read what they added, unless there was something before it."""
    mine, is_new = conversation.participations.get_or_create(
        member=member, defaults=_beginning(conversation, message.created_at)
    )
    if is_new or not mine.is_unread:
        Participation.objects.filter(pk=mine.pk, read_up_to__lt=message.pk).update(read_up_to=message.pk)


def _beginning(conversation: Conversation, at: datetime) -> dict[str, object]:
    return {"role": Role.FOLLOWER, "last_message_at": at, "is_waiting": _is_waiting(conversation)}


def _is_waiting(conversation: Conversation) -> bool:
    """Whether the person waits on us: all who take part say the same of it."""
    return conversation.participations.filter(is_waiting=True).exists()


def _tell(conversation: Conversation) -> None:
    members = conversation.participations.values_list("member", flat=True)
    live.publish_all(
        (f"conversation:{conversation.pk}", "conversation"), *((f"member:{member}", "inbox") for member in members)
    )
