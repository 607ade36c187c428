"""An SMTP server that answers 250 only when the mail is kept (RFC 5321): for the inbound door and the mail sandbox."""

import asyncio
import logging
import re
import ssl
import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any, AnyStr, override

from aiosmtpd.smtp import SMTP, Envelope, Session

from candidly.channels.smtp.content import IncomingContent
from candidly.channels.smtp.together import Together

log = logging.getLogger(__name__)

_NO_MAILBOX = "550 5.1.1 There is no such mailbox here"
_TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients at once, please send the others separately"
_TRY_LATER = "451 4.3.0 The mail could not be stored, please try again later"
_TOO_BUSY = "421 4.3.2 Too many connections, please try again later"
_TOO_LARGE = "552 5.3.4 The mail is larger than this server takes"
_PLAIN_TOO_LARGE = "552 Error: message size exceeds fixed maximum message size"  # aiosmtpd's, to MAIL with SIZE
_PLAIN_ADDRESS = re.compile(r"\s*<([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>", re.ASCII)
_RECIPIENTS_AT_ONCE = 100  # RFC 5321, 4.5.3.1.8: at least so many
_DATA_SECONDS = 600.0
_GRACE_SECONDS = 10.0
_EVERYTHING = sys.maxsize
_LINE_BYTES = 65536  # of a command; the content knows no lines


class CannotListen(Exception):
    """The port could not be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """What came in one SMTP transaction.

    `envelope_from` is empty for the null sender of bounces. `raw` is the content as it came over the
    wire, transparency dots removed (RFC 5321, 4.5.2), and may hold any bytes. `peer` is an IP address. `places` are
    what the listener's `accepts` said of each recipient.
    """

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    peer: str
    places: tuple[Any, ...] = ()


def everyone(recipients: Sequence[str]) -> Sequence[bool]:
    return [True for _ in recipients]


class Listener:
    """Listens in a thread of its own from `start` to `stop`.

    `accepts` says what a recipient is known as, and gets it back with the mail: what is not true is answered 550, an
    exception 451. `keep` stores a mail durably: True is answered 250, False and an exception 451. Both get what came at
    one moment together and say it of each, run in a thread of their own, and may block. A mail over `max_bytes` is
    answered 552 5.3.4. With `tls_context` STARTTLS is offered. `timeout` is in seconds, for a command; the content
    of a mail may take ten minutes.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        keep: Callable[[Sequence[ReceivedMail]], Sequence[bool]],
        accepts: Callable[[Sequence[str]], Sequence[Any]] = everyone,
        max_bytes: int = 40_000_000,
        hostname: str = "localhost",
        max_connections: int = 100,
        timeout: float = 300.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.max_bytes = max_bytes
        self.hostname = hostname
        self.max_connections = max_connections
        self.timeout = timeout
        self.tls_context = tls_context
        self.connections: set[_Connection] = set()
        self.door = _Door(Together(keep, "smtp-keep"), Together(accepts, "smtp-accept"))

    def start(self) -> None:
        """Returns when mail can come in. With port 0 the system chooses one, and `port` then tells it.

        Raises CannotListen.
        """
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd logs addresses below that
        started: Future[None] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(started)), name="smtp-listener", daemon=True)
        self._thread.start()
        started.result()

    def stop(self) -> None:
        """Takes no more mail. A mail that is being stored is stored and answered first."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _serve(self, started: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            server = await self._loop.create_server(lambda: _Connection(self), self.host, self.port)
        except (OSError, OverflowError) as error:
            started.set_exception(CannotListen(_cannot_listen(self.host, self.port, error)))
            return
        self.port = server.sockets[0].getsockname()[1]
        started.set_result(None)
        await self._stopping.wait()
        await self._wind_up(server)

    async def _wind_up(self, server: asyncio.Server) -> None:
        server.close()
        for connection in list(self.connections):
            connection.finish()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await server.wait_closed()
        except TimeoutError:
            server.abort_clients()
        self.door.close()


def _cannot_listen(host: str, port: int, error: Exception) -> str:
    return (
        f"Candidly cannot take mail on {host}:{port} ({getattr(error, 'strerror', '') or error}). "
        "Stop the other program that uses the port, or choose another port in the settings."
    )


class _Door:
    """The answers that are ours to give; aiosmtpd calls these by their names."""

    def __init__(self, keep: Together[ReceivedMail, bool], accepts: Together[str, Any]) -> None:
        self._keep = keep
        self._accepts = accepts

    def close(self) -> None:
        self._keep.close()
        self._accepts.close()

    async def handle_EHLO(
        self, server: "_Connection", session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = [line for line in responses if not line.startswith("250-AUTH")]  # nobody can sign in here
        return [offered[0], "250-PIPELINING", *offered[1:]]

    async def handle_MAIL(
        self, server: "_Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address  # "<>" for the null sender: aiosmtpd takes an empty one for none
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: "_Connection", session: Session, envelope: "_Envelope", address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= _RECIPIENTS_AT_ONCE:
            return _TOO_MANY_RECIPIENTS
        place = await self._accepts(address)
        if not place:
            return _NO_MAILBOX
        envelope.rcpt_tos.append(address)
        envelope.places.append(place)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: "_Connection", session: Session, envelope: "_Envelope") -> str:
        mail = ReceivedMail(
            envelope_from="" if envelope.mail_from == "<>" else envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            raw=envelope.original_content or b"",
            peer=session.peer[0] if session.peer else "",
            places=tuple(envelope.places),
        )
        server.storing = True
        try:
            kept = await self._keep(mail)
        except Exception as error:  # noqa: BLE001 - answered here, so that the transaction ends as any other
            return await self.handle_exception(error)
        return "250 2.0.0 OK, kept" if kept else _TRY_LATER

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong was ours: the sender tries again. The message of the error may quote the mail."""
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("incoming mail met %s\n%s", type(error).__name__, where)
        return _TRY_LATER


