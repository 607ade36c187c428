"""Starting and stopping the real programs that stand in for the outside."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest


class Peer(Protocol):
    """Anything that listens."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class Place(NamedTuple):
    """Where something may listen, or nothing."""

    host: str
    port: int


_INSTALL = "apt-get install -y --no-install-recommends postfix swaks openssl"


def program(name: str, install: str = _INSTALL) -> str:
    """The full path of a program. A test that needs it fails, with how to get it, where it is missing."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.fail(f"{name} is not installed. Run: {install}", pytrace=False)
    return path


def wait_until(happens: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Returns as soon as `happens` is true; fails the test when it has not become so."""
    give_up = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > give_up:
            pytest.fail(f"Waited {seconds:g} s in vain until {what}.")
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A program while it listens on a port. It is stopped by its own process id."""
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            wait_until(lambda: process.poll() is not None or answers(port), f"{command[0]} listens on port {port}")
            if process.poll() is not None:
                said.seek(0)
                pytest.fail(f"{' '.join(command)} ended at once and said: {said.read().decode(errors='replace')}")
            yield process
        finally:
            process.terminate()


@contextmanager
def open_folder(owner: str | None = None) -> Iterator[Path]:
    """A folder that programs under other users can enter, unlike those of pytest. `owner` may write in it."""
    folder = Path(tempfile.mkdtemp(prefix="peer-"))
    folder.chmod(0o755)
    if owner is not None:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
