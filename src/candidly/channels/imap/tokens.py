"""Access tokens: what opens a mailbox for an hour where it is opened without a password (RFC 6749, 6)."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from time import monotonic
from typing import Any

import httpx

from candidly.channels.imap.settings import ImapSettings
from candidly.envelope import MailboxAccount, ReconnectNeeded, TemporaryFailure

AWAY = "The provider of the mailbox does not answer. Nothing was lost; it is tried again."
WITHDRAWN = "The provider no longer lets Candidly into this mailbox. Connect it again in the settings."
NOT_SET_UP = "This server is not set up for mailboxes without a password. Connect it with one, or ask whoever runs it."
#: Seconds before its end at which a token is not used any more.
MARGIN = 120.0
_LASTS = 3600.0  # where the provider does not say
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float
    refresh_token: str


class Tokens:
    """Those of all mailboxes of one process, in memory alone. Used by many threads at once."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._known: OrderedDict[str, _Token] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, account: MailboxAccount) -> str:
        """A token that is good for two minutes at least; empty where a password opens the mailbox. Raises
        DeliveryFailure."""
        key = account.credentials.get("refresh_token", "")
        if not key:
            return ""
        with self._lock:
            known = self._known.get(key)
        if known is None or known.until <= monotonic():
            known = self._fetch(known.refresh_token if known else key)
            self._keep({key, known.refresh_token}, known)
        return known.value

    def letting_in[S](self, account: MailboxAccount, sign_in: Callable[[str], S]) -> S:
        """Sign in with a token, or with "" where there is a password. A token may have been taken back before its time:
        then there is another. Raises what `sign_in` raises."""
        token = self.of(account)
        try:
            return sign_in(token)
        except ReconnectNeeded:
            if not token:
                raise
        self._forget(account)
        return sign_in(self.of(account))

    def _forget(self, account: MailboxAccount) -> None:
        key = account.credentials.get("refresh_token", "")
        with self._lock:
            if known := self._known.get(key):
                self._known[key] = replace(known, until=0.0)

    def renewed(self, account: MailboxAccount) -> MailboxAccount:
        """The account as it is to be kept: some providers give something new to get tokens with each time."""
        key = account.credentials.get("refresh_token", "")
        with self._lock:
            known = self._known.get(key)
        if known is None or known.refresh_token == key:
            return account
        return replace(account, credentials={**account.credentials, "refresh_token": known.refresh_token})

    def _fetch(self, refresh_token: str) -> _Token:
        if not self._settings.token_url:
            raise ReconnectNeeded(NOT_SET_UP)
        asked = monotonic()
        given = self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})
        until = asked + float(given.get("expires_in") or _LASTS) - MARGIN
        return _Token(str(given["access_token"]), until, str(given.get("refresh_token") or refresh_token))

    def _ask(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        settings = self._settings
        client = {"client_id": settings.client_id, "client_secret": settings.client_secret}
        form = {**form, **{name: value for name, value in client.items() if value}}
        try:
            answer = httpx.post(settings.token_url, data=form, timeout=settings.timeout)
            said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise TemporaryFailure(AWAY, type(error).__name__) from error
        if answer.is_success and isinstance(said, dict) and said.get("access_token"):
            return said
        raise _refusal(answer.status_code, said.get("error", "") if isinstance(said, dict) else "")

    def _keep(self, keys: set[str], token: _Token) -> None:
        with self._lock:
            self._known.update(dict.fromkeys(keys, token))
            while len(self._known) > _MOST:
                self._known.popitem(last=False)


@cache
def tokens_of(settings: ImapSettings) -> Tokens:
    """What all that opens mailboxes in this process has in common."""
    return Tokens(settings)


def _refusal(status: int, error: object) -> TemporaryFailure:
    """RFC 6749, 5.2: of all errors only this one is about the mailbox; the others are for whoever runs this server."""
    reply = f"{status} {error}"[:100]
    if error == "invalid_grant":
        return ReconnectNeeded(WITHDRAWN, reply)
    return TemporaryFailure(AWAY, reply)
