"""What a mail server's answers in IMAP mean for people (RFC 9051, 7.1)."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from candidly.channels.imap.settings import Server
from candidly.channels.reaching import NETWORK, explained
from candidly.envelope import DeliveryFailure, ReconnectNeeded, TemporaryFailure, Withheld

#: So many seconds a mailbox is left alone whose server does not answer, or says that it has enough.
PAUSE = 60.0

NOT_LET_IN = (
    "The mail server {place} did not accept the user name and password. Check both; some providers want an app "
    "password instead of the usual one."
)
NO_STARTTLS = "The mail server {place} offers no STARTTLS, so nothing was said in the clear. Use another port."
NO_WAY_IN = "The mail server {place} lets nobody sign in by {way}. Ask its administrator, or sign in otherwise."
_BROKEN_OFF = "The mail server {place} broke the connection off. Mostly it works again in a while."
_NO_IMAP = (
    "The mail server {place} does not want to talk to us in IMAP. Check that the port is right and that it expects "
    "{security}."
)
_NOT_NOW = "The mail server {place} has no time for this mailbox at present. Its answer says why."
_REFUSED = "The mail server {place} did not do what it was asked. Its answer says why."

_EXPECTS = {"tls": "TLS from the start", "starttls": "STARTTLS"}
_CODE = re.compile(r"\[([A-Z-]+)")
# RFC 5530: about the moment, and not about us.
_LATER = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"}
_LONGEST_REPLY = 300


@contextmanager
def in_our_words(server: Server, timeout: float) -> Iterator[None]:
    """Whatever an open connection may raise leaves as a DeliveryFailure. `timeout` in seconds."""
    try:
        yield
    except IMAPClientAbortError as error:
        raise Withheld(_BROKEN_OFF.format(place=server.place), _said(error), wait=PAUSE) from error
    except IMAPClientError as error:
        raise _refusal(error, server) from error
    except (OSError, UnicodeError) as error:
        raise _unreachable(error, server, timeout) from error
    except (ValueError, KeyError, IndexError, TypeError) as error:  # as the library has it, when an answer is garbled
        raise TemporaryFailure(_REFUSED.format(place=server.place), type(error).__name__) from error


@contextmanager
def dialling(server: Server, timeout: float) -> Iterator[None]:
    """The same until the server has greeted us and is secure."""
    try:
        yield
    except CapabilityError as error:
        raise Withheld(NO_STARTTLS.format(place=server.place), wait=PAUSE) from error
    except IMAPClientError as error:
        is_busy = "BYE" in _said(error)
        reason = (_NOT_NOW if is_busy else _NO_IMAP).format(place=server.place, security=_EXPECTS[server.security])
        raise Withheld(reason, _said(error), wait=PAUSE) from error
    except (OSError, UnicodeError) as error:
        raise _unreachable(error, server, timeout) from error


@contextmanager
def signing_in(server: Server, timeout: float) -> Iterator[None]:
    """The same while we sign in. A connection that broke meanwhile says nothing of the password."""
    try:
        with in_our_words(server, timeout):
            yield
    except TemporaryFailure as failure:
        error = failure.__cause__
        was_refused = isinstance(error, LoginError) and not isinstance(error.__context__, IMAPClientAbortError)
        if was_refused and _code(failure.reply) not in _LATER:
            raise ReconnectNeeded(NOT_LET_IN.format(place=server.place), failure.reply) from error
        raise


def _refusal(error: IMAPClientError, server: Server) -> DeliveryFailure:
    said = _said(error)
    if isinstance(error, LoginError) or _code(said) in _LATER:
        return Withheld(_NOT_NOW.format(place=server.place), said, wait=PAUSE)
    return TemporaryFailure(_REFUSED.format(place=server.place), said)


def _unreachable(error: OSError | UnicodeError, server: Server, timeout: float) -> DeliveryFailure:
    reason = explained(error, NETWORK, server.place, server.security, timeout)
    said = "" if isinstance(error, ssl.SSLError | UnicodeError) else (error.strerror or "")
    return Withheld(reason, said, wait=PAUSE)


def _said(error: Exception) -> str:
    return str(error)[:_LONGEST_REPLY]


def _code(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""