class _Envelope(Envelope):
    """aiosmtpd's, and what the recipients are known as."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Any] = []


class _Connection(SMTP):
    """aiosmtpd's server for one connection, with what we do otherwise."""

    def __init__(self, listener: Listener) -> None:
        self.line_length_limit = _LINE_BYTES
        super().__init__(
            listener.door,
            data_size_limit=listener.max_bytes,
            enable_SMTPUTF8=True,
            hostname=listener.hostname,
            ident="ESMTP Candidly",
            tls_context=listener.tls_context,
            timeout=listener.timeout,
            loop=asyncio.get_running_loop(),
        )
        self.listener = listener
        self.storing = False
        self.finishing = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        seen_before = self in self.listener.connections  # STARTTLS makes the connection anew
        if not seen_before and len(self.listener.connections) >= self.listener.max_connections:
            transport.write(f"{_TOO_BUSY}\r\n".encode())
            transport.close()
            return
        self.listener.connections.add(self)
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if self in self.listener.connections:  # not when turned away, and once only after a failed TLS handshake
            self.listener.connections.discard(self)
            super().connection_lost(error)

    @override
    def _create_envelope(self) -> _Envelope:
        return _Envelope()

    @override
    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """What nearly all addresses look like needs no parser; aiosmtpd's takes a hundred times as long."""
        plain = _PLAIN_ADDRESS.match(arg)
        return (plain[1], arg[plain.end() :].strip()) if plain else super()._getaddr(arg)

    @override
    async def smtp_DATA(self, arg: str | None) -> None:
        """aiosmtpd reads the content line by line, which takes a millisecond and more for a mail."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.session is not None
        assert isinstance(self.envelope, _Envelope)
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
        elif arg:
            await self.push("501 5.5.4 Syntax: DATA")
        else:
            self._reset_timeout(_DATA_SECONDS)
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._answer(await self._content(), self.session, self.envelope)

    async def _content(self) -> IncomingContent:
        content = IncomingContent(self.listener.max_bytes)
        behind = None
        while behind is None:
            packet = await self._reader.read(_EVERYTHING)
            if not packet:
                raise ConnectionResetError
            behind = content.feed(packet)
        if behind and not self._reader.at_eof():
            self._reader.feed_data(behind)  # the next commands, said at once; it comes first, for all was read
        return content

    async def _answer(self, content: IncomingContent, session: Session, envelope: _Envelope) -> None:
        if content.too_large:
            status = _TOO_LARGE
        else:
            envelope.original_content = content.take()
            status = await self.listener.door.handle_DATA(self, session, envelope)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)
        self.storing = False
        if self.finishing and self.transport is not None:
            self.transport.close()

    @override
    async def push(self, status: AnyStr) -> None:
        if status == _PLAIN_TOO_LARGE:
            await super().push(_TOO_LARGE)
        else:
            await super().push(status)

    def finish(self) -> None:
        """Closes now, or after the answer to the mail that is being stored."""
        self.finishing = True
        if not self.storing and self.transport is not None:
            self.transport.close()
