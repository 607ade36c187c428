"""A mail as the recipient's mail program would read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from candidly.envelope import Address, Incoming
from candidly.mail.parse import parse
from candidly.models import SandboxMail

_HEADERS_WITHIN = 200_000  # bytes
_SOURCE_WITHIN = 200_000  # bytes


@dataclass(frozen=True)
class OpenMail:
    """`reply_to` is where an answer goes: the Reply-To, or the From where there is none."""

    content: Incoming
    headers: list[tuple[str, str]]
    owner: Address
    reply_to: Address
    source: str
    is_source_cut: bool

    @property
    def who(self) -> str:
        """The recipient's first name, or their address where the sender wrote no name."""
        return next(iter(self.owner.name.split()), self.owner.email)


def open_mail(mail: SandboxMail) -> OpenMail:
    """Reads `mail`; never fails, whatever the mail holds."""
    raw = bytes(mail.raw)
    content = parse(raw, envelope_from=mail.envelope_from)
    top = BytesHeaderParser().parsebytes(raw[:_HEADERS_WITHIN])
    return OpenMail(
        content=content,
        headers=[(name, shown(value)) for name, value in top.items()],
        owner=_owner(mail, content),
        reply_to=next(_addresses(top, "Reply-To"), content.sender),
        source=raw[:_SOURCE_WITHIN].decode("utf-8", "replace"),
        is_source_cut=len(raw) > _SOURCE_WITHIN,
    )


def subject_of(raw: bytes) -> str:
    """The subject as people read it, at most 998 characters."""
    return " ".join(shown(BytesHeaderParser().parsebytes(raw[:_HEADERS_WITHIN]).get("Subject", "")).split())[:998]


def shown(value: object) -> str:
    """A header's value with its encoded words read (RFC 2047), or as it stands where they cannot be."""
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):  # an unknown charset, or bytes that are none of it
        text = str(value)
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _owner(mail: SandboxMail, content: Incoming) -> Address:
    """Whose mailbox this is, with the name that the sender wrote."""
    named = (to.name for to in content.recipients if to.email.lower() == mail.recipient.lower())
    return Address(mail.recipient, next(named, ""))


def _addresses(top: Message, name: str) -> Iterator[Address]:
    values = [shown(value) for value in top.get_all(name, [])]
    return (Address(email, display) for display, email in getaddresses(values) if "@" in email)
