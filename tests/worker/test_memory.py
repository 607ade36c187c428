"""What a worker keeps in memory: what it uses, and its threads share it."""

import subprocess
import sys

import pytest

MANY_THREADS = """
import ctypes, sys, threading
import django
django.setup()
from candidly.worker.memory import share_arenas
if "shared" in sys.argv:
    share_arenas()
together = threading.Barrier(8)
def take():
    kept = bytes(100_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def arenas(*arguments: str) -> int:
    told = subprocess.run([sys.executable, "-c", MANY_THREADS, *arguments], check=True, capture_output=True, text=True)
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="speaks to glibc")
def test_threads_share_a_few_arenas() -> None:
    assert arenas() > 2
    assert arenas("shared") == 2


SEVERAL_MEGABYTES_EACH = {"aiohttp", "aiosmtpd", "cryptography", "httpx", "imapclient", "openpyxl", "twilio"}


def test_libraries_that_only_some_work_needs_are_loaded_for_it_and_not_before() -> None:
    begins = "import django, sys; django.setup(); import candidly.worker.run; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", begins], check=True, capture_output=True, text=True)
    assert "candidly.actions.hand_off" in told.stdout.split()
    assert SEVERAL_MEGABYTES_EACH.isdisjoint(told.stdout.split())
