"""The ground of a run: its folder, its database, its ports, and the environment that every process gets.

This must stand before Django reads its settings.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from candidly.management.supervisor import tied_to
from tests.crash.options import Options
from tests.support.ports import free_port
from tests.support.postgresql import DURABLE, Server

CONNECTIONS = 4


@dataclass(frozen=True)
class Ground:
    """`postgresql` is None where the database is SQLite."""

    folder: Path
    environment: Mapping[str, str]
    relay_port: int
    inbound_port: int
    postgresql: Server | None

    @property
    def relay_log(self) -> Path:
        return self.folder / "relay.log"

    @property
    def said(self) -> Path:
        """What the processes said."""
        return self.folder / "processes.log"

    @property
    def base_url(self) -> str:
        return self.environment["CANDIDLY_BASE_URL"]


@contextmanager
def prepared(options: Options) -> Iterator[Ground]:
    """A migrated, empty database. The folder goes when the run was good; otherwise it stays for a look."""
    folder = Path(tempfile.mkdtemp(prefix="candidly-crash-"))
    server = Server.start(folder, DURABLE) if options.database == "postgresql" else None
    try:
        ground = _ground(folder, server)
        os.environ.update(ground.environment)
        migrate = [sys.executable, "-m", "candidly", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, check=True, env=dict(ground.environment))
        yield ground
    finally:
        if server:
            server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _ground(folder: Path, server: Server | None) -> Ground:
    relay, inbound, web = free_port(), free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CANDIDLY_")}
    ours = {
        "DJANGO_SETTINGS_MODULE": "candidly.settings",
        "CANDIDLY_DATA_DIR": str(folder / "data"),
        "CANDIDLY_DATABASE_URL": server.url("postgres") if server else "",
        "CANDIDLY_WEB_PORT": str(web),
        "CANDIDLY_BASE_URL": f"http://127.0.0.1:{web}",
        "CANDIDLY_INBOUND_PORT": str(inbound),
        "CANDIDLY_RELAY_HOST": "127.0.0.1",
        "CANDIDLY_RELAY_PORT": str(relay),
        "CANDIDLY_RELAY_SECURITY": "none",
        "CANDIDLY_RELAY_TIMEOUT": "10",
        "CANDIDLY_RELAY_CONNECTIONS": str(CONNECTIONS),
        "CANDIDLY_RELAY_DOMAIN_CONNECTIONS": str(CONNECTIONS),
    }
    return Ground(folder, kept | ours, relay, inbound, server)


@contextmanager
def relay_running(ground: Ground, options: Options) -> Iterator[subprocess.Popen[bytes]]:
    """The relay of tests.crash.relay, as a process of its own that nobody kills."""
    words = [str(ground.relay_port), str(ground.relay_log), str(options.seed), str(options.faults), str(options.lag)]
    command = [*tied_to(os.getpid()), sys.executable, "-m", "tests.crash.relay", *words]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
