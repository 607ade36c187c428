"""Mail through one gateway: a few connections that stay open, served by one thread of their own."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from queue import Empty, SimpleQueue

from candidly.channels.contract import nobody
from candidly.channels.smtp.batch import Batch
from candidly.channels.smtp.connection import Connection
from candidly.channels.smtp.loop import LoopThread
from candidly.channels.smtp.settings import RelaySettings
from candidly.channels.source import Source
from candidly.envelope import Failed, Outgoing, Result, Untouched

_GROUP = 50
_AHEAD = 500  # so many are taken from the batch before their results are known: the connections never wait for us
_ASK_EVERY = 0.2  # seconds


class SmtpChannel:
    """The SMTP channel; see Channel for its promises.

    The batch is read, and results are yielded, in the caller's thread; mails are written and sent in the loop's.
    """

    name = "smtp"

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._connections = [Connection(settings) for _ in range(settings.connections)]
        self._loop = LoopThread("smtp-channel")
        self._stopped = False

    def send(self, batch: Iterable[Outgoing | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]:
        source = Source(batch)
        first = source.next(_GROUP)
        if self._stopped or not (first or source.has_more):
            yield from (Untouched(message.delivery_id) for message in chain(first, source.rest()))
            return
        on_its_way = Batch(self._connections, self._settings.domain_connections, lambda: self._stopped, taken)
        self._loop.call(on_its_way.add, first)
        yield from self._work_off(on_its_way, source)
        left = self._loop.run(on_its_way.drain()).result()
        for message in chain(left, source.rest()):
            yield Failed(message.delivery_id, on_its_way.down) if on_its_way.down else Untouched(message.delivery_id)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        for leaving in [self._loop.run(connection.leave()) for connection in self._connections if connection.is_open]:
            leaving.result()
        self._loop.close()

    def _work_off(self, batch: Batch, source: Source[Outgoing]) -> Iterator[Result]:
        ended = self._loop.run(batch.run())
        try:
            while True:
                self._feed(batch, source)
                results = _next_of(batch.results, _ASK_EVERY if source.has_more else None)
                if results is None:
                    continue
                if not results:
                    return
                source.under_way -= len(results)
                yield from results
        except BaseException:
            # The caller leaves, or its batch fails: nothing more is begun, and what was is seen through.
            self._loop.run(batch.drain())
            ended.result()
            raise

    def _feed(self, batch: Batch, source: Source[Outgoing]) -> None:
        """In groups, so that the first is on its way while the next is read."""
        while source.has_more and source.under_way < _AHEAD and not self._stopped:
            messages = source.next(_GROUP)
            self._loop.call(batch.add, messages)
            if not messages:
                break
        if self._stopped or not source.has_more:
            self._loop.call(batch.end)


def _next_of(results: SimpleQueue[list[Result]], seconds: float | None) -> list[Result] | None:
    """None when nothing has come in this time."""
    try:
        return results.get(timeout=seconds)
    except Empty:
        return None
