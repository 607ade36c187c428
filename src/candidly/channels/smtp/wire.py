"""One TCP or TLS connection: answers in, bytes out, and a time-out for what is awaited."""

import asyncio
import ssl
from collections.abc import Iterator
from typing import Protocol

from candidly.channels.smtp.dialogue import Lost, NoSmtp
from candidly.channels.smtp.reading import NotSmtp, ReplyReader
from candidly.channels.smtp.replies import Reply

_PIECE = 65536  # the time-out holds for one piece, so that a slow line can carry a large mail

_NO_ANSWER = "The mail server {place} did not answer within {seconds:g} seconds. Nothing was sent; try again later."
_BROKEN_OFF = "The mail server {place} broke the connection off. Nothing was sent; try again later."


class Speaker(Protocol):
    """Who uses a wire once it is open."""

    def heard(self, replies: Iterator[Reply]) -> None:
        """What came at once. Going through it may raise NotSmtp, which is the wire's to deal with."""

    def progressed(self) -> None:
        """A piece of a large mail has left."""

    def lost(self, failure: Lost) -> None:
        """The last call: the wire is closed."""


class Wire(asyncio.Protocol):
    """While there is no `speaker`, during the opening, answers wait for `ask` and `answer`."""

    speaker: Speaker | None = None

    def __init__(self, place: str) -> None:
        self._place = place
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._answers: asyncio.Queue[Reply | Lost] = asyncio.Queue()
        self._rest = memoryview(b"")  # of a large mail
        self.unsent = 0  # how many bytes have certainly not left
        self._paused = False
        self._closed = False
        self._seconds = 0.0
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def local_ip(self) -> str:
        return str(self._transport.get_extra_info("sockname")[0])

    async def ask(self, command: bytes, seconds: float) -> Reply:
        """The answer to a command of the opening. Raises Lost."""
        self.write(command + b"\r\n")
        return await self.answer(seconds)

    async def answer(self, seconds: float) -> Reply:
        """The next answer, the greeting for one. Raises Lost."""
        self.wait_at_most(seconds)
        answer = await self._answers.get()
        self.wait_at_most(None)
        if isinstance(answer, Lost):
            raise answer
        return answer

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Nothing that came in the clear may count after the handshake (RFC 3207, 6). Raises OSError, Lost."""
        if self._reader.halfway or not self._answers.empty():
            raise NoSmtp(self._place, "more than an answer to STARTTLS")
        transport = await self._loop.start_tls(self._transport, self, context, server_hostname=host)
        assert transport is not None
        self.connection_made(transport)

    def write(self, data: bytes) -> None:
        if len(data) <= _PIECE and not (self._rest or self._paused or self._transport.is_closing()):
            self._transport.write(data)
        else:
            self._rest = memoryview(bytes(self._rest) + data)
            self._push()

    def wait_at_most(self, seconds: float | None) -> None:
        """From now on for the next answer; None while nothing is awaited."""
        self._deadline = None if seconds is None else self._loop.time() + seconds
        self._seconds = seconds or 0.0
        if self._deadline is not None and (self._timer is None or self._deadline < self._timer.when()):
            self._watch(self._deadline)

    def close(self) -> None:
        """Without a word, and without telling the speaker."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1)  # a pause as soon as anything stays behind

    def data_received(self, data: bytes) -> None:
        replies = self._reader.read(data)
        try:
            if self.speaker:
                self.speaker.heard(replies)
            else:
                for reply in replies:
                    self._answers.put_nowait(reply)
        except NotSmtp as error:
            self._lose(NoSmtp(self._place, error.text))

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._push()
        if self.speaker and not self._closed:
            self.speaker.progressed()

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(Lost(_BROKEN_OFF.format(place=self._place)))

    # Inside

    def _push(self) -> None:
        while self._rest and not self._paused and not self._transport.is_closing():
            piece, self._rest = self._rest[:_PIECE], self._rest[_PIECE:]
            self._transport.write(piece)
        self.unsent = len(self._rest)

    def _watch(self, until: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(until, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        """The timer is not set anew for each answer, but here, when it comes too early."""
        self._timer = None
        if self._deadline is None:
            return
        if self._loop.time() < self._deadline:
            self._watch(self._deadline)
        else:
            self._lose(Lost(_NO_ANSWER.format(place=self._place, seconds=self._seconds)))

    def _lose(self, failure: Lost) -> None:
        if self._closed:
            return
        self.close()
        if self.speaker:
            self.speaker.lost(failure)
        else:
            self._answers.put_nowait(failure)
