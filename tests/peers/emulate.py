"""`emulate`, from npm, as tests/peers/node pins it: an independent stand-in for Twilio and for Google."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.peers.processes import open_folder, running, wait_until
from tests.support.ports import free_port

CACHE = Path(__file__).parents[2] / "build" / "peers"

_PINNED = Path(__file__).with_name("node")
_INSTALL = "apt-get install -y --no-install-recommends nodejs npm"
_SECONDS = 20


@contextmanager
def emulate_running(service: str, seed: str) -> Iterator[int]:
    """The port of one service, which begins with what `seed` (YAML) says, and forgets everything when it stops."""
    port = free_port()
    with open_folder() as folder:
        (folder / "seed.yaml").write_text(seed)
        program = installed(_PINNED / "package-lock.json", _npm_ci) / "node_modules/emulate/dist/index.js"
        command = [_node("node"), str(program), "start", "-s", service, "-p", str(port)]
        with running([*command, "--seed", str(folder / "seed.yaml")], port):
            wait_until(lambda: is_ready(port), f"the emulator of {service} answers")
            yield port


def is_ready(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/", timeout=_SECONDS)
    except requests.RequestException:
        return False
    return True


def installed(lock: Path, install: Callable[[Path], None]) -> Path:
    """The folder that `install` has filled, once for each content of `lock`."""
    folder = CACHE / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # several test processes may come for it at once
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(lock.parent, folder)
            install(folder)
            (folder / "installed").touch()
    return folder


def _npm_ci(folder: Path) -> None:
    npm = [_node("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(npm, cwd=folder, check=True, capture_output=True, timeout=300)


def _node(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed. Run: {_INSTALL}", pytrace=False)
    return path
