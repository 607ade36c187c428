"""An independent stand-in for Twilio: `emulate`, from npm, as tests/peers/node pins it."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.peers.processes import free_port, open_folder, running, wait_until

ACCOUNT = "AC11111111111111111111111111111111"
TOKEN = "an auth token of the tests"
NUMBER = "+15551234567"

_PINNED = Path(__file__).with_name("node")
_CACHE = Path(__file__).parents[2] / "build" / "peers"
_INSTALL = "apt-get install -y --no-install-recommends nodejs npm"
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
    port = free_port()
    with open_folder() as folder:
        seed = folder / "seed.yaml"
        seed.write_text(_SEED.format(account=ACCOUNT, token=TOKEN, number=NUMBER, inbound=inbound))
        program = _installed() / "node_modules/emulate/dist/index.js"
        command = [_node("node"), str(program), "start", "-s", "twilio", "-p", str(port), "--seed", str(seed)]
        with running(command, port):
            wait_until(lambda: _is_ready(port), "the emulator answers")
            yield Emulator("127.0.0.1", port)


def _is_ready(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/", timeout=_SECONDS)
    except requests.RequestException:
        return False
    return True


def _installed() -> Path:
    """Where npm has put it; kept until another version is pinned."""
    pinned = (_PINNED / "package-lock.json").read_bytes()
    folder = _CACHE / hashlib.sha256(pinned).hexdigest()[:16]
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come for it at once
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(_PINNED, folder)
            npm = [_node("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(npm, cwd=folder, check=True, capture_output=True, timeout=300)
            (folder / "installed").touch()
    return folder


def _node(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed. Run: {_INSTALL}", pytrace=False)
    return path
