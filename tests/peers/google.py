"""Google's sign-in and Gmail, played by `emulate`: consent pages, tokens, labels and history are its own.

It delivers no mail; what a candidate answers is put into the mailbox by its owner's hands (tests/peers/hands.py). It
has no profile, so that a door of ours stands before it (tests/peers/faulty_google.py).
"""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from candidly.channels.gmail.settings import CALLBACK_PATH, GmailSettings
from candidly.envelope import MailboxAccount
from tests.peers.emulate import emulate_running
from tests.peers.faulty_google import FaultyGoogle, faulty_google_running
from tests.peers.hands import HTTP, Hands

CLIENT, SECRET = "candidly.apps.googleusercontent.com", "a client secret of the tests"
US = "https://us.example"
BOXES = 400
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Google:
    """`url` is its own address, `door` stands before it. Each test takes a mailbox that nobody used before."""

    url: str
    door: FaultyGoogle
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def settings(self, **changes: Any) -> GmailSettings:
        chosen: dict[str, Any] = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uri": f"{US}{CALLBACK_PATH}",
            "auth_url": f"{self.door.url}/o/oauth2/v2/auth",
            "token_url": f"{self.door.url}/oauth2/token",
            "revoke_url": f"{self.door.url}/oauth2/revoke",
            "certs_url": f"{self.door.url}/oauth2/v3/certs",
            "issuer": self.url,
            "api_url": self.door.url,
            "timeout": 20.0,
        }
        return GmailSettings(**{**chosen, **changes})

    def new_address(self) -> str:
        return f"box{next(self._numbers)}@northlane.example"

    def consent(self, url: str, address: str) -> dict[str, str]:
        """What the browser comes back to us with when somebody chooses `address` on the page at `url`."""
        page = HTTP.get(url.replace(self.door.url, self.url))
        assert page.status_code == 200, page.text
        forms = [dict(_FIELD.findall(form)) for form in page.text.split("<form")]
        chosen = next(form for form in forms if html.unescape(form.get("email", "")) == address)
        fields = {name: html.unescape(value) for name, value in chosen.items()}
        answer = HTTP.post(f"{self.url}/o/oauth2/v2/auth/callback", data=fields)
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def tokens(self, address: str) -> dict[str, str]:
        """Access and refresh token of a mailbox, as if its owner had let us in."""
        asked = {"client_id": CLIENT, "redirect_uri": f"{US}{CALLBACK_PATH}", "scope": "openid email"}
        answer = HTTP.post(f"{self.url}/o/oauth2/v2/auth/callback", data={**asked, "email": address})
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        ours = {"client_id": CLIENT, "client_secret": SECRET, "grant_type": "authorization_code"}
        given = HTTP.post(f"{self.url}/oauth2/token", data={**ours, "code": code}).json()
        return {"access_token": given["access_token"], "refresh_token": given["refresh_token"]}

    def knows(self, refresh_token: str) -> bool:
        """Whether it still lets somebody in with it."""
        ours = {"client_id": CLIENT, "client_secret": SECRET, "grant_type": "refresh_token"}
        return HTTP.post(f"{self.url}/oauth2/token", data={**ours, "refresh_token": refresh_token}).is_success

    def account(self, address: str = "", mailbox_id: int = 0) -> MailboxAccount:
        address = address or self.new_address()
        number = mailbox_id or int("".join(filter(str.isdigit, address)) or 0)
        return MailboxAccount(number, address, {"refresh_token": self.tokens(address)["refresh_token"]})

    def hands(self, account: MailboxAccount) -> Hands:
        """Those of the mailbox's owner, at Gmail itself."""
        return Hands(self.url, self.tokens(account.address)["access_token"], account.address)


@contextmanager
def google_running(redirect_uri: str = f"{US}{CALLBACK_PATH}", addresses: tuple[str, ...] = ()) -> Iterator[Google]:
    """`addresses` have mailboxes, besides the boxes for tests."""
    named = [*addresses, *(f"box{n}@northlane.example" for n in range(1, BOXES + 1))]
    # Whoever comes with a token that it does not know is let in as the first user.
    users = [{"email": "sink@void.test", "name": "Sink"}, *({"email": a, "name": a.partition("@")[0]} for a in named)]
    client = {"client_id": CLIENT, "client_secret": SECRET, "name": "Candidly", "redirect_uris": [redirect_uri]}
    seed = json.dumps({"google": {"users": users, "oauth_clients": [client]}})
    with emulate_running("google", seed) as port, faulty_google_running(f"http://127.0.0.1:{port}") as door:
        yield Google(f"http://localhost:{port}", door)
