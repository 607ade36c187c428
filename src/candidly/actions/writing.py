"""Write outgoing messages with everything that belongs to one: conversation, participation, reply address, delivery.

One message to one person and five hundred of a mailing take the same path, so that they are the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from candidly.models import (
    Conversation,
    Delivery,
    Mailing,
    Member,
    Message,
    Participation,
    Person,
    ReplyAddress,
)
from candidly.rules import mail_identity

CHANNEL = "email"
SNIPPET_LENGTH = 160
NEWEST = ("last_message_at", "last_direction", "last_channel", "snippet", "has_failure")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, and where. `conversation` may be new: then it is saved with the message."""

    conversation: Conversation
    sender: Member
    subject: str
    text: str
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    mailing: Mailing | None = None
    send_key: str = ""


def write(drafts: Sequence[Draft]) -> list[Message]:
    """Save the drafts' messages, in their order, and queue their deliveries; the caller holds the transaction.

    The number of queries does not grow with the number of drafts.
    """
    now = timezone.now()
    _save_conversations(drafts, now)
    messages = Message.objects.bulk_create([_message(draft, now) for draft in drafts])
    _join_senders(drafts, messages, now)
    _give_reply_addresses([draft.conversation for draft in drafts])
    Delivery.objects.bulk_create([_delivery(draft, message) for draft, message in zip(drafts, messages, strict=True)])
    people = {draft.conversation.person_id for draft in drafts}
    Person.objects.filter(pk__in=people).update(last_message_at=now, last_channel=CHANNEL)
    return messages


def snippet_of(text: str) -> str:
    """The beginning of a text in one line, for lists."""
    return " ".join(text[: SNIPPET_LENGTH * 4].split())[:SNIPPET_LENGTH]


def _save_conversations(drafts: Sequence[Draft], now: datetime) -> None:
    for draft in drafts:
        conversation = draft.conversation
        conversation.last_message_at = now
        conversation.last_direction = Message.Direction.OUT
        conversation.last_channel = CHANNEL
        conversation.snippet = snippet_of(draft.text)
        conversation.has_failure = False
    conversations = [draft.conversation for draft in drafts]
    known = [conversation for conversation in conversations if conversation.pk]
    Conversation.objects.bulk_create([conversation for conversation in conversations if not conversation.pk])
    if known:
        Conversation.objects.bulk_update(known, NEWEST)


def _message(draft: Draft, now: datetime) -> Message:
    return Message(
        organization_id=draft.conversation.organization_id,
        conversation=draft.conversation,
        mailing=draft.mailing,
        direction=Message.Direction.OUT,
        channel=CHANNEL,
        member=draft.sender,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        from_address=draft.sender.email,
        rfc_message_id=mail_identity.new_message_id(),
        in_reply_to=draft.in_reply_to,
        references=" ".join(draft.references),
        send_key=draft.send_key,
        created_at=now,
    )


def _join_senders(drafts: Sequence[Draft], messages: Sequence[Message], now: datetime) -> None:
    """The sender takes part and has read what they wrote; everyone else's inbox gets the new time."""
    Participation.objects.bulk_create(
        [
            Participation(
                conversation=draft.conversation,
                member=draft.sender,
                role=_role(draft),
                read_up_to=message.pk,
                last_message_at=now,
            )
            for draft, message in zip(drafts, messages, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["conversation", "member"],
        update_fields=["read_up_to", "is_unread", "archived_at", "last_message_at"],
    )
    Participation.objects.filter(
        conversation__in=[draft.conversation.pk for draft in drafts],
        last_message_at__lt=now,
    ).update(last_message_at=now, archived_at=None)


def _role(draft: Draft) -> str:
    is_owner = draft.conversation.owner_id == draft.sender.pk
    return Participation.Role.OWNER if is_owner else Participation.Role.FOLLOWER


def _give_reply_addresses(conversations: Sequence[Conversation]) -> None:
    """Each person keeps one address a conversation: the existing one stands."""
    ReplyAddress.objects.bulk_create(
        [
            ReplyAddress(
                organization_id=conversation.organization_id,
                conversation=conversation,
                person_id=conversation.person_id,
                token=mail_identity.new_token(),
            )
            for conversation in conversations
        ],
        ignore_conflicts=True,
    )


def _delivery(draft: Draft, message: Message) -> Delivery:
    return Delivery(
        organization_id=message.organization_id,
        message=message,
        mailing=draft.mailing,
        channel=CHANNEL,
        address=draft.conversation.person.email,
    )
