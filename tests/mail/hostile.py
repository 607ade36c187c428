"""Mails that broke other programs, made on the spot."""

from base64 import b64encode

from candidly.envelope import Incoming
from candidly.mail.parse import UNREADABLE

HEAD = b"From: Amara <amara@example.org>\r\nTo: r.x@reply.acme.test\r\nSubject: Hello\r\n"


def plain(body: bytes, *, fields: bytes = b"") -> bytes:
    return HEAD + fields + b"\r\n" + body


def multipart(*parts: bytes, subtype: str = "mixed", boundary: str = "b1", closed: bool = True) -> bytes:
    start = f"--{boundary}\r\n".encode()
    end = f"--{boundary}--\r\n".encode() if closed else b""
    content_type = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return content_type + b"".join(start + part + b"\r\n" for part in parts) + end


def part(content_type: str, body: bytes, *fields: str) -> bytes:
    return "".join(f"{field}\r\n" for field in (f"Content-Type: {content_type}", *fields)).encode() + b"\r\n" + body


def nested(levels: int) -> bytes:
    inner = part("text/plain", b"the innermost words")
    for level in range(levels):
        inner = multipart(inner, boundary=f"level{level}")
    return HEAD + inner


def huge(megabytes: int) -> bytes:
    encoded = b64encode(b"\x00\xff\x10" * 1_000_000)
    lines = b"\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    content = (lines + b"\r\n") * (megabytes * 1_000_000 // len(lines))
    pdf = part("application/pdf; name=big.pdf", content, "Content-Transfer-Encoding: base64")
    return HEAD + multipart(part("text/plain", b"see the file"), pdf)


def of_size(unit: bytes, size: int = 30_000_000) -> bytes:
    return unit * (size // len(unit))


# Each is 30 MB of something that is cheap to send and dear to read.
FLOODS = {
    "line ends in the body": lambda: plain(of_size(b"\n")),
    "short lines in the body": lambda: plain(of_size(b"a\n")),
    "one line": lambda: plain(of_size(b"x")),
    "NULs": lambda: of_size(b"\0"),
    "no header, only colons": lambda: of_size(b"a:\n"),
    "a header without end": lambda: b"Subject: " + of_size(b"x"),
    "a folded header without end": lambda: b"References: " + of_size(b"<a@b>\r\n "),
    "delimiters": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + of_size(b"--b\r\n"),
    "near delimiters": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + of_size(b"--bb\r\n"),
    "parts with fields": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + of_size(b"--b\r\nA: b\r\n" * 9)
    ),
    "8-bit text": lambda: plain(of_size(b"\xe9\xff\n")),
    "HTML tags": lambda: plain(of_size(b"<div><b id=1>"), fields=b"Content-Type: text/html\r\n"),
    "HTML ampersands": lambda: plain(of_size(b"&"), fields=b"Content-Type: text/html\r\n"),
    "HTML declarations": lambda: plain(of_size(b"<!"), fields=b"Content-Type: text/html\r\n"),
    "quoted-printable": lambda: plain(
        of_size(b"=C3=A9=\r\n"), fields=b"Content-Transfer-Encoding: quoted-printable\r\n"
    ),
    "bad base64": lambda: plain(of_size(b"=A=b*"), fields=b"Content-Transfer-Encoding: base64\r\n"),
    "quote marks": lambda: plain(of_size(b"> On 1 wrote:\n")),
    "deep and large": lambda: nested(60) + of_size(b"--level"),
    "deep with a large heart": lambda: nested(60).replace(b"the innermost words", of_size(b"words\r\n")),
}

# Small fields on which patterns of others take minutes.
FIELDS = {
    "nested comments": b"To: " + b"(" * 50_000,
    "quotes": b"To: " + b'"' * 50_000,
    "angle brackets": b"From: " + b"<" * 50_000,
    "commas": b"Cc: " + b"," * 60_000,
    "groups": b"To: " + b"a:" * 30_000,
    "encoded words without end": b"Subject: " + b"=?utf-8?q?" * 6_000,
    "many encoded words": b"Subject: " + b"=?utf-8?b?w6k=?= " * 4_000,
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 12_000,
    "continuations": b"Content-Type: text/plain" + b"".join(b"; name*%d*=a" % i for i in range(4_000)),
    "a number of 5,000 digits": b"Content-Type: text/plain; name*" + b"9" * 5_000 + b"=x",
    "a date": b"Date: " + b"1 " * 30_000,
    "spaces": b"Subject: a" + b" \t" * 30_000 + b"b",
    "dots": b"From: " + b"a." * 30_000 + b"@x",
    "ids": b"References: " + b"<" * 30_000 + b"a@b>" * 5_000,
}


def texts_of(mail: Incoming) -> list[str]:
    names = [mail.sender.name, *(file.name for file in mail.files), *(file.content_type for file in mail.files)]
    return [mail.subject, mail.text, mail.html, mail.reply, mail.quoted, mail.message_id, *mail.defects, *names]


def assert_storable(mail: Incoming) -> None:
    """PostgreSQL refuses NULs, and nothing can encode a lone surrogate."""
    for text in texts_of(mail):
        assert "\0" not in text
        text.encode("utf-8")
    assert UNREADABLE not in mail.defects
    assert len(mail.text) <= 1_100_000
    assert len(mail.recipients) <= 100
    assert len(mail.references) <= 51
