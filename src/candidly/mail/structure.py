"""The tree of parts of a mail as offsets into its octets: nothing is copied, so 30 MB stay 30 MB.

The standard library's parser holds every line as an object and recurses without bound; this one looks for the
boundaries only, within a budget. What is beyond the budget stays in the part it is in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value

from candidly.mail.decoding import clean, decode_field, decode_words

LONGEST_FIELD = 64_000
_LONGEST_PARAMETERS = 4_000
_MOST_FIELDS = 500
_MOST_PARTS = 500
_MOST_DELIMITERS = 5_000
_DEEPEST = 100
_MOST_SEARCHED = 300_000_000

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_EMPTY_LINE = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\n\r?\n")
_REST_OF_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\r?\Z)")
_LIKELY_BOUNDARY = re.compile(rb"\n--([!-~][ -~]{0,198}[!-~])[ \t]*\r?\n")


class Fields:
    """Header fields in their order; names are compared without case."""

    def __init__(self, found: list[tuple[str, bytes]]) -> None:
        self._found = found

    def first(self, name: str) -> str:
        """The value of the first field of that name on one line, its encoded words unread; empty without one."""
        return next((decode_field(value) for found, value in self._found if found == name), "")

    def all(self, name: str) -> list[str]:
        """The values of all fields of that name."""
        return [decode_field(value) for found, value in self._found if found == name]


@dataclass(slots=True)
class Part:
    """One part: its fields, its content as offsets, and the parts in it when it is a multipart that could be read."""

    fields: Fields
    start: int
    end: int
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    file_name: str = ""
    encoding: str = ""
    parts: list["Part"] = field(default_factory=list)


def read_structure(raw: bytes) -> tuple[Part, list[str]]:
    """The tree of `raw`, and sentences on what in it is not as the standards say."""
    reader = _Reader(raw)
    return reader.part(0, len(raw), 0), list(dict.fromkeys(reader.defects))


class _Reader:
    """One reading of one mail, with what it may still spend."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.defects: list[str] = []
        self.parts = 0
        self.delimiters = 0
        self.searched = 0

    def part(self, start: int, end: int, depth: int) -> Part:
        self.parts += 1
        fields, body = self._fields(start, end)
        part = described(Part(fields, body, end))
        if part.content_type.startswith("multipart/"):
            self._divide(part, depth)
        return part

    def _fields(self, start: int, end: int) -> tuple[Fields, int]:
        found: list[tuple[str, bytes]] = []
        position = start
        if self.raw.startswith(b"From ", start, end):  # the first line of an mbox
            position = self._after_line(start, end)
        while position < end and len(found) < _MOST_FIELDS:
            if empty := _EMPTY_LINE.match(self.raw, position, end):
                return Fields(found), empty.end()
            name = _FIELD.match(self.raw, position, end)
            if not name:
                self.defects.append("The header of the mail ends without an empty line; the rest is shown as its text.")
                return Fields(found), position
            position = self._value(name, end, found)
        if position < end:
            self.defects.append(f"The mail has more than {_MOST_FIELDS} header fields; the others were not read.")
        close = _HEAD_END.search(self.raw, max(position - 1, start), end)
        return Fields(found), close.end() if close else end

    def _value(self, name: re.Match[bytes], end: int, found: list[tuple[str, bytes]]) -> int:
        """Keeps the value of the field `name` and returns where the next one starts."""
        close = _FIELD_END.search(self.raw, name.end(), end)
        stop = close.start() if close else end
        if stop - name.end() > LONGEST_FIELD:
            self.defects.append(f"A header field is longer than {LONGEST_FIELD:,} characters; only its start was read.")
        value = self.raw[name.end() : min(stop, name.end() + LONGEST_FIELD)]
        found.append((name[1].decode("ascii").lower(), value))
        return close.end() if close else end

    def _after_line(self, position: int, end: int) -> int:
        return self.raw.find(b"\n", position, end) + 1 or end

    def _divide(self, part: Part, depth: int) -> None:
        boundary = self._boundary(part)
        ranges = list(self._ranges(part, boundary)) if boundary and depth < _DEEPEST else []
        if depth >= _DEEPEST:
            self.defects.append(f"Parts of the mail are nested more than {_DEEPEST} deep; those were not read.")
        elif not ranges:
            self.defects.append("The mail says that it has several parts, but they could not be told apart.")
        part.parts = [self.part(start, end, depth + 1) for start, end in ranges]

    def _boundary(self, part: Part) -> bytes:
        named = part.parameters.get("boundary", "").encode("latin-1", "replace").rstrip()
        if named:
            return named
        self.defects.append("The mail does not say how its parts are told apart; this was guessed.")
        likely = _LIKELY_BOUNDARY.search(self.raw, max(part.start - 1, 0), min(part.end, part.start + 10_000))
        return likely[1] if likely else b""

    def _ranges(self, part: Part, boundary: bytes) -> Iterator[tuple[int, int]]:
        begin = -1
        for delimiter, after, closing in self._delimiters(part, boundary):
            if begin >= 0:
                yield begin, max(begin, delimiter - (self.raw[delimiter - 1 : delimiter] == b"\r"))
            begin = after
            if closing:
                return
            if self.parts >= _MOST_PARTS:
                self.defects.append(f"The mail has more than {_MOST_PARTS} parts; the others were not read.")
                return
        if begin >= 0:
            self.defects.append("The mail ends before its last part does; it may be incomplete.")
            yield begin, part.end

    def _delimiters(self, part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
        """Where each delimiter line starts (at the line feed before it) and ends, and whether it is the closing one."""
        needle, position = b"\n--" + boundary, max(part.start - 1, 0)
        while self.delimiters < _MOST_DELIMITERS and self.searched < _MOST_SEARCHED:
            found = self.raw.find(needle, position, part.end)
            self.searched += (found if found >= 0 else part.end) - position
            if found < 0:
                return
            self.delimiters += 1
            position = found + len(needle)
            if rest := _REST_OF_DELIMITER.match(self.raw, position, part.end):
                yield found, rest.end(), rest[1] is not None
                position = rest.end() - 1
        self.defects.append("The mail has so many dividing lines that not all of its parts were read.")


def described(part: Part) -> Part:
    """`part` with what its Content-* fields say."""
    part.content_type, part.parameters = _parameters(part.fields.first("content-type") or "text/plain")
    part.disposition, more = _parameters(part.fields.first("content-disposition"))
    part.file_name = clean(decode_words(more.get("filename") or part.parameters.get("name") or ""))
    part.encoding = part.fields.first("content-transfer-encoding").strip().lower()
    return part


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """A value such as `text/plain; charset=utf-8` as its first word, lower case, and its parameters (RFC 2231)."""
    first = value.partition(";")[0].strip().lower()[:100]
    message = Message()
    message["Content-Type"] = value[:_LONGEST_PARAMETERS]
    try:
        found = message.get_params([])[1:]
        return first, {name.lower(): collapse_rfc2231_value(text) for name, text in reversed(found)}
    except (ValueError, LookupError, TypeError, AttributeError):  # malformed continuations fail in many ways
        return first, {}
