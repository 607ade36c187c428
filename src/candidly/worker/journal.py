"""What the other side took, on disk before the database hears of it.

Between a mail server's 250 and the commit that says so lies a moment in which a worker may be killed or its database
may go away. Each worker appends the id of a delivery to a file of its own the moment it is taken; whoever lives reads
what the dead left, so that only mails whose answer never came are in doubt. A killed process loses nothing that it
wrote; after a power cut the last moments may be missing, and those mails show as unconfirmed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

FOLDER = "sending"
_GATE = "gate"
_SUFFIX = ".taken"


class Journal:
    """The file of one living worker, named for it and locked as long as it lives. Any thread may call `note`."""

    def __init__(self, folder: Path, worker: str) -> None:
        """`folder` is shared by all workers of a machine."""
        self._folder = folder
        self._path = folder / f"{worker}{_SUFFIX}"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        with _gate(self._folder):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """In good order everything in it is recorded, and it goes; otherwise it is left to the others."""
        if kind is None:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def note(self, delivery: int) -> None:
        os.write(self._file, b"%d\n" % delivery)

    def taken(self) -> list[int]:
        """What was noted since the last `clear`."""
        return _read(self._path)

    def clear(self) -> None:
        """What was noted is recorded."""
        os.ftruncate(self._file, 0)

    def left_by_the_dead(self) -> Iterator[tuple[str, list[int]]]:
        """Name and notes of each worker of this folder that is no more. When the next one is asked for, or the last
        was given, the one before counts as settled and its file goes."""
        with _gate(self._folder):
            for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
                if path != self._path and _is_abandoned(path):
                    yield path.name.removesuffix(_SUFFIX), _read(path)
                    path.unlink()


def _read(path: Path) -> list[int]:
    """A line that was cut off by a power cut is no number of ours, so it is left out."""
    whole, _, _ = path.read_text().rpartition("\n")
    return [int(line) for line in whole.splitlines() if line.isdecimal()]


def _is_abandoned(path: Path) -> bool:
    """The system takes a lock back when its process ends, however it ends."""
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One worker at a time opens a file or looks for abandoned ones."""
    file = os.open(folder / _GATE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
