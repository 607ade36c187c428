"""Real processes of Candidly for tests: started on free ports, waited for, and stopped by their own process group."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

#: Seconds that a process may take to start or to stop, on a busy machine.
PATIENCE = 180


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`candidly ARGUMENTS` until the block ends; what it prints goes where the tests' own output goes."""
    command = [sys.executable, "-m", "candidly", *arguments]
    process = subprocess.Popen(command, env=dict(environment), start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask it to stop, wait, and leave nothing of its group behind. Returns its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(PATIENCE)
    finally:
        end_group(process.pid)


def end_group(pid: int) -> None:
    """Kill what is left of the process group that `pid` leads, if anything is."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def wait_for_page(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until `url` answers anything below 500. Fails when the process ends or the patience does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"The process ended with exit code {process.returncode} before {url} answered.")
        if _answers(url):
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {PATIENCE} seconds.")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except HTTPError as error:
        return error.code < 500
    except (URLError, OSError):
        return False
