"""Gmail between mailboxes, played by `myworld`: it delivers, threads and renames mails as Gmail does, and fails on
demand. It knows nothing of consent, watching, or labels in its history."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from candidly.channels.gmail.settings import GmailSettings
from candidly.envelope import MailboxAccount
from tests.peers.emulate import installed
from tests.peers.hands import HTTP, Hands
from tests.peers.processes import open_folder, running, wait_until
from tests.support.ports import free_port

HANNAH, AMARA = "hannah@northlane.example", "amara@mail.example"
_LOCK = Path(__file__).with_name("world") / "requirements.lock"
_GMAIL = "/gw/gmail.googleapis.com"


@dataclass(frozen=True)
class World:
    """One world: Hannah's and Amara's mailboxes, and nobody else's."""

    url: str
    name: str
    tokens: dict[str, str]

    def settings(self, **changes: Any) -> GmailSettings:
        google = f"{self.url}/gw/oauth2.googleapis.com"
        chosen: dict[str, Any] = {
            "client_id": "myworld.apps.googleusercontent.com",
            "client_secret": "myworld",
            "redirect_uri": f"https://us.example/{self.name}/",  # its own pace, whatever numbers mailboxes have
            "auth_url": f"{google}/auth",
            "token_url": f"{google}/token",
            "revoke_url": f"{google}/revoke",
            "certs_url": f"{google}/certs",
            "issuer": google,
            "api_url": f"{self.url}{_GMAIL}",
            "timeout": 20.0,
        }
        return GmailSettings(**{**chosen, **changes})

    def account(self, address: str = HANNAH) -> MailboxAccount:
        return MailboxAccount(int(self.name.removeprefix("world")), address, {"refresh_token": self.tokens[address]})

    def hands(self, address: str) -> Hands:
        return Hands(f"{self.url}{_GMAIL}", self.tokens[address], address)

    def fault(self, tool: str, kind: str) -> None:
        """What goes wrong with the next call of, say, "messages.send"."""
        self.faults((tool, kind))

    def faults(self, *faults: tuple[str, str]) -> None:
        what = [{"tool": f"gmail.users.{tool}", "kind": kind, "on_call": 1} for tool, kind in faults]
        assert HTTP.put(f"{self.url}/instances/{self.name}-gmail/faults", json=what).is_success

    def deliver(self, sender: str, subject: str, text: str) -> None:
        """A mail from outside for Hannah."""
        params = {"to": HANNAH, "sender": sender, "subject": subject, "body": text}
        event = {"server": "gmail", "action": "deliver_email", "params": params}
        assert HTTP.post(f"{self.url}/envs/{self.name}/events", json=event).is_success


@dataclass(frozen=True)
class Worlds:
    """Makes a new world for each test."""

    url: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self) -> World:
        name = f"world{next(self._numbers)}"
        seed = {"user": {"email": HANNAH, "name": "Hannah Whitlock"}, "mailboxes": [_mailbox(AMARA, "Amara Okafor")]}
        who = {"hannah": HANNAH, "amara": AMARA}
        spec = {
            "name": name,
            "task": "none",
            "time": "realtime",
            "now": "wallclock",
            "servers": {"gmail": {"seed": seed}},
            "agents": {agent: {"as": address, "task": "none"} for agent, address in who.items()},
        }
        made = HTTP.post(f"{self.url}/envs", json={"spec": spec, "id": name})
        assert made.is_success, made.text
        given = made.json()["credentials"]
        return World(self.url, name, {who[agent]: keys["google_access_token"] for agent, keys in given.items()})


def _mailbox(address: str, name: str) -> dict[str, Any]:
    return {"user": {"email": address, "name": name}, "emails": []}


@contextmanager
def worlds_running() -> Iterator[Worlds]:
    port = free_port()
    with open_folder() as folder:
        program = installed(_LOCK, _install) / ".venv/bin/myworld"
        command = [str(program), "serve", "--port", str(port), "--ca-dir", str(folder), "--log-level", "warning"]
        with running([*command, "--max-instances", "1000"], port):
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: HTTP.get(f"{url}/healthz").is_success, "the world answers")
            yield Worlds(url)


def _install(folder: Path) -> None:
    own = Path(__file__).parents[2] / ".uv/bin/uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        pytest.fail("uv is not installed. Run: make setup", pytrace=False)
    python = str(folder / ".venv/bin/python")
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder / ".venv")],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(folder / _LOCK.name)],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=300)
