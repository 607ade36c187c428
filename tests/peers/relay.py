"""A real Postfix that relays: mail for our reply domain to our listener, everything else to a capture server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.processes import answers, open_folder, program, wait_until
from tests.support.ports import free_port

_MASTER = Path("/usr/share/postfix/master.cf.dist")
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.hub.test
mydestination =
disable_dns_lookups = yes
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
maximal_queue_lifetime = 1m
bounce_queue_lifetime = 1m
"""
_RELAYS = """\
mynetworks = 127.0.0.0/8
relay_domains = {reply_domain}
relay_recipient_maps = static:OK
recipient_delimiter = +
transport_maps = inline:{{ {{{reply_domain}=smtp:[127.0.0.1]:{listener_port}}} }}
default_transport = smtp:[127.0.0.1]:{capture_port}
"""


@dataclass(frozen=True)
class Relay:
    host: str
    port: int
    folder: Path

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""


@contextmanager
def postfix_relay_running(reply_domain: str, listener_port: int, capture_port: int) -> Iterator[Relay]:
    """One that hands mail for `reply_domain` to a listener of ours, and all other to a capture server."""
    relays = _RELAYS.format(reply_domain=reply_domain, listener_port=listener_port, capture_port=capture_port)
    with postfix_running(relays) as relay:
        yield relay


@contextmanager
def postfix_running(main: str, master: str = "") -> Iterator[Relay]:
    """Postfix with its own configuration, to which `main` and `master` are added, queue and log. It starts as root, as
    Postfix must."""
    with open_folder() as folder:
        relay = _started(folder, main, master)
        try:
            wait_until(lambda: answers(relay.port), "Postfix takes mail")
            yield relay
        finally:
            subprocess.run([*_postfix(folder), "stop"], check=True, capture_output=True, timeout=60)


def _started(folder: Path, main: str, master: str, tries: int = 3) -> Relay:
    """Another test may have taken the port between asking for a free one and Postfix: then it starts on another."""
    relay = Relay("127.0.0.1", free_port(), folder)
    _configure(folder, relay.port, main, master)
    started = subprocess.run([*_postfix(folder), "start"], check=False, capture_output=True, text=True, timeout=60)
    if started.returncode == 0:
        return relay
    if tries > 1 and "Address already in use" in relay.log():
        (folder / "log").unlink()
        return _started(folder, main, master, tries - 1)
    raise RuntimeError(f"Postfix did not start: {started.stderr}{relay.log()}")


def _postfix(folder: Path) -> list[str]:
    return [program("postfix"), "-c", str(folder / "etc")]


def _configure(folder: Path, port: int, main: str, master: str) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(mode=0o755, exist_ok=True)
    shutil.chown(folder / "data", "postfix")
    (folder / "etc/main.cf").write_text(_MAIN.format(folder=folder) + main)
    (folder / "etc/master.cf").write_text(_without_chroot(_master(), port) + master)


def _master() -> str:
    program("postfix")  # says how to install it where it is missing
    if os.geteuid() != 0:
        pytest.fail("Postfix can only be started as root. Run these tests as root, in a container for example.")
    return _MASTER.read_text()


def _without_chroot(master: str, port: int) -> str:
    master = re.sub(r"^smtp +inet .*$", f"127.0.0.1:{port} inet n - n - - smtpd", master, flags=re.MULTILINE)
    return re.sub(r"^([a-z]+ +unix +[-yn] +[-yn] +)y ", r"\1n ", master, flags=re.MULTILINE)
