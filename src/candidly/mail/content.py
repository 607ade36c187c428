"""What a mail shows and carries: its text, its HTML and its files, read from the tree of its parts."""

import mimetypes
import re
from dataclasses import dataclass

from candidly.envelope import File
from candidly.mail import tame
from candidly.mail.decoding import clean, codec_of, decode, decode_words, from_transfer
from candidly.mail.flowed import unflow
from candidly.mail.sanitize import safe_html_to_text, sanitize, text_to_html
from candidly.mail.structure import Part

LONGEST_TEXT = 1_000_000
_MOST_OCTETS = 4_000_000  # of one text part before it is decoded
_LONGEST_NAME = 150
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "quoted-printable", "base64"})
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_NAMELESS = {
    "application/ms-tnef": "winmail.dat",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
}
# Controls, and the marks that make "gpj.exe" read as "exe.jpg".
_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\\\]")


@dataclass(frozen=True, slots=True)
class Body:
    """What is read on the screen; `html` is sanitised. Either may be empty."""

    text: str = ""
    html: str = ""


class Content:
    """One reading of the content of one mail."""

    def __init__(self, raw: bytes, root: Part) -> None:
        self.files: list[File] = []
        self.defects: list[str] = []
        self._raw = raw
        self._root = root
        self._text_room = LONGEST_TEXT
        self._html_room = tame.LONGEST
        body = self._body(root)
        self.html = body.html
        self.text = body.text or safe_html_to_text(body.html)

    def _body(self, part: Part) -> Body:
        if part.parts:
            bodies = [self._body(child) for child in part.parts]
            return _alternative(bodies) if part.content_type == "multipart/alternative" else _joined(bodies)
        if part.content_type.startswith("multipart/"):
            return Body(self._text(part))
        if not self._is_shown(part):
            self.files.append(self._file(part))
            return Body()
        return Body(html=self._html(part)) if part.content_type == "text/html" else Body(self._text(part))

    def _is_shown(self, part: Part) -> bool:
        named = part.file_name and part is not self._root
        return part.content_type in ("text/plain", "text/html") and part.disposition != "attachment" and not named

    def _text(self, part: Part) -> str:
        text = self._decoded(part, self._charset(part)).replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > self._text_room:
            self.defects.append(f"The text of the mail is longer than {LONGEST_TEXT:,} characters; its start is shown.")
        text = text[: self._text_room]
        self._text_room -= len(text)
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        return text.strip("\n")

    def _html(self, part: Part) -> str:
        named = _META_CHARSET.search(self._raw, part.start, min(part.end, part.start + 2_000))
        html = self._decoded(part, self._charset(part) or (named[1].decode("ascii", "ignore") if named else ""))
        if len(html) > self._html_room:
            self.defects.append(f"The HTML of the mail is longer than {tame.LONGEST:,} characters; its start is shown.")
        html = html[: self._html_room]
        self._html_room -= len(html)
        return clean(sanitize(html)).strip()

    def _charset(self, part: Part) -> str:
        charset = part.parameters.get("charset", "")
        if charset and not codec_of(charset):
            self.defects.append(f"The mail is in a charset that is not known (“{charset[:40]}”); letters may be wrong.")
        return charset

    def _decoded(self, part: Part, charset: str) -> str:
        octets = self._raw[part.start : min(part.end, part.start + _MOST_OCTETS)]
        if part.end - part.start > _MOST_OCTETS:
            self.defects.append(f"A text in the mail is longer than {_MOST_OCTETS:,} octets; its start is shown.")
        return decode(from_transfer(octets, self._encoding(part)), charset)

    def _encoding(self, part: Part) -> str:
        if part.encoding not in _ENCODINGS:
            self.defects.append(f"A part of the mail is encoded in a way not known here (“{part.encoding[:40]}”).")
        return part.encoding

    def _file(self, part: Part) -> File:
        content = from_transfer(self._raw[part.start : part.end], self._encoding(part))
        content_id = clean(part.fields.first("content-id")).strip("<> ")[:250]
        return File(self._name(part), part.content_type, content, content_id)

    def _name(self, part: Part) -> str:
        name = part.file_name.replace("\\", "/").rpartition("/")[2]
        if not name and part.content_type == "message/rfc822":
            name = _subject_in(self._raw[part.start : min(part.end, part.start + 10_000)])
        stem, dot, extension = _NOT_IN_NAMES.sub(" ", name).strip(" .").rpartition(".")
        if stem or extension:
            return stem[: _LONGEST_NAME - 20] + dot + extension[:20] if dot else extension[:_LONGEST_NAME]
        guessed = mimetypes.guess_extension(part.content_type) or ".bin"
        return _NAMELESS.get(part.content_type, f"attachment-{len(self.files) + 1}{guessed}")


def _alternative(bodies: list[Body]) -> Body:
    """The plainest text and the richest HTML (RFC 2046, 5.1.4: the last is the richest)."""
    texts = [body.text for body in bodies if body.text]
    htmls = [body.html for body in bodies if body.html]
    return Body(texts[0] if texts else "", htmls[-1] if htmls else "")


def _joined(bodies: list[Body]) -> Body:
    """One after the other; a part that has only one of text and HTML gets the other, where its neighbours have it."""
    shown = [body for body in bodies if body.text or body.html]
    if len(shown) < 2:
        return shown[0] if shown else Body()
    any_text, any_html = any(body.text for body in shown), any(body.html for body in shown)
    texts = [body.text or safe_html_to_text(body.html) for body in shown if any_text]
    htmls = [body.html or text_to_html(body.text) for body in shown if any_html]
    return Body("\n\n".join(texts), "\n".join(htmls))


def _subject_in(head: bytes) -> str:
    match = re.search(rb"^Subject:([^\r\n]{1,300})", head, re.IGNORECASE | re.MULTILINE)
    subject = decode_words(decode(match[1], "").strip()) if match else ""
    return f"{subject.replace('/', ' ')}.eml" if subject else ""
