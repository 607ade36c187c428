"""Write outgoing messages with everything that belongs to one: conversation, participation, reply address, portal
link, a delivery for each channel.

One message to one person and five hundred of a mailing take the same path, so that they are the same rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from candidly.models import (
    Conversation,
    Delivery,
    Mailing,
    Member,
    Message,
    Participation,
    Person,
    PortalLink,
    ReplyAddress,
    Unindexed,
    clock,
)
from candidly.models.bulk import insert_rows, new_ids
from candidly.rules import mail_identity, own_mailboxes, portal_links
from candidly.rules.channels import Channel, chosen

SNIPPET_LENGTH = 160
NEWEST = ("last_message_at", "last_direction", "last_channel", "snippet", "has_failure")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, where, and by which channels. A new `conversation` is saved with the message.

    `addresses` are where it goes by channel, where that is not the person's usual one; `due_at` None means at once.
    """

    conversation: Conversation
    sender: Member
    subject: str
    text: str
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    mailing: Mailing | None = None
    send_key: str = ""
    channels: Sequence[str] = ("email",)
    addresses: Mapping[str, str] = MappingProxyType({})
    due_at: datetime | None = None

    @property
    def ways(self) -> list[Channel]:
        """Never empty."""
        return chosen(self.channels) or chosen(["email"])


def write(drafts: Sequence[Draft]) -> list[int]:
    """Save the drafts' messages and queue their deliveries; the caller holds the transaction.

    Returns the messages' ids, in the order of the drafts. The number of queries does not grow with theirs.
    """
    if not drafts:
        return []
    now = clock.now()
    numbered = list(zip(new_ids(Message, len(drafts)), drafts, strict=True))
    begun = [(pk, draft) for pk, draft in numbered if not draft.conversation.pk]
    continued = [(pk, draft) for pk, draft in numbered if draft.conversation.pk]
    for draft in drafts:
        _bring_up(draft, now)
    if begun:
        begin(begun)
    if continued:
        _go_on(continued, now)
    boxes = own_mailboxes.of_senders([draft.sender for draft in drafts])
    # As lists: a row that asked the database for a sender's address would wait for ever within PostgreSQL's COPY.
    insert_rows(Message, MESSAGE, [_message(pk, draft, now) for pk, draft in numbered])
    insert_rows(Delivery, DELIVERY, [row for pk, draft in numbered for row in _deliveries(pk, draft, now, boxes)])
    insert_rows(Unindexed, UNINDEXED, ((pk,) for pk, _ in numbered))
    _mark_contacted(drafts, now)
    return [pk for pk, _ in numbered]


def _mark_contacted(drafts: Sequence[Draft], now: datetime) -> None:
    """When each person was last written to, and how."""
    people = defaultdict(set)
    for draft in drafts:
        people[draft.ways[0].name].add(draft.conversation.person_id)
    for channel, keys in people.items():
        Person.objects.filter(pk__among=keys).update(last_message_at=now, last_channel=channel)


def snippet_of(text: str) -> str:
    """The beginning of a text in one line, for lists."""
    return " ".join(text[: SNIPPET_LENGTH * 4].split())[:SNIPPET_LENGTH]


def _bring_up(draft: Draft, now: datetime) -> None:
    """The conversation shows the new message in lists."""
    conversation = draft.conversation
    conversation.last_message_at = now
    conversation.last_direction = Message.Direction.OUT.value
    conversation.last_channel = draft.ways[0].name
    conversation.snippet = snippet_of(draft.text)
    conversation.has_failure = False


def begin(begun: Sequence[tuple[int, Draft]]) -> None:
    """Save new conversations, each with its owner, who has read what they wrote, and the person's two ways of
    answering. Each draft comes with the id of its message."""
    conversations = [draft.conversation for _, draft in begun]
    for conversation, pk in zip(conversations, new_ids(Conversation, len(begun)), strict=True):
        conversation.pk = pk
    insert_rows(Conversation, CONVERSATION, (_values(c, CONVERSATION) for c in conversations))
    insert_rows(Participation, PARTICIPATION, (_participation(pk, draft) for pk, draft in begun))
    insert_rows(ReplyAddress, REPLY_ADDRESS, (_reply_address(conversation) for conversation in conversations))
    insert_rows(PortalLink, PORTAL_LINK, (_portal_link(conversation) for conversation in conversations))


