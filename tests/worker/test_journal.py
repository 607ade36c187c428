import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from candidly.worker.journal import Journal

DYING = """
import sys
from pathlib import Path
import django
django.setup()
from candidly.worker.journal import Journal

with Journal(Path(sys.argv[1]), "killed") as journal:
    for delivery in (7, 8, 9):
        journal.note(delivery)
    print("noted", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One that has noted 7, 8 and 9, and lives until the block kills it."""
    command = [sys.executable, "-c", DYING, str(folder)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "candidly.settings"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"noted\n"
        yield process
        if process.poll() is None:
            process.kill()


def test_it_knows_what_was_noted_since_it_was_cleared(tmp_path: Path) -> None:
    with Journal(tmp_path, "w1") as journal:
        journal.note(1)
        journal.clear()
        journal.note(2)
        journal.note(3)
        assert journal.taken() == [2, 3]


def test_nothing_is_left_of_a_worker_that_stopped_in_good_order(tmp_path: Path) -> None:
    with Journal(tmp_path, "w1") as journal:
        journal.note(1)
        journal.clear()
    with Journal(tmp_path, "w2") as journal:
        assert list(journal.left_by_the_dead()) == []


def test_what_a_killed_worker_noted_is_found_once_and_only_when_it_is_dead(tmp_path: Path) -> None:
    with Journal(tmp_path, "w2") as journal, another_worker(tmp_path) as other:
        assert list(journal.left_by_the_dead()) == []
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert list(journal.left_by_the_dead()) == [("killed", [7, 8, 9])]
        assert list(journal.left_by_the_dead()) == []


def test_a_settling_that_fails_is_tried_again(tmp_path: Path) -> None:
    with Journal(tmp_path, "w2") as journal, another_worker(tmp_path) as other:
        other.kill()
        other.wait()
        dead = journal.left_by_the_dead()
        assert next(dead) == ("killed", [7, 8, 9])
        dead.close()  # type: ignore[attr-defined]
        assert list(journal.left_by_the_dead()) == [("killed", [7, 8, 9])]


def test_a_line_that_a_power_cut_tore_is_no_delivery(tmp_path: Path) -> None:
    with Journal(tmp_path, "w1") as journal:
        journal.note(12)
        with next(tmp_path.glob("w1*")).open("ab") as file:
            file.write(b"34")
        assert journal.taken() == [12]
