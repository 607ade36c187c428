"""The whole database as one file, and back: by SQLite's VACUUM INTO, and by PostgreSQL's own pg_dump and pg_restore.

Both take it as it was at one moment, while Candidly works on.
"""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

from django.db import DatabaseError, connection
from django.db.backends.postgresql.client import DatabaseClient


class DumpFailed(Exception):
    """In words for the person who runs the server."""


class Database(Protocol):
    name: str
    #: How to make room for a restored one.
    how_to_empty: str

    def dump(self, into: Path) -> None:
        """Write the new file `into`, in a folder that only we can read. Raises DumpFailed."""

    def load(self, dump: Path) -> None:
        """Fill the database, which has no table yet, with all of `dump` or nothing of it. Raises DumpFailed.

        `dump` is in the data folder, and need not be there afterwards.
        """


class Sqlite:
    name = "SQLite"
    how_to_empty = "Stop Candidly and move the data folder away, or name another one with CANDIDLY_DATA_DIR."

    def dump(self, into: Path) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(into)])
        except DatabaseError as error:
            raise DumpFailed(f"SQLite could not write it: {error}") from error

    def load(self, dump: Path) -> None:
        target = Path(connection.settings_dict["NAME"])
        _check(dump)
        connection.close()
        for kind in ("", "-wal", "-shm"):
            target.with_name(f"{target.name}{kind}").unlink(missing_ok=True)  # looked into, it was made
        dump.replace(target)


def _check(dump: Path) -> None:
    """PostgreSQL's programs do it by themselves."""
    try:
        with closing(sqlite3.connect(dump)) as opened:
            ((found,),) = opened.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        raise DumpFailed(f"It is damaged: {error}.") from error
    if found != "ok":
        raise DumpFailed(f"It is damaged: {found}.")


class PostgreSQL:
    name = "PostgreSQL"
    how_to_empty = "Make a new one (createdb) and name it in CANDIDLY_DATABASE_URL."

    def dump(self, into: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--file={into}")

    def load(self, dump: Path) -> None:
        self._run("pg_restore", "--single-transaction", "--exit-on-error", str(dump))

    def _run(self, program: str, *arguments: str) -> None:
        """Roles and comments stay behind: on another server they belong to others."""
        (_, *place), signing_in = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, ["--dbname"])
        command = [program, *place, "--no-owner", "--no-privileges", "--no-comments", *arguments]
        environment = {**os.environ, **(signing_in or {})}
        connection.close()
        try:
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise DumpFailed(
                f"{program} is not installed here. It comes with PostgreSQL's client programs (on Debian: "
                "postgresql-client), in the version of the server or a newer one."
            ) from error
        except subprocess.CalledProcessError as error:
            raise DumpFailed(error.stderr.strip()) from error


DATABASES: dict[str, Database] = {"sqlite": Sqlite(), "postgresql": PostgreSQL()}


def database() -> Database:
    """The one of the settings."""
    return DATABASES[connection.vendor]


def has_tables() -> bool:
    return bool(connection.introspection.table_names())
