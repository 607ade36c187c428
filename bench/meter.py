"""What processes use, as Linux's /proc says it: CPU seconds and memory."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Use:
    """CPU seconds so far."""

    ours: float
    database: float

    def __sub__(self, earlier: "Use") -> "Use":
        return Use(self.ours - earlier.ours, self.database - earlier.database)


def use_of(pids: Sequence[int]) -> Use:
    """Of our processes `pids`, and of the PostgreSQL behind the present connection with all its backends."""
    return Use(sum(map(_cpu, pids)), _postgresql_cpu())


def highest_memory(pids: Sequence[int]) -> float:
    """The peak resident set of the largest of the processes, in MB."""
    return max(_status(pid, "VmHWM") / 1000 for pid in pids)


def memory(pid: int) -> float:
    """The resident set now, in MB."""
    return _status(pid, "VmRSS") / 1000


def threads(pid: int) -> int:
    return _status(pid, "Threads")


def family(pid: int) -> list[int]:
    """The process and what it started, which live now."""
    return [pid, *(below for child in _children(pid) for below in family(child))]


def _cpu(pid: int, *, with_reaped: bool = False) -> float:
    """User and system time; `with_reaped`: and that of the children that have ended (man 5 proc, fields 14 to 17)."""
    times = _stat(pid)[11:15]
    return sum(int(ticks) for ticks in times[: 4 if with_reaped else 2]) / TICKS


def _postgresql_cpu() -> float:
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    postmaster = int(_stat(backend)[1])
    return _cpu(postmaster, with_reaped=True) + sum(map(_cpu, _children(postmaster)))


def _children(pid: int) -> list[int]:
    """PostgreSQL's backends may end while one looks."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _stat(pid: int) -> list[str]:
    """The fields from the third on: the second, the name, may hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50


def _status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
