"""What crosses rooms: frozen values that channels, mail and actions hand to each other.

This room imports the standard library only, so that everything may import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: `name` as people write it (any script, may be empty), `email` as an addr-spec."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with its content. `content_id` (without angle brackets) marks an inline part."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one recipient, ready for a channel.

    `message_id`, `in_reply_to` and `references` carry their angle brackets (RFC 5322, 3.6.4).
    `return_path` is the envelope sender; empty means `sender.email`.
    `html` empty means a text-only mail. `date` is aware.
    """

    delivery_id: int
    sender: Address
    recipient: Address
    subject: str
    text: str
    message_id: str
    date: datetime
    html: str = ""
    reply_to: Address | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    list_id: str = ""
    return_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    @property
    def is_one_of_many(self) -> bool:
        """Part of a mailing: it gives way to what is written to one."""
        return bool(self.list_id)


@dataclass(frozen=True, slots=True)
class MailboxAccount:
    """A member's own mailbox, with what opens it.

    `mailbox_id` is our row's number, never reused. `address` is the mailbox's own, lower case. `credentials` belong to
    its provider's channel, which alone knows the keys ("gmail": `refresh_token`); all of it is secret, and can be kept
    as JSON.
    """

    mailbox_id: int
    address: str
    credentials: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailboxOutgoing:
    """One mail to go out through its sender's own mailbox, ready for the mailbox's channel.

    `outgoing.sender.email` is an address of `account`. Its `references` and `in_reply_to` name the mails before it as
    the recipient knows them: by the Message-ID that a Receipt told, where that is another than ours.
    `thread_id` is the mailbox's own name for the thread to which the mail belongs; empty when it has none there yet.
    `in_doubt`: handed over before, and nobody knows whether it was taken. The channel looks for it in the mailbox
    before it sends, and gives a Receipt for what it finds.
    """

    outgoing: Outgoing
    account: MailboxAccount
    thread_id: str = ""
    in_doubt: bool = False

    @property
    def delivery_id(self) -> int:
        return self.outgoing.delivery_id

    @property
    def is_one_of_many(self) -> bool:
        return self.outgoing.is_one_of_many


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One text message to one phone, ready for a channel. `recipient` and `sender` are E.164; an empty sender is the
    channel's own number. `is_one_of_many`: it gives way to what is written to one."""

    delivery_id: int
    recipient: str
    text: str
    sender: str = ""
    is_one_of_many: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The next hop took responsibility. `external_id` is its name for the message, if it gave one.

    From a member's own mailbox, `external_id` and `thread_id` are the mailbox's names for the mail and its thread (see
    SeenMail), and `message_id` is the Message-ID, with angle brackets, under which it really went; empty where that
    could not be learnt. Everybody else knows the mail by that one, and it may differ from ours.
    """

    delivery_id: int
    external_id: str = ""
    reply: str = ""
    thread_id: str = ""
    message_id: str = ""


class DeliveryFailure(Exception):
    """A hand-off that did not end in a Receipt, or anything else that an outside did not do for us.

    `reason` is a sentence of plain English for people; `reply` is what the other side said, unchanged.
    """

    def __init__(self, reason: str, reply: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


class TemporaryFailure(DeliveryFailure):
    """Not taken now; the same hand-off may succeed later. `gateway_down`: nothing can be sent there at present.

    `wait` is for how many seconds the other side wants not to be asked again; 0 where it did not say.
    """

    def __init__(self, reason: str, reply: str = "", *, gateway_down: bool = False, wait: float = 0) -> None:
        super().__init__(reason, reply)
        self.gateway_down = gateway_down
        self.wait = wait


class Withheld(TemporaryFailure):
    """Not begun, because nothing can be asked of this one mailbox for the next `wait` seconds: its limit is used up, or
    its server does not answer. Other mailboxes are not concerned. It costs no attempt."""


class ReconnectNeeded(Withheld):
    """The mailbox does not let us in any more, or not to what we need: access was withdrawn, a password changed, a
    permission was not granted. No use in asking again before its member has connected it anew; `wait` is 0."""


class Bars(StrEnum):
    """Why nothing more is to be sent to an address, as the other side says: nothing arrives there, or it was refused
    by who reads it."""

    BOUNCED = "bounced"
    OPTED_OUT = "opted_out"


class PermanentFailure(DeliveryFailure):
    """Refused for good: trying again would be refused again. `bars`: so would anything else to this address."""

    def __init__(self, reason: str, reply: str = "", bars: Bars | None = None) -> None:
        super().__init__(reason, reply)
        self.bars = bars


class Unconfirmed(DeliveryFailure):
    """The content was handed over but the answer never came: it may or may not have been taken."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The hand-off of one message did not end in a Receipt; `failure` says how and why."""

    delivery_id: int
    failure: DeliveryFailure

    @property
    def gateway_down(self) -> bool:
        """Nothing can be sent on this channel at present, so there is no use in trying the next message."""
        return isinstance(self.failure, TemporaryFailure) and self.failure.gateway_down


