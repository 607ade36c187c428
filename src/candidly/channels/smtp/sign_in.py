"""Signing in at the gateway (RFC 4954): PLAIN, LOGIN, CRAM-MD5; or with a token, XOAUTH2."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping

from candidly.channels.smtp.replies import Reply
from candidly.channels.smtp.settings import RelaySettings
from candidly.channels.smtp.wire import Wire
from candidly.envelope import TemporaryFailure

_NO_SIGN_IN = "The mail server {place} offers no sign-in. Use other security, or leave the user name empty."
_NO_COMMON_SIGN_IN = (
    "The mail server {place} offers no sign-in that Candidly knows, only {offered}. "
    "Let its administrator allow {known}."
)


class SignInRefused(Exception):
    """What the server said to the user name and password."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))


class SignInFailed(TemporaryFailure):
    """The same, in words. `gateway_down`, because no mail can go before it is mended."""


async def sign_in(wire: Wire, settings: RelaySettings, features: Mapping[str, str]) -> None:
    """By the first way that both know. Raises SignInRefused, Lost, or TemporaryFailure when there is no way.

    Over TLS a plain password is safe; without, the way that does not show it comes first.
    """
    offered = features.get("auth", "").upper().split()
    if not offered:
        raise TemporaryFailure(_NO_SIGN_IN.format(place=settings.place), gateway_down=True)
    known = _known(settings)
    way = next((name for name in known if name in offered), None)
    if way is None:
        reason = _NO_COMMON_SIGN_IN.format(place=settings.place, offered=", ".join(offered), known=_listed(known))
        raise TemporaryFailure(reason, gateway_down=True)
    reply = await _WAYS[way](wire, settings)
    if reply.code != 235:
        raise SignInRefused(reply)


def _known(settings: RelaySettings) -> list[str]:
    if settings.access_token:
        return ["XOAUTH2"]
    return ["CRAM-MD5", "PLAIN", "LOGIN"] if settings.security == "none" else ["PLAIN", "LOGIN", "CRAM-MD5"]


def _listed(names: list[str]) -> str:
    return " or ".join(", ".join(names).rsplit(", ", 1))


async def _plain(wire: Wire, settings: RelaySettings) -> Reply:
    return await wire.ask(b"AUTH PLAIN " + _coded(f"\0{settings.username}\0{settings.password}"), settings.timeout)


async def _login(wire: Wire, settings: RelaySettings) -> Reply:
    reply = await wire.ask(b"AUTH LOGIN", settings.timeout)
    for secret in (settings.username, settings.password):
        if reply.code == 334:
            reply = await wire.ask(_coded(secret), settings.timeout)
    return reply


async def _cram_md5(wire: Wire, settings: RelaySettings) -> Reply:
    """RFC 2195."""
    reply = await wire.ask(b"AUTH CRAM-MD5", settings.timeout)
    if reply.code != 334:
        return reply
    try:
        challenge = b64decode(reply.text, validate=True)
    except ValueError as error:
        raise SignInRefused(reply) from error
    digest = hmac.new(settings.password.encode(), challenge, "md5").hexdigest()
    return await wire.ask(_coded(f"{settings.username} {digest}"), settings.timeout)


async def _xoauth2(wire: Wire, settings: RelaySettings) -> Reply:
    """https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: a no comes as a question, which is to be
    answered with an empty line."""
    said = _coded(f"user={settings.username}\1auth=Bearer {settings.access_token}\1\1")
    reply = await wire.ask(b"AUTH XOAUTH2 " + said, settings.timeout)
    return await wire.ask(b"", settings.timeout) if reply.code == 334 else reply


def _coded(secret: str) -> bytes:
    return b64encode(secret.encode())


_WAYS: Mapping[str, Callable[[Wire, RelaySettings], Awaitable[Reply]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
    "XOAUTH2": _xoauth2,
}
