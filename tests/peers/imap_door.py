"""A door before an IMAP server that misbehaves as it is told, and tells what went through it."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.peers.dovecot import Dovecot

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
LONGEST = 64 * 1024 * 1024  # of a line, in octets
type Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
type Edit = tuple[re.Pattern[bytes], bytes | Callable[[re.Match[bytes]], bytes]]


@dataclass
class Fault:
    """What happens the next `times` that somebody says what `pattern` finds: "drop" before it is passed on, "cut" in
    the middle of the answer, "hang" until they give up, or an answer such as "NO [LIMIT] enough" in its place."""

    pattern: re.Pattern[bytes]
    action: str
    times: int


class ImapDoor:
    """Speaks TLS to both sides, or to neither (`in_the_clear`, as before STARTTLS). `asked` are the lines that
    came from clients; edits change lines on their way.

    It works in one thread, by an event loop: a TLS connection of Python must not be read and written by two at once.
    """

    host = "localhost"

    def __init__(self, dovecot: Dovecot, *, in_the_clear: bool = False) -> None:
        self.dovecot = dovecot
        self.certificate = dovecot.certificate
        self.port = 0
        self.faults: list[Fault] = []
        self.asked: list[bytes] = []
        self.edits_in: list[Edit] = []
        self.edits_out: list[Edit] = []
        self._in_the_clear = in_the_clear
        self._open: set[asyncio.StreamWriter] = set()
        self._passages: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Returns when somebody may come in."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="imap-door", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._wind_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        context = None if self._in_the_clear else self.certificate.server_context()
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0, ssl=context, limit=LONGEST)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _wind_up(self) -> None:
        self._server.close()
        self._abort_all()
        if self._passages:
            await asyncio.wait(self._passages)

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

    def hang_up_on_all(self) -> None:
        self._loop.call_soon_threadsafe(self._abort_all)

    def _abort_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passages.add(task)
        task.add_done_callback(self._passages.discard)
        self._open.add(writer)
        with suppress(OSError):
            upstream = await self._upstream()
            passage = _Passage(self, (reader, writer), upstream)
            ways = [asyncio.create_task(passage.questions()), asyncio.create_task(passage.answers())]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await _hang_up(upstream[1])
        self._open.discard(writer)
        await _hang_up(writer)

    async def _upstream(self) -> Stream:
        if self._in_the_clear:
            return await asyncio.open_connection("127.0.0.1", self.dovecot.starttls_port, limit=LONGEST)
        context = self.certificate.client_context()
        return await asyncio.open_connection(
            "127.0.0.1", self.dovecot.port, ssl=context, server_hostname=self.dovecot.host, limit=LONGEST
        )


def _edit(pattern: str, replacement: str | Callable[[re.Match[bytes]], bytes]) -> Edit:
    new = replacement.encode() if isinstance(replacement, str) else replacement
    return re.compile(pattern.encode(), re.IGNORECASE), new


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


class _Passage:
    def __init__(self, door: ImapDoor, client: Stream, upstream: Stream) -> None:
        self._door = door
        self._from_client, self._to_client = client
        self._from_server, self._to_server = upstream
        self._cuts = False

    async def questions(self) -> None:
        """From the client, until it goes or is to be dropped."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await self._from_client.readline():
                action = self._door.action(line)
                if action == "drop":
                    return
                if action == "hang":
                    continue
                if action == "cut":
                    self._cuts = True
                elif action:
                    self._to_client.write(line.split()[0] + b" " + action.encode() + b"\r\n")
                    continue
                self._to_server.write(_edited(line, self._door.edits_in))
                self._to_server.write(await _literal_behind(line, self._from_client))

    async def answers(self) -> None:
        """From the server, until it goes or one of its answers is cut."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await self._from_server.readline():
                whole = _edited(line, self._door.edits_out) + await _literal_behind(line, self._from_server)
                self._to_client.write(whole[: len(whole) // 2] if self._cuts else whole)
                if self._cuts:
                    return


def _edited(line: bytes, edits: list[Edit]) -> bytes:
    for pattern, new in edits:
        line = pattern.sub(new, line)
    return line


async def _literal_behind(line: bytes, stream: asyncio.StreamReader) -> bytes:
    """What was announced at the end of a line; whoever says it may wait until the line was heard."""
    found = _LITERAL.search(line)
    return await stream.readexactly(int(found[1])) if found else b""


@contextmanager
def imap_door_running(dovecot: Dovecot, *, in_the_clear: bool = False) -> Iterator[ImapDoor]:
    door = ImapDoor(dovecot, in_the_clear=in_the_clear)
    door.start()
    try:
        yield door
    finally:
        door.stop()
