"""What it ran on."""

import os
import platform
import re
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from sysconfig import get_config_var

import django

from bench.places import POSTGRESQL


def describe() -> dict[str, str]:
    """In words, for people who compare."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "rev-parse", "--short", "HEAD"),
        "processor": f"{_found('/proc/cpuinfo', r'model name\s*: (.+)')}, {os.cpu_count()} cores",
        "memory": f"{int(_found('/proc/meminfo', r'MemTotal:\s+(\d+)')) / 1e6:.0f} GB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "load_before": f"{os.getloadavg()[0]:.2f}",
        "software": f"Python {platform.python_version()} {_build()}, Django {django.get_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {_said('psql', '--version').replace('psql (PostgreSQL)', 'PostgreSQL')}",
        "postgresql": POSTGRESQL.replace("-c ", ""),
        "sqlite": "WAL; the settings of candidly/settings.py",
    }


def _build() -> str:
    """How the interpreter was made: one without profile-guided optimization is the slower."""
    return "optimized" if "--enable-optimizations" in str(get_config_var("CONFIG_ARGS")) else "(built without PGO)"


def _found(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1] if found else "0"


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