CONVERSATION = (
    *("id", "organization_id", "person_id", "application_id", "owner_id", "mailing_id", "subject", "created_at"),
    *NEWEST,
)
PARTICIPATION = ("conversation_id", "member_id", "role", "read_up_to", "last_message_at")
REPLY_ADDRESS = ("organization_id", "conversation_id", "person_id", "token")
PORTAL_LINK = ("conversation_id", "seed", "token_hash", "created_at", "expires_at")
UNINDEXED = ("message_id",)


def _values(row: object, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def _participation(message: int, draft: Draft) -> tuple[Any, ...]:
    conversation = draft.conversation
    return conversation.pk, draft.sender.pk, Participation.Role.OWNER.value, message, conversation.last_message_at


def _reply_address(conversation: Conversation) -> tuple[Any, ...]:
    return conversation.organization_id, conversation.pk, conversation.person_id, mail_identity.new_token()


def _portal_link(conversation: Conversation) -> tuple[Any, ...]:
    """A new link to the conversation, as PORTAL_LINK names its values."""
    now = conversation.last_message_at
    seed = portal_links.new_seed()
    hashed = portal_links.hash_of(portal_links.token_of(seed))
    return conversation.pk, seed, hashed, now, portal_links.lasts_until(now)


def _go_on(continued: Sequence[tuple[int, Draft]], now: datetime) -> None:
    """Conversations that went on: the sender takes part from now on, and everyone's inbox gets the new time."""
    conversations = [draft.conversation for _, draft in continued]
    Conversation.objects.bulk_update(conversations, NEWEST)
    Participation.objects.bulk_create(
        [
            Participation(
                conversation=draft.conversation,
                member=draft.sender,
                role=Participation.Role.FOLLOWER,
                read_up_to=message,
                last_message_at=now,
            )
            for message, draft in continued
        ],
        update_conflicts=True,
        unique_fields=["conversation", "member"],
        update_fields=["read_up_to", "is_unread", "is_waiting", "archived_at", "snoozed_until", "last_message_at"],
    )
    others = Participation.objects.filter(conversation__in=conversations, last_message_at__lt=now)
    others.update(last_message_at=now, archived_at=None, snoozed_until=None, is_waiting=False)
    _renew_links(conversations, now)


def _renew_links(conversations: Sequence[Conversation], now: datetime) -> None:
    """A new link where the last one was withdrawn, or ends soon: the message that goes out carries it."""
    lasting = PortalLink.objects.filter(
        conversation__in=conversations, revoked_at=None, expires_at__gt=portal_links.worth_sending_until(now)
    )
    linked = set(lasting.values_list("conversation", flat=True))
    links = [_portal_link(conversation) for conversation in conversations if conversation.pk not in linked]
    if links:
        insert_rows(PortalLink, PORTAL_LINK, links)


MESSAGE = (
    *("id", "organization_id", "conversation_id", "mailing_id", "direction", "channel", "member_id", "subject"),
    *("text", "html", "from_address", "rfc_message_id", "in_reply_to", "references", "send_key", "created_at"),
)


def _message(pk: int, draft: Draft, now: datetime) -> tuple[Any, ...]:
    conversation = draft.conversation
    return (
        pk,
        conversation.organization_id,
        conversation.pk,
        draft.mailing.pk if draft.mailing else None,
        Message.Direction.OUT.value,
        draft.ways[0].name,
        draft.sender.pk,
        draft.subject,
        draft.text,
        draft.html,
        draft.sender.email,
        mail_identity.new_message_id(),
        draft.in_reply_to,
        " ".join(draft.references),
        draft.send_key,
        now,
    )


DELIVERY = (
    *("organization_id", "message_id", "mailing_id", "channel", "mailbox_id", "address", "state", "sent_at", "due_at"),
    "created_at",
)


def _deliveries(message: int, draft: Draft, now: datetime, boxes: Mapping[int, int]) -> Iterator[tuple[Any, ...]]:
    """One for each channel; what no worker carries has arrived with this transaction. Mail goes by the sender's own
    mailbox where `boxes` has one."""
    conversation = draft.conversation
    mailing = draft.mailing.pk if draft.mailing else None
    for way in draft.ways:
        gone = None if way.begins_as == Delivery.State.QUEUED else now
        address = draft.addresses.get(way.name) or way.address(conversation.person)
        due = draft.due_at or now
        box = boxes.get(draft.sender.pk) if way.name == own_mailboxes.CHANNEL else None
        place = conversation.organization_id, message, mailing, way.name, box
        yield *place, address, way.begins_as.value, gone, due, now
