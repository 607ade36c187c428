"""An independent stand-in for Twilio: `emulate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.peers.emulate import emulate_running

ACCOUNT = "AC11111111111111111111111111111111"
TOKEN = "an auth token of the tests"
NUMBER = "+15551234567"

_SEED = """\
twilio:
  account: {{sid: {account}, auth_token: "{token}", friendly_name: Tests}}
  phone_numbers: [{{phone_number: "{number}", friendly_name: Tests, sms_url: "{inbound}"}}]
"""
_SECONDS = 20


@dataclass(frozen=True)
class Emulator:
    """`url` is the API's. What it says of a text, or hands in, it signs with TOKEN."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def messages(self) -> list[dict[str, Any]]:
        """Every text that it took or handed in, newest first."""
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        found = requests.get(f"{self.url}{path}", params={"PageSize": 1000}, auth=(ACCOUNT, TOKEN), timeout=_SECONDS)
        return list(found.json()["messages"])

    def hand_in(self, sender: str, text: str) -> None:
        """As if somebody had texted our number: it calls our inbound address."""
        self._simulate("inbound-message", To=NUMBER, From=sender, Body=text)

    def report(self, sid: str, status: str) -> None:
        """As if the phone company had said what became of the text: it calls the text's status address."""
        self._simulate("message-status", MessageSid=sid, Status=status)

    def _simulate(self, what: str, **fields: str) -> None:
        answer = requests.post(
            f"{self.url}/_twilio/simulate/{what}", data=fields, auth=(ACCOUNT, TOKEN), timeout=_SECONDS
        )
        assert answer.ok, answer.text


@contextmanager
def emulator_running(inbound: str = "") -> Iterator[Emulator]:
    """`inbound` is our address for texts to NUMBER. It forgets everything when it stops."""
    with emulate_running("twilio", _SEED.format(account=ACCOUNT, token=TOKEN, number=NUMBER, inbound=inbound)) as port:
        yield Emulator("127.0.0.1", port)
