"""This machine's memory of the database, in a file beside it: what a restored database cannot know."""

import json
import os
import threading
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.db import DatabaseError, InterfaceError

from candidly.actions import restores
from candidly.actions.restores import Sight
from candidly.rules.restored import held_before

log = structlog.get_logger()

NAME = "seen.json"


class Watch:
    """`look` before anything is sent, and every few seconds from then on. `folder` must outlive the process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._held: datetime | None = None
        self._looked = threading.Event()

    def look(self) -> bool:
        """First the database, then the file: whatever breaks in between, the file never knows more."""
        remembered = _read(self._path)
        seen = restores.look(remembered.machine if remembered else uuid4(), remembered)
        _write(self._path, seen)
        self._tell(held_before())
        self._looked.set()
        return False

    def before(self, work: Callable[[], bool]) -> Callable[[], bool]:
        """`work`, but never before a look; and when the database was away it may come back another."""

        @wraps(work)
        def work_after_look() -> bool:
            try:
                return self._looked.is_set() and work()
            except (DatabaseError, InterfaceError):
                self._looked.clear()
                raise

        return work_after_look

    def _tell(self, held: datetime | None) -> None:
        if held and held != self._held:
            log.error(
                "the database was restored from a back-up: what was written before is not sent until you say so, "
                "with “candidly release” or “candidly release --cancel”",
                written_before=held.isoformat(timespec="seconds"),
            )
        self._held = held


def _read(path: Path) -> Sight | None:
    """None at the first start, and when the file is no longer readable: then nothing is known."""
    try:
        known = json.loads(path.read_text())
        return Sight(UUID(known["installation"]), UUID(known["machine"]), datetime.fromisoformat(known["seen_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, seen: Sight) -> None:
    """In one step, so that a reader never finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    known = {
        "installation": str(seen.installation),
        "machine": str(seen.machine),
        "seen_at": seen.seen_at.isoformat(),
    }
    fresh.write_text(json.dumps(known))
    fresh.replace(path)
