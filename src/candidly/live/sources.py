"""How a process hears of committed events: PostgreSQL tells it, and SQLite's file is watched."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from candidly.actions.live import CHANNEL
from candidly.live.hub import Event

#: Seconds between two looks at SQLite's change counter, which costs a few microseconds.
LOOK_EVERY = 0.1
#: Seconds of silence after which PostgreSQL is asked whether it is still there.
ASK_AFTER = 30.0


def events() -> AsyncGenerator[Event]:
    """Events committed from now on. Raises psycopg.Error or sqlite3.Error when the database is away."""
    return _postgresql() if connection.vendor == "postgresql" else _sqlite()


async def _postgresql() -> AsyncGenerator[Event]:
    async with await psycopg.AsyncConnection.connect(_conninfo(), autocommit=True) as database:
        await database.execute(f"LISTEN {CHANNEL}")
        while True:
            async for notify in database.notifies(timeout=ASK_AFTER):
                yield Event(**json.loads(notify.payload))
            await database.execute("SELECT 1")


def _conninfo() -> str:
    """As Django connects, without what is its own and not libpq's."""
    ours = ("client_encoding", "cursor_factory", "context", "prepare_threshold")
    options = {name: value for name, value in connection.get_connection_params().items() if name not in ours}
    return make_conninfo("", keepalives_idle=30, **options)


async def _sqlite() -> AsyncGenerator[Event]:
    newest = "SELECT coalesce(max(id), 0) FROM candidly_liveevent"
    newer = "SELECT id, topic, name, data FROM candidly_liveevent WHERE id > ? ORDER BY id"
    with closing(sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)) as database:
        version = _change_counter(database)
        (last,) = database.execute(newest).fetchone()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if version == (version := _change_counter(database)):
                continue
            for row in database.execute(newer, [last]).fetchall():
                last, topic, name, data = row
                yield Event(last, topic, name, json.loads(data))


def _change_counter(database: sqlite3.Connection) -> int:
    """Changes whenever another connection commits: https://sqlite.org/pragma.html#pragma_data_version"""
    (counter,) = database.execute("PRAGMA data_version").fetchone()
    return int(counter)
