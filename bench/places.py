"""A fresh data folder and database for a measurement, as the environment that Candidly's processes read."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgresql import DURABLE, Server

DATABASES = ("postgresql", "sqlite")
#: What was committed survives a power cut; the disk is one without moving parts.
POSTGRESQL = f"{DURABLE} -c random_page_cost=1.1 -c shared_buffers=512MB"


@contextmanager
def place(database: str) -> Iterator[dict[str, str]]:
    """The environment for a subprocess, with every table made, in a folder that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="candidly-bench-") as name:
        folder = Path(name)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CANDIDLY_")}
        environment |= {"CANDIDLY_DATA_DIR": f"{folder}/data", "DJANGO_SETTINGS_MODULE": "candidly.settings"}
        server = Server.start(folder, POSTGRESQL) if database == "postgresql" else None
        try:
            if server:
                environment["CANDIDLY_DATABASE_URL"] = server.url("postgres")
            migrate = [sys.executable, "-m", "candidly", "migrate", "--verbosity", "0"]
            subprocess.run(migrate, env=environment, check=True)
            yield environment
        finally:
            if server:
                server.stop()
