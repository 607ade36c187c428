"""A PostgreSQL of the tests' own: in a temporary folder, on a unix socket, without a port or a password."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import pytest

OLDEST = 15
#: Nothing here needs to survive a power cut, and no plan may depend on which tables were gone over meanwhile.
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=200"
#: As in earnest: what was committed survives everything.
DURABLE = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=200"


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Server:
    folder: Path
    programs: Path
    identity: Identity
    options: str = QUICK

    @classmethod
    def start(cls, parent: Path, options: str = QUICK) -> "Server":
        """A running server with its data in a new folder. It refuses to run as root, so root lends it a name."""
        identity = _identity()
        parent.chmod(0o755)
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        server = cls(folder, _programs(), identity, options)
        server._run("initdb", "-A", "trust", "-U", "candidly", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        server.resume()
        return server

    def url(self, database: str) -> str:
        """As CANDIDLY_DATABASE_URL wants it."""
        return f"postgresql://candidly@/{database}?host={self.folder}"

    def halt(self) -> None:
        """By the process id in its folder, without waiting for its clients or for anything to be written."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def resume(self) -> None:
        """Returns when it answers: after a halt, when what was committed has been recovered."""
        options = f"-k {self.folder} -c listen_addresses='' {self.options}"
        self._run("pg_ctl", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        """For good: nothing of it is left."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", f"{self.folder}/data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.identity)


def program(name: str) -> str:
    """Where the program of that name is, of the same installation."""
    return str(_programs() / name)


def _identity() -> Identity:
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise _missing() from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """The newest installed server's programs: Debian keeps them outside PATH."""
    found = [(int(path.parent.name), path) for path in Path("/usr/lib/postgresql").glob("*/bin") if _has_server(path)]
    if path := shutil.which("initdb"):
        found.append((0, Path(path).resolve().parent))
    if not found:
        raise _missing()
    version, folder = max(found)
    if 0 < version < OLDEST:
        raise pytest.UsageError(f"PostgreSQL {version} is too old: Candidly needs {OLDEST} or newer.")
    return folder


def _has_server(programs: Path) -> bool:
    return (programs / "initdb").exists()


def _missing() -> pytest.UsageError:
    return pytest.UsageError("PostgreSQL is not installed. Install it with: apt-get install postgresql")
