"""Answers out of a stream of bytes, however it is cut into packets (RFC 5321, 4.2)."""

from collections.abc import Iterator

from candidly.channels.smtp.replies import Reply

LONGEST_LINE = 4096  # RFC 5321, 4.5.3.1.5, says 512; some servers put a whole sentence and a link there
LONGEST_REPLY = 65536

_CODES = {str(code): code for code in range(200, 600)}
_MORE = "-"
_MARKS = (" ", _MORE, "")


class NotSmtp(Exception):
    """What came is no answer, or longer than any answer; `text` is its beginning."""

    def __init__(self, said: str) -> None:
        super().__init__("the other side does not speak SMTP")
        self.text = said[:500]


class ReplyReader:
    """Holds what is still incomplete, and never more than one reply of LONGEST_REPLY octets."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []  # those before the last, of a reply of several lines
        self._size = 0

    @property
    def halfway(self) -> bool:
        """Whether a part of a reply has come."""
        return bool(self._rest or self._lines)

    def read(self, data: bytes) -> Iterator[Reply]:
        """The replies that `data` completes, in order. Raises NotSmtp at the first line that is none."""
        whole, end, self._rest = (self._rest + data).rpartition(b"\n")
        for line in _lines(whole) if end else ():
            code, mark, text = _CODES.get(line[:3]), line[3:4], line[4:]
            if code is None or mark not in _MARKS or len(line) > LONGEST_LINE:
                raise NotSmtp(line)
            if self._lines or mark == _MORE:
                text = self._joined(text)
            if mark != _MORE:
                self._lines.clear()
                yield Reply(code, text)
        if len(self._rest) > LONGEST_LINE:
            raise NotSmtp(self._rest.decode(errors="replace"))

    def _joined(self, text: str) -> str:
        """The reply as far as it has come. Of its lines the last one's code counts."""
        self._size = self._size + len(text) if self._lines else len(text)
        self._lines.append(text)
        if self._size > LONGEST_REPLY:
            raise NotSmtp(self._lines[0])
        return "\n".join(self._lines)


def _lines(whole: bytes) -> list[str]:
    return whole.decode(errors="replace").replace("\r\n", "\n").removesuffix("\r").split("\n")