@dataclass(frozen=True, slots=True)
class Untouched:
    """Not begun, because the channel was told to stop: the message may be claimed again at once."""

    delivery_id: int


type Result = Receipt | Failed | Untouched


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as read from its raw form; everything in it is what the sender claims.

    `text` is the whole plain text (made from the HTML where there was none), `html` is sanitised.
    `reply` is `text` without what it quotes; `quoted` is the rest.
    `automatic` names why it is machine-made (RFC 3834), or is empty for a person's mail.
    `defects` are sentences on what could not be read as the standards say.
    """

    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    text: str
    html: str
    reply: str
    quoted: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: datetime | None
    automatic: str
    files: tuple[File, ...] = ()
    defects: tuple[str, ...] = ()
    channel: str = "email"


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A text message as its provider handed it in: `external_id` is the provider's name for it, numbers are E.164.

    `pictures` came with it and are with the provider. `answered` names the keyword (STOP, START, HELP) that the
    provider has answered already; empty where that is ours to do.
    """

    external_id: str
    sender: str
    recipient: str
    text: str
    pictures: int = 0
    answered: str = ""


class Became(StrEnum):
    """How far a text message came."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class TextStatus:
    """What the provider says of a text message that it took; `reason` in plain words where it did not arrive."""

    delivery_id: int
    external_id: str
    became: Became
    reason: str = ""
    reply: str = ""
    bars: Bars | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What a mailbox calls a label: `id` stays when a person renames it, `name` is what they see."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SeenMail:
    """A mail in a mailbox, not yet read.

    `external_id` and `thread_id` are the mailbox's own names, unique in that mailbox, of at most 200 characters, and
    never given to another mail. `labels` are ids of labels, those that the mailbox told on this occasion and no system
    ones. `in_inbox` and `is_sent`: it lies in the inbox, or among what the mailbox's owner sent. `is_new`: it has come
    in (or was sent) since; otherwise it was there, and what changed is how it is labelled or where it lies.
    """

    external_id: str
    thread_id: str
    labels: frozenset[str] = frozenset()
    in_inbox: bool = False
    is_sent: bool = False
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class SyncPage:
    """A part of what has changed in a mailbox, oldest first. A mail may come more than once.

    `cursor` is where to go on (text of any length, compared by nobody), to be saved in the transaction that deals
    with `mails`: a worker that dies repeats a page, and misses none. `gone` are the external ids of mails that were
    deleted for good; most of them are of no concern.
    """

    cursor: str
    mails: tuple[SeenMail, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailHead:
    """What stands on the outside of a mail: `fields` are From, To, Cc, Delivered-To, Subject, Date, Message-ID,
    In-Reply-To, References and Auto-Submitted as far as it has them, unfolded, by their names in lower case."""

    seen: SeenMail
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailboxMail:
    """A mail out of a mailbox: `raw` as it was transferred (RFC 5322), `received_at` (aware) when it came there."""

    seen: SeenMail
    raw: bytes = field(repr=False)
    received_at: datetime


class FullResyncNeeded(Exception):
    """The mailbox does not know any more what has changed since the cursor: no fault of the account, see
    OpenMailbox.everything."""
