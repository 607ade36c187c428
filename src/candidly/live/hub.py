"""One source of events in a process, and the streams of the open pages that wait for them."""

import asyncio
import json
import math
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

#: Events that may wait for one page. A page that falls further behind starts afresh.
BACKLOG = 100
#: Seconds for which the newest event of each kind is kept for pages that were made before it and listen after it.
KEPT = 60.0
PAUSE_AFTER_FAILURE = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    topic: str
    name: str
    data: dict[str, object]

    def frame(self) -> bytes:
        """As it goes over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html"""
        return f"id: {self.id}\nevent: {self.name}\ndata: {json.dumps(self.data)}\n\n".encode()


#: Yields events as they are committed; raises when it cannot go on.
type Source = Callable[[], AsyncGenerator[Event]]


@dataclass(eq=False, slots=True)
class Stream:
    """The events on their way to one page. None is the end: the page comes back and loads what it may have missed."""

    _waiting: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def put(self, event: Event) -> None:
        if self._waiting.full():
            self.end()
        else:
            self._waiting.put_nowait(event)

    def end(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def get(self) -> Event | None:
        return await self._waiting.get()


class Hub:
    """Hands each event to the streams of its topic. Lives in one event loop and is touched from nowhere else."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._streams: defaultdict[str, set[Stream]] = defaultdict(set)
        self._recent: dict[tuple[str, str], tuple[float, Event]] = {}  # by topic and name, oldest first

    @contextmanager
    def listen(self, topics: Iterable[str], since: float = math.inf) -> Iterator[Stream]:
        """The events of `topics` from now on, after those that were heard `since` (a time as of time.time())."""
        stream = Stream()
        topics = list(topics)
        for heard_at, event in self._recent.values():
            if heard_at >= since and event.topic in topics:
                stream.put(event)
        for topic in topics:
            self._streams[topic].add(stream)
        try:
            yield stream
        finally:
            for topic in topics:
                self._forget(topic, stream)

    def _forget(self, topic: str, stream: Stream) -> None:
        self._streams[topic].discard(stream)
        if not self._streams[topic]:
            del self._streams[topic]

    async def run(self) -> None:
        """Until cancelled. When the source fails, events may be lost: all streams end, and the source starts again."""
        while True:
            try:
                async with aclosing(self._source()) as events:
                    async for event in events:
                        self.deliver(event)
            except Exception as error:  # noqa: BLE001 - whatever the database's driver raises: the pages must hear events again
                log.warning("live events stopped, starting again", error=str(error))
            self.end_all()
            await asyncio.sleep(PAUSE_AFTER_FAILURE)

    def deliver(self, event: Event) -> None:
        self._keep(event, time.time())
        for stream in self._streams.get(event.topic, ()):
            stream.put(event)

    def _keep(self, event: Event, now: float) -> None:
        self._recent.pop((event.topic, event.name), None)
        self._recent[event.topic, event.name] = (now, event)
        while self._recent[oldest := next(iter(self._recent))][0] < now - KEPT:
            del self._recent[oldest]

    def end_all(self) -> None:
        for stream in {stream for streams in self._streams.values() for stream in streams}:
            stream.end()
