"""The crash test in small: the whole of it is `make crash`."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.timeout(400)


def test_nothing_is_lost_and_nothing_is_doubled_unseen() -> None:
    """On the database that the suite runs on, but a new one: this one must not be stopped."""
    database = "postgresql" if settings.CONFIG.database_url else "sqlite"
    command = [sys.executable, "-m", "tests.crash", "--short", "--database", database]
    ended = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
