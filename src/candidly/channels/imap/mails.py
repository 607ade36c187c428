"""A mail as a folder has it, and the name by which it is known wherever it lies."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from candidly.envelope import MailboxMail, MailHead, SeenMail
from candidly.mail.parse import ids_in
from candidly.mail.structure import Fields, read_structure

#: By these a mail is known, and the thread that it is in.
NAMING = ("Message-ID", "In-Reply-To", "References")
#: What is told of the outside of a mail.
OUTSIDE = ("From", "To", "Cc", "Delivered-To", "Subject", "Date", *NAMING, "Auto-Submitted")
GMAIL_THREAD = "X-GM-THRID"
_HIDDEN = {"\\deleted", "\\draft"}
_LONGEST = 200


class Place(NamedTuple):
    folder: str
    validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Found:
    """A mail at a place. `message_id` and `ancestors` (the mails that it answers, oldest first) have their angle
    brackets; `flags` are in lower case; `gmail_thread` is Gmail's own name for its thread, if Gmail has it."""

    place: Place
    message_id: str
    ancestors: tuple[str, ...]
    flags: frozenset[str]
    received_at: datetime
    gmail_thread: str = ""

    @property
    def is_hidden(self) -> bool:
        """A draft, or on its way to the bin: none of our business."""
        return not self.flags.isdisjoint(_HIDDEN)

    @property
    def external_id(self) -> str:
        """Its Message-ID, which it keeps when it is moved and when a folder's numbers begin anew; where it has none
        that can be kept, its place."""
        return by_message_id(self.message_id) or by_place(self.place)


def by_message_id(message_id: str) -> str:
    """How a mail of this Message-ID is called; empty when it cannot be called by it."""
    name = f"m.{message_id[1:-1]}"
    return name if message_id and len(name) <= _LONGEST else ""


def by_place(place: Place) -> str:
    return f"u.{place.validity}.{place.uid}.{_mark(place.folder)}"


def message_id_of(external_id: str) -> str:
    """The Message-ID of the mail that is called so; empty where it is called by its place."""
    kind, _, rest = external_id.partition(".")
    return f"<{rest}>" if kind == "m" else ""


def uid_of(external_id: str, folder: str, validity: int) -> int:
    """The number that the mail has in this folder, if it is called by its place there; else 0."""
    kind, _, rest = external_id.partition(".")
    there, _, rest = rest.partition(".")
    uid, _, mark = rest.partition(".")
    is_here = kind == "u" and there == str(validity) and mark == _mark(folder)
    return int(uid) if is_here else 0


def _mark(folder: str) -> str:
    return hashlib.sha256(folder.encode()).hexdigest()[:16]


def asked_for(fields: tuple[str, ...]) -> str:
    """What to fetch, so that nothing is marked as read."""
    return f"BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})]"


def found(place: Place, said: Mapping[bytes, Any]) -> Found:
    """Of what the server says of a mail whose NAMING fields, FLAGS and INTERNALDATE it was asked for."""
    fields = fields_in(said)
    names = ids_in(fields.first("message-id"))
    answered = ids_in(fields.first("in-reply-to"))
    thread = said.get(GMAIL_THREAD.encode())
    return Found(
        place,
        names[0] if names else "",
        tuple(ids_in(fields.first("references")) or answered[:1]),
        frozenset(bytes(flag).decode(errors="replace").lower() for flag in said.get(b"FLAGS") or ()),
        received_at(said),
        str(thread) if thread else "",
    )


def is_there(said: Mapping[bytes, Any]) -> bool:
    """Whether the server says anything of a mail: of one that was deleted a moment ago some say nothing."""
    return any(value is not None for key, value in said.items() if key.startswith(b"BODY["))


def fields_in(said: Mapping[bytes, Any]) -> Fields:
    """The header fields that were asked for. Servers write the list of their names in several ways."""
    raw = next((value for key, value in said.items() if key.startswith(b"BODY[HEADER.FIELDS")), None)
    return read_structure(bytes(raw or b""))[0].fields


def received_at(said: Mapping[bytes, Any]) -> datetime:
    at = said.get(b"INTERNALDATE")
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.now(UTC)


def head(seen: SeenMail, said: Mapping[bytes, Any]) -> MailHead:
    """Of a mail whose OUTSIDE fields were asked for."""
    fields = fields_in(said)
    told = {name.lower(): fields.first(name.lower()) for name in OUTSIDE}
    return MailHead(seen, {name: value for name, value in told.items() if value})


def whole(seen: SeenMail, said: Mapping[bytes, Any]) -> MailboxMail:
    return MailboxMail(seen, bytes(said.get(b"BODY[]") or b""), received_at(said))
