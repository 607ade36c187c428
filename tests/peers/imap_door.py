"""A door before an IMAP server that misbehaves as it is told, and tells what went through it."""

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from tests.peers.dovecot import Dovecot

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
type Edit = tuple[re.Pattern[bytes], bytes | Callable[[re.Match[bytes]], bytes]]


@dataclass
class Fault:
    """What happens the next `times` that somebody says what `pattern` finds: "drop" before it is passed on, "cut" in
    the middle of the answer, "hang" until they give up, or an answer such as "NO [LIMIT] enough" in its place."""

    pattern: re.Pattern[bytes]
    action: str
    times: int


class ImapDoor(socketserver.ThreadingTCPServer):
    """Speaks TLS to both sides, or to neither (`in_the_clear`, as before STARTTLS). `asked` are the lines that
    came from clients; edits change lines on their way."""

    allow_reuse_address = True
    daemon_threads = True
    host = "localhost"

    def __init__(self, dovecot: Dovecot, *, in_the_clear: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.dovecot = dovecot
        self.in_the_clear = in_the_clear
        self.certificate = dovecot.certificate
        self.faults: list[Fault] = []
        self.asked: list[bytes] = []
        self.edits_in: list[Edit] = []
        self.edits_out: list[Edit] = []
        self._open: set[Any] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def user(self) -> str:
        return self.dovecot.user()

    def credentials(self, user: str, **changes: str) -> dict[str, str]:
        return self.dovecot.credentials(user, **{"imap_port": str(self.port), **changes})

    def fault(self, pattern: str, action: str, times: int = 1) -> None:
        self.faults.append(Fault(re.compile(pattern.encode(), re.IGNORECASE), action, times))

    def says(self, pattern: str, replacement: str | Callable[[re.Match[bytes]], bytes]) -> None:
        """The server says this in place of what `pattern` finds in one of its lines."""
        self.edits_out.append(_edit(pattern, replacement))

    def hears(self, pattern: str, replacement: str | Callable[[re.Match[bytes]], bytes]) -> None:
        self.edits_in.append(_edit(pattern, replacement))

    def count(self, pattern: str) -> int:
        """How many lines there were in which it is found."""
        return sum(bool(re.search(pattern.encode(), line, re.IGNORECASE)) for line in self.asked)

    def action(self, line: bytes) -> str:
        self.asked.append(line)
        for fault in self.faults:
            if fault.times and fault.pattern.search(line):
                fault.times -= 1
                return fault.action
        return ""

    def opened(self, connection: socket.socket) -> None:
        self._open.add(connection)

    def hang_up_on_all(self) -> None:
        for connection in list(self._open):
            _hang_up(connection)


def _edit(pattern: str, replacement: str | Callable[[re.Match[bytes]], bytes]) -> Edit:
    new = replacement.encode() if isinstance(replacement, str) else replacement
    return re.compile(pattern.encode(), re.IGNORECASE), new


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Passage(socketserver.BaseRequestHandler):
    server: ImapDoor

    def handle(self) -> None:
        with suppress(OSError):
            self.client, self.upstream = self._both()
            self.server.opened(self.client)
            self.cuts = False
            back = threading.Thread(target=self._answers, daemon=True)
            back.start()
            self._questions()
            self._end()
            back.join()

    def _both(self) -> tuple[socket.socket, socket.socket]:
        dovecot, certificate = self.server.dovecot, self.server.certificate
        if self.server.in_the_clear:
            return self.request, socket.create_connection(("127.0.0.1", dovecot.starttls_port), timeout=60)
        client = certificate.server_context().wrap_socket(self.request, server_side=True)
        plain = socket.create_connection(("127.0.0.1", dovecot.port), timeout=60)
        return client, certificate.client_context().wrap_socket(plain, server_hostname=dovecot.host)

    def _questions(self) -> None:
        stream = self.client.makefile("rb")
        while line := stream.readline():
            action = self.server.action(line)
            if action == "drop":
                return
            if action == "hang":
                continue
            if action == "cut":
                self.cuts = True
            elif action:
                self._say(line.split()[0] + b" " + action.encode() + b"\r\n")
                continue
            self.upstream.sendall(_edited(line, self.server.edits_in))
            self.upstream.sendall(_literal_behind(line, stream))

    def _answers(self) -> None:
        stream = self.upstream.makefile("rb")
        with suppress(OSError, ValueError):
            while line := stream.readline():
                whole = _edited(line, self.server.edits_out) + _literal_behind(line, stream)
                if self.cuts:
                    self._say(whole[: len(whole) // 2])
                    break
                self._say(whole)
        self._end()

    def _say(self, said: bytes) -> None:
        with suppress(OSError):
            self.client.sendall(said)

    def _end(self) -> None:
        _hang_up(self.client)
        _hang_up(self.upstream)


def _edited(line: bytes, edits: list[Edit]) -> bytes:
    for pattern, new in edits:
        line = pattern.sub(new, line)
    return line


def _literal_behind(line: bytes, stream: BinaryIO) -> bytes:
    """What was announced at the end of a line; whoever says it may wait until the line was heard."""
    found = _LITERAL.search(line)
    return stream.read(int(found[1])) if found else b""


@contextmanager
def imap_door_running(dovecot: Dovecot, *, in_the_clear: bool = False) -> Iterator[ImapDoor]:
    with ImapDoor(dovecot, in_the_clear=in_the_clear) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            door.hang_up_on_all()
            thread.join()
