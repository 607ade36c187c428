"""A mail as it came, read into an Incoming: whatever the octets, something is shown and nothing raises.

Store the raw mail first; this reads it within bounds (about 2 s and 300 MB for any 30 MB).
"""

import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from itertools import chain

from candidly.envelope import Address, Incoming
from candidly.mail import automatic, quotes
from candidly.mail.content import Content
from candidly.mail.decoding import clean, decode, decode_words
from candidly.mail.structure import LONGEST_FIELD, Fields, read_structure

UNREADABLE = "The mail could not be read as a mail; its source is shown instead."
_MOST_RECIPIENTS = 100
_LONGEST_ADDRESSES = 16_000
_LONGEST_SUBJECT = 998
_LONGEST_NAME = 200
_REFERENCES_AT_END = 50

_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_EMAIL = re.compile(r"[^\s<>\"(),:;@]{1,64}@[^\s<>\"(),:;@]{1,253}")
_ONCE = ("From", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "Content-Type")


def parse(raw: bytes, *, envelope_from: str | None = None) -> Incoming:
    """The mail in `raw`. `envelope_from` is its return path ("" is the null one), where known.

    Text has no NULs and no lone surrogates; bodies, recipients and references are bounded, and `defects` say so.
    """
    try:
        return _read(raw, envelope_from)
    except Exception:  # noqa: BLE001 - the last net: a mail that finds a fault in this room must still reach its reader
        text = decode(raw[:100_000], "")
        return Incoming(Address(""), (), "", text, "", text, "", "", "", (), None, "", (), (UNREADABLE,))


def _read(raw: bytes, envelope_from: str | None) -> Incoming:
    raw = raw if b"\n" in raw else raw.replace(b"\r", b"\n")
    root, defects = read_structure(raw)
    content = Content(raw, root)
    fields = root.fields
    sender, recipients = _sender(fields), _recipients(fields)
    reply, quoted = quotes.split(content.text)
    date = _date(fields.first("date"))
    subject = " ".join(decode_words(fields.first("subject")[: 10 * _LONGEST_SUBJECT]).split())[:_LONGEST_SUBJECT]
    return Incoming(
        sender=sender,
        recipients=recipients[:_MOST_RECIPIENTS],
        subject=subject,
        text=content.text,
        html=content.html,
        reply=reply,
        quoted=quoted,
        message_id=next(iter(ids_in(fields.first("message-id"))), ""),
        in_reply_to=next(iter(ids_in(fields.first("in-reply-to"))), ""),
        references=_references(fields.first("references")),
        date=date,
        automatic=automatic.reason(root, envelope_from, subject),
        files=tuple(content.files),
        defects=(*defects, *dict.fromkeys(content.defects), *_field_defects(fields, sender, recipients, date)),
    )


def _sender(fields: Fields) -> Address:
    return next(iter(addresses_in(fields.first("from")) or addresses_in(fields.first("sender"))), Address(""))


def _recipients(fields: Fields) -> tuple[Address, ...]:
    values = fields.all("to") + fields.all("cc")
    return tuple(chain.from_iterable(addresses_in(value) for value in values[:20]))


def addresses_in(value: str) -> list[Address]:
    """The mailboxes in a field; where it cannot be read as one, whatever in it looks like an address."""
    value = value[:_LONGEST_ADDRESSES]
    try:
        found = getaddresses([value])
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):  # comments nested a thousand deep
        found = []
    mailboxes = [Address(email, _name(name)) for name, email in found if _EMAIL.fullmatch(email)]
    return mailboxes or [Address(email) for email in _EMAIL.findall(decode_words(value))]


def _name(name: str) -> str:
    return " ".join(clean(decode_words(name[: 10 * _LONGEST_NAME])).split())[:_LONGEST_NAME]


def ids_in(value: str) -> list[str]:
    """The Message-IDs in a field, with their angle brackets."""
    return _ID.findall(value[:LONGEST_FIELD])


def _references(value: str) -> tuple[str, ...]:
    ids = ids_in(value)
    return tuple(ids if len(ids) <= _REFERENCES_AT_END + 1 else [ids[0], *ids[-_REFERENCES_AT_END:]])


def _date(value: str) -> datetime | None:
    """The date in UTC, when it is one and within living memory."""
    try:
        date = parsedate_to_datetime(value[:200])
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if 1970 <= date.year < 2100 else None


def _field_defects(
    fields: Fields, sender: Address, recipients: tuple[Address, ...], date: datetime | None
) -> list[str]:
    many = len(recipients) > _MOST_RECIPIENTS or len(fields.first("to")) > _LONGEST_ADDRESSES
    repeated = [
        f"The mail has more than one {name} field; the first counts."
        for name in _ONCE
        if len(fields.all(name.lower())) > 1
    ]
    found = {
        "The mail does not say who sent it.": not sender.email,
        "The mail has no date that can be read.": date is None,
        f"The mail has very many recipients; the first {_MOST_RECIPIENTS} at most are kept.": many,
        "The mail has so many references that some were left out.": len(ids_in(fields.first("references"))) > 51,
    }
    return [sentence for sentence, true in found.items() if true] + repeated
