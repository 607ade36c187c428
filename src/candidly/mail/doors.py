"""What came in, read as its door handed it over."""

from collections.abc import Callable, Mapping

from candidly.envelope import Incoming
from candidly.mail.parse import parse
from candidly.mail.text_form import as_incoming, read_form

#: By door: from the raw form and the envelope's sender to what is filed.
READERS: Mapping[str, Callable[[bytes, str], Incoming]] = {
    "mailbox": lambda raw, _: parse(raw),
    "smtp": lambda raw, envelope_from: parse(raw, envelope_from=envelope_from),
    "sms": lambda raw, _: as_incoming(read_form(raw)),
}


def read(door: str, raw: bytes, envelope_from: str) -> Incoming:
    """Never raises."""
    return READERS[door](raw, envelope_from)
