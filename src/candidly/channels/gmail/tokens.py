"""Access tokens: what opens a mailbox for an hour, got with what opens it for good."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

import httpx

from candidly.channels.gmail.errors import Unanswered
from candidly.channels.gmail.oauth import ask_for_token
from candidly.channels.gmail.settings import GmailSettings
from candidly.envelope import MailboxAccount, ReconnectNeeded, TemporaryFailure

#: Seconds before its end at which a token is not used any more.
MARGIN = 120.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float


class Tokens:
    """Those of all mailboxes of one process, in memory alone. Used by many threads at once.

    A mailbox that does not let us in any more is asked once: lasting access that was withdrawn never comes back.
    """

    def __init__(self, settings: GmailSettings) -> None:
        self._settings = settings
        self._known: OrderedDict[str, _Token | ReconnectNeeded] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, account: MailboxAccount, http: httpx.Client) -> str:
        """A token that is good for two minutes at least. Raises DeliveryFailure."""
        key = account.credentials.get("refresh_token", "")
        with self._lock:
            known = self._known.get(key)
        if isinstance(known, _Token) and known.until > monotonic():
            return known.value
        if isinstance(known, ReconnectNeeded):
            raise ReconnectNeeded(known.reason, known.reply)
        return self._fetch(key, http)

    def forget(self, account: MailboxAccount) -> None:
        with self._lock:
            self._known.pop(account.credentials.get("refresh_token", ""), None)

    def _fetch(self, key: str, http: httpx.Client) -> str:
        asked = monotonic()
        try:
            given = ask_for_token(http, self._settings, {"grant_type": "refresh_token", "refresh_token": key})
        except ReconnectNeeded as refused:
            self._keep(key, refused)
            raise
        except Unanswered as lost:  # of what a token was wanted for, nothing was heard
            raise TemporaryFailure(lost.reason, lost.reply) from lost
        token = _Token(str(given["access_token"]), asked + float(given.get("expires_in", 0)) - MARGIN)
        self._keep(key, token)
        return token.value

    def _keep(self, key: str, known: _Token | ReconnectNeeded) -> None:
        with self._lock:
            self._known[key] = known
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
