"""The programs of a measurement: Candidly's processes, and Postfix's smtp-sink and smtp-source as the references."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.peers.processes import answers, program, running, wait_until
from tests.support.ports import free_port
from tests.support.processes import stop

PATIENCE = 60.0
SIZE = 4096
NOTHING: Mapping[str, object] = {}


@contextmanager
def candidly(*arguments: str, says: str = "", port: int = 0, settings: Mapping[str, object] = NOTHING) -> Iterator[int]:
    """`candidly ARGUMENTS` once it has said `says` or listens on `port`; gives its process id.

    `settings` are added to the environment: `web_port` is CANDIDLY_WEB_PORT.
    """
    added = {f"CANDIDLY_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "candidly", *arguments]
    with NamedTemporaryFile(prefix="candidly-", suffix=".log") as log:
        process = subprocess.Popen(
            command, env=os.environ | added, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_until(
                lambda: process.poll() is not None or (says.encode() in _log(log.name) and (not port or answers(port))),
                f"candidly {arguments[0]} is ready",
                PATIENCE,
            )
            if process.poll() is not None:
                raise SystemExit(f"candidly {arguments[0]} ended at once.")
            yield process.pid
        except BaseException:
            sys.stderr.write(_log(log.name)[-5_000:].decode(errors="replace"))
            raise
        finally:
            stop(process)


def _log(name: str) -> bytes:
    return Path(name).read_bytes()


@contextmanager
def sink() -> Iterator[int]:
    """smtp-sink, which takes everything and keeps nothing; gives its port."""
    port = free_port()
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    with running([program("smtp-sink"), *user, f"127.0.0.1:{port}", "1000"], port):
        yield port


def relay(port: int) -> dict[str, object]:
    """The settings with which all mail goes to what listens there."""
    return {"relay_host": "127.0.0.1", "relay_port": port, "relay_security": "none"}


@dataclass(frozen=True)
class Run:
    """What a program took: seconds on the clock and of CPU, and its peak memory in MB."""

    seconds: float
    cpu: float
    memory: float


def smtp_source(port: int, number: int, sessions: int = 10) -> Run:
    """One prepared message, `number` times, over `sessions` connections that stay open."""
    command = [program("smtp-source"), "-d", "-s", str(sessions), "-l", str(SIZE), "-m", str(number)]
    return timed([[*command, f"127.0.0.1:{port}"]])


def smtp_sources(port: int, number: int, recipients: Sequence[tuple[str, str]]) -> Run:
    """`number` messages in all, over one connection for each (sender, recipient); each has a Message-ID of its own."""
    command = [program("smtp-source"), "-d", "-s", "1", "-l", str(SIZE), "-m", str(number // len(recipients))]
    return timed([[*command, "-f", sender, "-t", to, f"127.0.0.1:{port}"] for sender, to in recipients])


def timed(commands: Sequence[Sequence[str]]) -> Run:
    """Run them all at once, to their ends. CalledProcessError when one fails."""
    before = _children_cpu()
    began = time.perf_counter()
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    for process in processes:
        if code := process.wait():
            raise subprocess.CalledProcessError(code, process.args)
    seconds = time.perf_counter() - began
    return Run(seconds, _children_cpu() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
