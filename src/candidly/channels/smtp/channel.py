"""Mail through one gateway: a few connections that stay open, served by one thread of their own."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from math import inf
from time import monotonic

from candidly.channels.contract import nobody
from candidly.channels.smtp.batch import Batch
from candidly.channels.smtp.connection import Connection
from candidly.channels.smtp.loop import LoopThread
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import Failed, Outgoing, Result, Untouched

_GROUP = 50
_AHEAD = 500  # so many are taken from the batch before their results are known: the connections never wait for us


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

    def send(
        self, batch: Iterable[Outgoing], *, within: float = inf, taken: Callable[[int], None] = nobody
    ) -> Iterator[Result]:
        until = monotonic() + within
        messages = iter(batch)
        first = list(islice(messages, _GROUP))
        if self._stopped or not first:
            yield from (Untouched(message.delivery_id) for message in chain(first, messages))
            return
        on_its_way = Batch(self._connections, self._settings.domain_connections, until, lambda: self._stopped, taken)
        self._loop.call(on_its_way.add, first)
        yield from self._work_off(on_its_way, messages)
        left = self._loop.run(on_its_way.drain()).result()
        for message in chain(left, messages):
            yield Failed(message.delivery_id, on_its_way.down) if on_its_way.down else Untouched(message.delivery_id)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        for leaving in [self._loop.run(connection.leave()) for connection in self._connections if connection.is_open]:
            leaving.result()
        self._loop.close()

    def _work_off(self, batch: Batch, messages: Iterator[Outgoing]) -> Iterator[Result]:
        ended = self._loop.run(batch.run())
        try:
            for _ in range(_AHEAD // _GROUP):
                self._feed(batch, messages, _GROUP)
            while results := batch.results.get():
                yield from results
                self._feed(batch, messages, len(results))
        except BaseException:
            # The caller leaves, or its batch fails: nothing more is begun, and what was is seen through.
            self._loop.run(batch.drain())
            ended.result()
            raise

    def _feed(self, batch: Batch, messages: Iterator[Outgoing], count: int) -> None:
        self._loop.call(batch.add, [] if self._stopped else list(islice(messages, count)))
