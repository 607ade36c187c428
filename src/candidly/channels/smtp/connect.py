"""From nothing to a connection that is ready for mail: dial, greet, secure, sign in."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from candidly.channels.reaching import NETWORK, Explanations, explained, tls_context
from candidly.channels.smtp.dialogue import Lost, NoSmtp
from candidly.channels.smtp.replies import Reply
from candidly.channels.smtp.settings import RelaySettings
from candidly.channels.smtp.sign_in import SignInFailed, SignInRefused, sign_in
from candidly.channels.smtp.wire import Wire
from candidly.envelope import TemporaryFailure


class Unwelcome(Exception):
    """The server does not want us: its answer to the greeting, EHLO or STARTTLS."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))


# In order: the first kind that fits speaks.
_EXPLANATIONS: Explanations = (
    (
        SignInRefused,
        "The mail server {place} did not accept the user name and password. Check both in the relay's settings.",
    ),
    (
        Unwelcome,
        "The mail server {place} does not want to talk to us at present. Its answer says why.",
    ),
    (
        NoSmtp,
        "The mail server {place} does not want to talk to us in SMTP. Check that the port is right and that it "
        "expects {security}.",
    ),
    (
        Lost,
        "The mail server {place} broke the connection off, or did not answer in time. Check that the port is right "
        "and that it expects {security}.",
    ),
    *NETWORK,
)
_NO_STARTTLS = "The mail server {place} offers no STARTTLS, so nothing was sent in the clear. Use another port."
_PARTING_SECONDS = 2.0


class Session(NamedTuple):
    """An open wire, and what the server offers: the keywords of its EHLO in lower case, with their parameters."""

    wire: Wire
    features: Mapping[str, str]

    @property
    def pipelining(self) -> bool:
        return "pipelining" in self.features

    @property
    def largest(self) -> int:
        """In bytes, as the server announced (RFC 1870); 0 when it did not."""
        size = self.features.get("size", "")
        return int(size) if size.isdecimal() else 0

    async def leave(self) -> None:
        """Takes leave as RFC 5321 asks, without waiting long for an answer."""
        self.wire.speaker = None
        try:
            await self.wire.ask(b"QUIT", _PARTING_SECONDS)
        except Lost:
            return
        self.wire.close()


async def connect(settings: RelaySettings) -> Session:
    """A connection past EHLO, STARTTLS (RFC 3207) and AUTH (RFC 4954), as the settings ask.

    Raises TemporaryFailure with `gateway_down`, whatever stood in the way: all of it can be mended.
    """
    context = None if settings.security == "none" else tls_context(settings.ca_file, settings.place)
    try:
        wire = await _dial(settings, context)
        try:
            return Session(wire, await _introduce(wire, settings, context))
        except BaseException:
            wire.close()
            raise
    except (OSError, UnicodeError, Lost, Unwelcome, SignInRefused) as error:
        raise _explained(error, settings) from error


def try_out(settings: RelaySettings) -> None:
    """Goes as far as a mail would before its envelope, and takes leave. Raises as `connect` does."""

    async def there_and_back() -> None:
        await (await connect(settings)).leave()

    asyncio.run(there_and_back())


async def _dial(settings: RelaySettings, context: ssl.SSLContext | None) -> Wire:
    loop = asyncio.get_running_loop()
    secured = context if settings.security == "tls" else None
    try:
        async with asyncio.timeout(settings.timeout):
            _, wire = await loop.create_connection(  # type: ignore[call-overload]
                lambda: Wire(settings.place), settings.host, settings.port, ssl=secured, all_errors=True
            )
    except ExceptionGroup as group:  # one error for each address of the host
        raise group.exceptions[-1] from group
    assert isinstance(wire, Wire)
    return wire


async def _introduce(wire: Wire, settings: RelaySettings, context: ssl.SSLContext | None) -> Mapping[str, str]:
    greeting = await wire.answer(settings.timeout)
    if not greeting.positive:
        raise Unwelcome(greeting)
    features = await _hello(wire, settings)
    if settings.security == "starttls":
        assert context is not None
        await _secure(wire, settings, context, features)
        features = await _hello(wire, settings)
    if settings.username:
        await sign_in(wire, settings, features)
    return features


async def _hello(wire: Wire, settings: RelaySettings) -> Mapping[str, str]:
    """What the server offers; nothing where it knows only HELO."""
    name = (settings.ehlo_name or await _own_name(wire)).encode("ascii")
    reply = await wire.ask(b"EHLO " + name, settings.timeout)
    if reply.positive:
        lines = (line.replace("=", " ", 1) for line in reply.text.split("\n")[1:])  # some say AUTH=LOGIN
        return {keyword.lower(): parameters for keyword, _, parameters in (line.partition(" ") for line in lines)}
    reply = await wire.ask(b"HELO " + name, settings.timeout)
    if not reply.positive:
        raise Unwelcome(reply)
    return {}


async def _own_name(wire: Wire) -> str:
    """This machine's name, or its address where it has no full one (RFC 5321, 4.1.4)."""
    name = await asyncio.get_running_loop().run_in_executor(None, _machine_name)
    if "." in name and name.isascii():
        return name
    ip = wire.local_ip
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


@lru_cache(maxsize=1)  # it may ask a name server
def _machine_name() -> str:
    return socket.getfqdn()


async def _secure(wire: Wire, settings: RelaySettings, context: ssl.SSLContext, features: Mapping[str, str]) -> None:
    if "starttls" not in features:
        raise TemporaryFailure(_NO_STARTTLS.format(place=settings.place), gateway_down=True)
    reply = await wire.ask(b"STARTTLS", settings.timeout)
    if not reply.positive:
        raise Unwelcome(reply)
    async with asyncio.timeout(settings.timeout):
        await wire.start_tls(context, settings.host)


def _explained(error: Exception, settings: RelaySettings) -> TemporaryFailure:
    reason = explained(error, _EXPLANATIONS, settings.place, settings.security, settings.timeout)
    said = (
        error.reply if isinstance(error, Lost) else str(error) if isinstance(error, Unwelcome | SignInRefused) else ""
    )
    kind = SignInFailed if isinstance(error, SignInRefused) else TemporaryFailure
    return kind(reason, said, gateway_down=True)
