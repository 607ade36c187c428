"""Live notice: from publishing to the last of 500 open pages, against a real web process."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from django.core import signing
from django.db import connection

from bench import meter, programs
from bench.figures import Figure
from candidly.actions.live import publish
from candidly.live.stream import SALT
from tests.support.ports import free_port

PART = "Live notices"
PAGES = 500
#: What every page listens to besides its own member's topic.
SHARED = "mailing:1"


def measure(*, quick: bool) -> Iterator[Figure]:
    """An event for one page each, then events that all pages hear."""
    port = free_port()
    with programs.candidly("web", port=port, settings={"web_port": port}) as web:
        alone = _web(web)
        single, shared, busy = asyncio.run(_listen(port, web, 20 if quick else 100))
    more = {"pages": PAGES, "threads": busy["threads"], "database_connections": busy["database_connections"]}
    more |= {"memory_without_pages": alone["memory"], "memory_with_pages": busy["memory"]}
    yield _figure("One page hears", single, busy["memory"], more)
    yield _figure(f"All {PAGES} pages hear", shared, busy["memory"], {"pages": PAGES})


def _figure(name: str, latencies: list[float], memory: float, more: dict[str, float]) -> Figure:
    more = {**more, "p95": quantiles(latencies, n=20)[-1]}
    return Figure(PART, connection.vendor, name, median(latencies), "ms", memory=memory, more=more)


def _web(pid: int) -> dict[str, float]:
    """The web server with its worker process."""
    pids = meter.family(pid)
    return {
        "memory": sum(map(meter.memory, pids)),
        "threads": sum(map(meter.threads, pids)),
        "database_connections": _database_connections(pids),
    }


def _database_connections(pids: list[int]) -> int:
    """Of the web server; those of this process are not counted."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL")
            return int(cursor.fetchone()[0]) - 1
    files = [file for pid in pids for file in Path(f"/proc/{pid}/fd").iterdir()]
    return sum(file.exists() and file.readlink().name.endswith(".sqlite3") for file in files)


async def _listen(port: int, web: int, events: int) -> tuple[list[float], list[float], dict[str, float]]:
    """Latencies in ms: of events for one page, and of events for all; and what the server uses meanwhile."""
    heard: asyncio.Queue[float] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for member in range(1, PAGES + 1):
            reader, writer = await _open(port, [f"member:{member}", SHARED])
            stack.callback(writer.close)
            listening = asyncio.create_task(_hear(reader, heard))
            stack.callback(listening.cancel)
        await asyncio.sleep(1)
        busy = await asyncio.to_thread(_web, web)
        single = [one for number in range(events) for one in await _publish(f"member:{number % PAGES + 1}", 1, heard)]
        shared = [one for _ in range(events // 10) for one in await _publish(SHARED, PAGES, heard)]
    return single, shared, busy


async def _open(port: int, topics: list[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A page's stream, once the server listens on its behalf."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = quote(signing.dumps(topics, salt=SALT))
    writer.write(f"GET /live/?t={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await reader.readuntil(b"retry: 2000\n")
    return reader, writer


async def _hear(reader: asyncio.StreamReader, heard: asyncio.Queue[float]) -> None:
    while line := await reader.readline():
        if line.startswith(b"data: "):
            heard.put_nowait((time.time() - json.loads(line[6:])["at"]) * 1000)


async def _publish(topic: str, pages: int, heard: asyncio.Queue[float]) -> list[float]:
    """Raises TimeoutError when not all have heard within 30 s."""
    await asyncio.to_thread(_commit, topic)
    async with asyncio.timeout(30):
        latencies = [await heard.get() for _ in range(pages)]
    await asyncio.sleep(0.05)
    return latencies


def _commit(topic: str) -> None:
    """In a thread of its own, whose connection closes at once: a web request publishes from one that is open."""
    connection.ensure_connection()
    with closing(connection):
        publish(topic, "inbox", at=time.time())
