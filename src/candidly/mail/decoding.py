"""From octets to text, whatever was claimed about them: transfer encodings, charsets, encoded words. Never raises."""

import binascii
import codecs
import re
from functools import lru_cache

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_CHARSET = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*+)?\?([bq])\?([^?]*+)\?=", re.IGNORECASE | re.ASCII)
# Not charsets of mail, although Python calls them text; some take time that grows with the square of the input.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})
# What mail programs call by a small charset's name is usually its larger relative.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}


def decode(octets: bytes, charset: str) -> str:
    """The text of `octets`, taken as `charset` unless they plainly are UTF-8 or windows-1252; NULs removed."""
    codec = codec_of(charset)
    if codec in ("", "utf-8", "cp1252"):
        return clean(_western(octets, codec))
    return clean(octets.decode(codec, "replace"))


def codec_of(charset: str) -> str:
    """Python's name of the codec to read `charset` with; empty when there is none."""
    return _codec(charset.strip(" \t\"'").lower())


def decode_field(octets: bytes) -> str:
    """A header value as text on one line, its encoded words not yet read."""
    return " ".join(decode(octets, "").split())


def decode_words(text: str) -> str:
    """`text` with its encoded words (RFC 2047) read; neighbours in one charset are joined before they are decoded."""
    pieces: list[str] = []
    octets, charset, position = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        if between.strip() or match[1].lower() != charset or not position:
            pieces.append(decode(octets, charset))
            pieces.append(between if between.strip() or not position else "")
            octets, charset = b"", match[1].lower()
        octets += (
            from_base64(match[3].encode()) if match[2] in "bB" else binascii.a2b_qp(match[3].encode(), header=True)
        )
        position = match.end()
    return "".join([*pieces, decode(octets, charset), text[position:]])


def from_transfer(octets: bytes, encoding: str) -> bytes:
    """The content behind a Content-Transfer-Encoding; an unknown one leaves it as it is."""
    if encoding == "base64":
        return from_base64(octets)
    return binascii.a2b_qp(octets) if encoding == "quoted-printable" else octets


def from_base64(octets: bytes) -> bytes:
    """As much as can be read of base64 that may be padded wrongly, cut off or mixed with other signs."""
    letters = octets.translate(None, _NOT_BASE64)
    try:
        return binascii.a2b_base64(letters)
    except binascii.Error:
        letters = letters.replace(b"=", b"")
        whole = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def clean(text: str) -> str:
    """Text that a database takes: without NULs and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    if not _CHARSET.fullmatch(charset):
        return ""
    try:
        name = codecs.lookup(charset).name
        b"xxxx".decode(name, "replace")
    except (LookupError, ValueError):
        return ""
    return "" if name.replace("_", "-") in _NO_CHARSETS else _READ_AS.get(name, name)


def _western(octets: bytes, codec: str) -> str:
    if b"\x1b$" in octets:
        return octets.decode("iso2022_jp_ext", "replace")
    text = octets.decode("utf-8", "replace")
    unreadable = text.count("\ufffd")
    if not unreadable:
        return text
    readable = len(text) - len(text.encode("ascii", "ignore")) - unreadable
    return text if codec == "utf-8" and readable > unreadable else octets.decode("cp1252", "replace")
