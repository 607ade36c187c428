"""A mail server without sockets: bytes in, bytes out, and a log of what it took (RFC 5321, 2920)."""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(rb"<(.*)>")


class ModelServer:
    """Keeps SMTP's rules to the letter, and refuses as `verdicts` say: one for each transaction, "ok" or a step.

    The step "RCPT, 354" refuses the recipient and goes ahead with DATA all the same, as some servers do.
    """

    def __init__(self, verdicts: Iterator[str]) -> None:
        self._verdicts = verdicts
        self._rest = b""
        self._content: list[bytes] | None = None
        self._verdict = ""
        self._sender = b""
        self._recipient = b""
        self.taken: list[tuple[bytes, bytes]] = []
        self.mistakes: list[bytes] = []  # commands that came out of order

    def feed(self, data: bytes) -> bytes:
        """What it answers to what it has got so far."""
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        return b"".join(self._obey(line) for line in lines)

    def _obey(self, line: bytes) -> bytes:
        if self._content is not None:
            return self._read_on(self._content, line)
        match line.partition(b" ")[0].partition(b":")[0]:
            case b"MAIL":
                return self._mail(line)
            case b"RCPT":
                return self._rcpt(line)
            case b"DATA":
                return self._data()
            case b"RSET":
                self._sender = self._recipient = b""
                return b"250 forgotten\r\n"
        self.mistakes.append(line)
        return b"500 what?\r\n"

    def _mail(self, line: bytes) -> bytes:
        if self._sender:
            self.mistakes.append(line)
            return b"503 nested MAIL\r\n"
        self._verdict = next(self._verdicts, "ok")
        if self._verdict == "MAIL":
            return b"451 not from you\r\n"
        self._sender = _in_angles(line)
        return b"250-ok,\r\n250 go on\r\n"

    def _rcpt(self, line: bytes) -> bytes:
        if not self._sender:
            return b"503 MAIL first\r\n"
        if self._verdict.startswith("RCPT"):
            return b"550 no such user\r\n"
        self._recipient = _in_angles(line)
        return b"250 ok\r\n"

    def _data(self) -> bytes:
        if self._verdict == "DATA" or not (self._recipient or self._verdict == "RCPT, 354"):
            return b"554 not now\r\n"
        self._content = []
        return b"354 go ahead\r\n"

    def _read_on(self, content: list[bytes], line: bytes) -> bytes:
        if line != b".":
            content.append(line.removeprefix(b"."))
            return b""
        recipient, self._sender, self._recipient, self._content = self._recipient, b"", b"", None
        if not recipient or self._verdict == "dot":
            return b"554 refused\r\n"
        self.taken.append((recipient, b"\r\n".join(content)))
        return b"250 ok: queued as 4FQ7\r\n"


def _in_angles(line: bytes) -> bytes:
    found = _ADDRESS.search(line)
    assert found, line
    return found[1]
