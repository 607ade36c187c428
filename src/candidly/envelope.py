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
class OutgoingText:
    """One text message to one phone, ready for a channel. `recipient` and `sender` are E.164; an empty sender is the
    channel's own number."""

    delivery_id: int
    recipient: str
    text: str
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The next hop took responsibility. `external_id` is its name for the message, if it gave one."""

    delivery_id: int
    external_id: str = ""
    reply: str = ""


class DeliveryFailure(Exception):
    """A hand-off that did not end in a Receipt.

    `reason` is a sentence of plain English for people; `reply` is what the other side said, unchanged.
    """

    def __init__(self, reason: str, reply: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


class TemporaryFailure(DeliveryFailure):
    """Not taken now; the same hand-off may succeed later. `gateway_down`: nothing can be sent there at present."""

    def __init__(self, reason: str, reply: str = "", *, gateway_down: bool = False) -> None:
        super().__init__(reason, reply)
        self.gateway_down = gateway_down


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
