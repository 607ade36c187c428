"""Answers out of a stream of bytes, however it is cut into packets (RFC 5321, 4.2)."""

import re
from collections.abc import Iterator

from candidly.channels.smtp.replies import Reply

LONGEST_LINE = 4096  # RFC 5321, 4.5.3.1.5, says 512; some servers put a whole sentence and a link there
LONGEST_REPLY = 65536

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")


class NotSmtp(Exception):
    """What came is no answer, or longer than any answer; `text` is its beginning."""

    def __init__(self, said: bytes) -> None:
        super().__init__("the other side does not speak SMTP")
        self.text = said[:500].decode(errors="replace")


class ReplyReader:
    """Holds what is still incomplete, and never more than one reply of LONGEST_REPLY octets."""

    def __init__(self) -> None:
        self._rest = b""
        self._texts: list[bytes] = []  # of the lines so far of a reply of several lines
        self._size = 0

    @property
    def halfway(self) -> bool:
        """Whether a part of a reply has come."""
        return bool(self._rest or self._texts)

    def read(self, data: bytes) -> Iterator[Reply]:
        """The replies that `data` completes, in order. Raises NotSmtp at the first line that is none."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            reply = self._with(line.rstrip(b"\r"))
            if reply is not None:
                yield reply
        if len(self._rest) > LONGEST_LINE:
            raise NotSmtp(self._rest)

    def _with(self, line: bytes) -> Reply | None:
        """The reply that this line completes; of several lines the last one's code counts."""
        found = _LINE.fullmatch(line)
        self._size += len(line)
        if found is None or len(line) > LONGEST_LINE or self._size > LONGEST_REPLY:
            raise NotSmtp(line)
        code, mark, text = found.groups(b"")
        self._texts.append(text)
        if mark == b"-":
            return None
        reply = Reply(int(code), b"\n".join(self._texts).decode(errors="replace"))
        self._texts.clear()
        self._size = 0
        return reply
