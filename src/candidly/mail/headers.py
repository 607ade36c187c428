"""Header fields, written: each function gives one whole field, folded, in ASCII, ending in CRLF.

Written here rather than with `email.message`, which takes 10 ms a mail and encodes long ids (which breaks threads).
Lines stay within 78 characters where the value can be folded; a value that cannot be stays within 998.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from candidly.envelope import Address
from candidly.mail.addresses import to_ascii

FOLD = "\r\n "
LINE = 76  # the limit RFC 2047 sets for lines with encoded words
LONGEST = 900  # an unbreakable token; with its field name it stays under the 998 of RFC 5322
_WORD = 75 - len("=?utf-8?q??=")
_LEAST_ROOM = 30

_PLAIN = re.compile(r"[!-~]{1,66}( [!-~]{1,66})*")
_FOLDABLE = re.compile(rf"[!-~]{{1,{LONGEST}}}([ \t]+[!-~]{{1,{LONGEST}}})*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ID = re.compile(rf"<[!-;=?-~]{{1,{LONGEST}}}>")
_UNSAFE = str.maketrans("", "", "\r\n\0")
_Q_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def text_field(name: str, value: str) -> str:
    """Unstructured text, such as a subject, in any script (RFC 2047)."""
    value = clean(value)
    if _PLAIN.fullmatch(value) and "=?" not in value:
        return _folded(name, value.split(" "))
    return f"{name}: {encoded_words(value, len(name) + 2)}\r\n" if value else f"{name}: \r\n"


@lru_cache(maxsize=1024)  # a mailing's From and Reply-To name come with every message
def address_field(name: str, address: Address) -> str:
    """One mailbox with its name. PermanentFailure when the address cannot be mailed."""
    email = to_ascii(clean(address.email))
    phrase = _phrase(clean(address.name), len(name) + 2)
    if not phrase:
        return f"{name}: {email}\r\n"
    last_line = phrase.rpartition("\r\n")[2] if "\r\n" in phrase else f"{name}: {phrase}"
    gap = " " if len(last_line) + len(email) + 3 <= LINE else FOLD
    return f"{name}: {phrase}{gap}<{email}>\r\n"


def id_field(name: str, ids: Iterable[str]) -> str:
    """Message ids with their angle brackets, folded at white space and never encoded; empty when none is usable.

    What is not an id (RFC 5322, 3.6.4) or would not fit a line is left out: threads live without it.
    """
    usable = [id_ for id_ in map(clean, ids) if _ID.fullmatch(id_)]
    return _folded(name, usable) if usable else ""


@lru_cache(maxsize=64)  # a page of a mailing is written at one moment
def date_field(date: datetime) -> str:
    """The `Date` field of an aware date."""
    return f"Date: {format_datetime(date)}\r\n"


def structured_field(name: str, value: str) -> str:
    """A value with a grammar of its own (List-Unsubscribe, Auto-Submitted): folded at white space, not encoded.

    Only what could not be sent at all otherwise (another script, a token over 900 characters) becomes encoded words.
    """
    value = clean(value)
    if _FOLDABLE.fullmatch(value):
        return _folded(name, value.split())
    return text_field(name, value)


def clean(value: str) -> str:
    """A value that cannot start another field: without CR, LF and NUL, and trimmed."""
    return (value if value.isprintable() else value.translate(_UNSAFE)).strip()


def encoded_words(text: str, column: int) -> str:
    """`text` as RFC 2047 encoded words that begin at `column` of the line, folded; each holds whole characters."""
    start = "" if column <= LINE - _LEAST_ROOM - len("=?utf-8?q??=") else FOLD
    first = min(_WORD, LINE - (1 if start else column) - len("=?utf-8?q??="))
    if sum(character in _Q_SAFE or character == " " for character in text) * 2 >= len(text):
        pieces = chunks(text, lambda character: len(_quoted(character)), first, _WORD)
        return start + FOLD.join(f"=?utf-8?q?{''.join(map(_quoted, piece))}?=" for piece in pieces)
    pieces = chunks(text, lambda character: len(_utf8(character)), first // 4 * 3, _WORD // 4 * 3)
    return start + FOLD.join(f"=?utf-8?b?{b64encode(_utf8(piece)).decode('ascii')}?=" for piece in pieces)


def chunks(text: str, size: Callable[[str], int], first: int, rest: int) -> Iterator[str]:
    """`text` cut between characters into pieces whose sizes add up to at most `first`, then `rest`."""
    begin, used, room = 0, 0, first
    for position, character in enumerate(text):
        needed = size(character)
        if used + needed > room:
            yield text[begin:position]
            begin, used, room = position, 0, rest
        used += needed
    yield text[begin:]


@lru_cache(maxsize=4096)
def _quoted(character: str) -> str:
    if character in _Q_SAFE:
        return character
    return "_" if character == " " else "".join(f"={octet:02X}" for octet in _utf8(character))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # a lone surrogate has no encoding and becomes "?"


def _phrase(name: str, column: int) -> str:
    short = len(name) <= LINE - column and "=?" not in name
    if not name or (short and _ATOMS.fullmatch(name)):
        return name
    if short and _PLAIN.fullmatch(name):
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return encoded_words(name, column)


def _folded(name: str, tokens: Iterable[str]) -> str:
    lines = [f"{name}:"]
    for token in tokens:
        if len(lines[-1]) + 1 + len(token) <= LINE or lines[-1] == f"{name}:":
            lines[-1] += f" {token}"
        else:
            lines.append(token)
    return FOLD.join(lines) + "\r\n"
