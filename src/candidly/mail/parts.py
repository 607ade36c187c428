"""MIME parts, written: each function gives one whole part (fields, empty line, content), ending in CRLF.

Content is always quoted-printable or base64. Neither can contain "=_", so the constant boundaries below can never
occur in a part (RFC 2045, 6.7), and a part can be made once and joined to many messages.
"""

import re
from base64 import b64encode
from binascii import b2a_qp
from functools import lru_cache
from urllib.parse import quote

from candidly.envelope import File
from candidly.mail.headers import FOLD, chunks, clean

_HIGH = bytes(range(128, 256))
_WORD = r"[A-Za-z0-9!#$&^_.+-]{1,80}"
_TYPE = re.compile(rf"({_WORD})/({_WORD})")
_PARAMETER = re.compile(rf';\s*({_WORD})=({_WORD}|"[ !#-\[\]-~]{{0,80}}")')
_PLAIN_NAME = re.compile(r"[ !#-\[\]-~]{1,60}")
_ATTRIBUTE_CHARS = "!#$&+-.^_`|~"  # RFC 2231, without letters and digits
_NOT_IN_ID = re.compile(r"[^!-;=?-~]")


def text_part(subtype: str, text: str) -> bytes:
    """A text part in UTF-8; line ends of any kind become CRLF, and the text ends with exactly one.

    Lines that are the same in all mails of a mailing are encoded once.
    """
    content = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").replace("\n", "\r\n") + "\r\n"
    octets = content.encode("utf-8", "replace")
    mostly_foreign = not content.isascii() and (len(octets) - len(octets.translate(None, _HIGH))) * 6 > len(octets)
    encoding, encoded = (
        ("base64", _base64(octets)) if mostly_foreign else ("quoted-printable", _quoted_printable(octets))
    )
    fields = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return fields.encode("ascii") + encoded


def file_part(file: File) -> bytes:
    """An attachment, or with a `content_id` an inline part, in base64."""
    content_id = _NOT_IN_ID.sub("", file.content_id)
    fields = [
        f"Content-Type: {_content_type(file.content_type)}\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        f"Content-Disposition: {'inline' if content_id else 'attachment'}{_filename(clean(file.name))}\r\n",
        f"Content-ID: <{content_id}>\r\n" if content_id else "",
        "\r\n",
    ]
    return "".join(fields).encode("ascii") + _base64(file.content)


def multipart(subtype: str, parts: list[bytes]) -> bytes:
    """Parts joined under one boundary; a single part stays as it is."""
    if len(parts) == 1:
        return parts[0]
    boundary = f"=_{subtype}"
    fields = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    delimiter = f"--{boundary}\r\n"
    return b"".join(
        [fields.encode("ascii"), *(delimiter.encode("ascii") + part for part in parts), f"--{boundary}--\r\n".encode()]
    )


def _quoted_printable(octets: bytes) -> bytes:
    return b"".join(map(_line, octets.splitlines(keepends=True)))


@lru_cache(maxsize=512)
def _line(octets: bytes) -> bytes:
    """One line with its end; soft line breaks do not reach from one into the next (RFC 2045, 6.7)."""
    return b2a_qp(octets)


def _base64(octets: bytes) -> bytes:
    encoded = b64encode(octets)
    return b"".join(encoded[start : start + 76] + b"\r\n" for start in range(0, len(encoded), 76))


def _content_type(content_type: str) -> str:
    """The type as given when it is well formed; otherwise, and for types that may not be base64, plain octets."""
    content_type = clean(content_type)
    match = _TYPE.match(content_type)
    if not match or match[1].lower() in ("multipart", "message"):
        return "application/octet-stream"
    parameters = [f"{name}={value}" for name, value in _PARAMETER.findall(content_type, match.end())]
    return f";{FOLD}".join([match[0], *parameters[:5]])


def _filename(name: str) -> str:
    if not name or _PLAIN_NAME.fullmatch(name):
        return f';{FOLD}filename="{name}"' if name else ""
    pieces = list(chunks(name, lambda character: len(_percent(character)), 50, 60))
    if len(pieces) == 1:
        return f";{FOLD}filename*=utf-8''{_percent(name)}"
    values = [("utf-8''" if number == 0 else "") + _percent(piece) for number, piece in enumerate(pieces)]
    return "".join(f";{FOLD}filename*{number}*={value}" for number, value in enumerate(values))


def _percent(text: str) -> str:
    return quote(text, safe=_ATTRIBUTE_CHARS, errors="replace")
