"""Requests to the Gmail API for one mailbox: let in, within its pace, and every answer in our words."""

from functools import cache
from typing import Any, NamedTuple

import httpx

from candidly.channels.gmail.errors import ENOUGH, reaching_google, refusal, told
from candidly.channels.gmail.pace import Pace
from candidly.channels.gmail.settings import GmailSettings
from candidly.channels.gmail.tokens import Tokens
from candidly.envelope import MailboxAccount, Withheld

_ME = "/gmail/v1/users/me/"


class Shared(NamedTuple):
    """What all that speaks to Google in this process has in common."""

    tokens: Tokens
    pace: Pace


@cache
def shared(settings: GmailSettings) -> Shared:
    return Shared(Tokens(settings), Pace(settings.units_per_minute))


def connections(settings: GmailSettings, most: int) -> httpx.Client:
    return httpx.Client(timeout=settings.timeout, limits=httpx.Limits(max_connections=most))


class Requests:
    """Those of one mailbox, over connections that it shares with others."""

    def __init__(self, settings: GmailSettings, http: httpx.Client, account: MailboxAccount) -> None:
        self._settings = settings
        self._http = http
        self._account = account
        self._tokens, self._pace = shared(settings)

    def get(self, path: str, units: int, **asked: Any) -> dict[str, Any]:
        return self.ask("GET", path, units, params=asked)

    def post(self, path: str, units: int, said: Any) -> dict[str, Any]:
        return self.ask("POST", path, units, json=said)

    def upload(self, path: str, units: int, content: bytes, content_type: str) -> dict[str, Any]:
        how = {"params": {"uploadType": "multipart"}, "content": content, "headers": {"Content-Type": content_type}}
        return self.ask("POST", path, units, base="/upload" + _ME, **how)

    def ask(self, method: str, path: str, units: int, *, base: str = _ME, **how: Any) -> dict[str, Any]:
        """What Gmail says to a request that costs `units`. Raises DeliveryFailure; Unanswered only when the request
        itself may have been heard."""
        if wait := self._pace.take(self._account.mailbox_id, units):
            raise Withheld(ENOUGH, wait=wait)
        answer = self._let_in(method, f"{self._settings.api_url}{base}{path}", **how)
        if answer.is_success:
            self._pace.answered(self._account.mailbox_id)
            return told(answer)
        failure = refusal(answer)
        if type(failure) is Withheld:
            failure.wait = self._pace.refused(self._account.mailbox_id, failure.wait)
        raise failure

    def _let_in(self, method: str, url: str, **how: Any) -> httpx.Response:
        """A token may have been taken back before its time: then there is another, or none for good."""
        answer = self._request(method, url, **how)
        if answer.status_code == 401:
            self._tokens.forget(self._account)
            answer = self._request(method, url, **how)
        return answer

    def _request(self, method: str, url: str, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:
        token = self._tokens.of(self._account, self._http)
        with reaching_google():
            return self._http.request(
                method, url, headers={"Authorization": f"Bearer {token}", **(headers or {})}, **how
            )
