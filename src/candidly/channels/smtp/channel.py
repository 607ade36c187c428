"""Mail through one gateway: a few connections that stay open, a thread for each."""

import logging
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from queue import SimpleQueue
from time import monotonic

from candidly.channels.smtp.client import Connection
from candidly.channels.smtp.lanes import Lanes
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import DeliveryFailure, Failed, Outgoing, Result, TemporaryFailure, Unconfirmed, Untouched

log = logging.getLogger(__name__)

_UNEXPECTED = (
    "Something went wrong in Candidly while this mail was handed over, so it may or may not have been sent. "
    "Ask your administrator to look into the log, then send it again."
)


class _Batch:
    """One batch on its way: what waits, what is known, until when, and whether the gateway is down."""

    def __init__(self, messages: Iterable[Outgoing], width: int, until: float) -> None:
        self.lanes = Lanes(messages, width)
        self.until = until
        self.results: SimpleQueue[Result | None] = SimpleQueue()  # None: one worker is done
        self.down: DeliveryFailure | None = None


class SmtpChannel:
    """The SMTP channel; see Channel for its promises."""

    name = "smtp"

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._connections = [Connection(settings) for _ in range(settings.connections)]
        self._threads = ThreadPoolExecutor(settings.connections, thread_name_prefix="smtp-channel")
        self._stopped = False

    def send(self, batch: Iterable[Outgoing], *, within: float = inf) -> Iterator[Result]:
        on_its_way = _Batch(batch, self._settings.domain_connections, monotonic() + within)
        if self._reachable(on_its_way):
            yield from self._work_off(on_its_way)
        for message in on_its_way.lanes.drain():
            yield self._left(message.delivery_id, on_its_way.down)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()

    def _reachable(self, batch: _Batch) -> bool:
        """One connection is tried alone, so that a gateway that is down is asked once a batch."""
        if self._stopped or not len(batch.lanes):
            return False
        try:
            self._connections[0].open()
        except TemporaryFailure as failure:
            batch.down = failure
        return batch.down is None

    def _work_off(self, batch: _Batch) -> Iterator[Result]:
        workers = self._connections[: len(batch.lanes)]
        for connection in workers:
            self._threads.submit(self._work, connection, batch)
        at_work = len(workers)
        try:
            while at_work:
                result = batch.results.get()
                if result is None:
                    at_work -= 1
                else:
                    yield result
        except GeneratorExit:
            batch.lanes.drain()
            while at_work:
                at_work -= batch.results.get() is None
            raise

    def _work(self, connection: Connection, batch: _Batch) -> None:
        """Until nothing waits. A worker that finds the gateway down gives its mail back: others may yet reach it."""
        try:
            while message := batch.lanes.take():
                if self._stopped or monotonic() >= batch.until:
                    batch.lanes.give_back(message)
                    return
                result = self._deliver(connection, message)
                if isinstance(result, Failed) and result.gateway_down:
                    batch.down = result.failure
                    batch.lanes.give_back(message)
                    return
                batch.results.put(result)
                batch.lanes.finish(message)
        finally:
            batch.results.put(None)

    def _deliver(self, connection: Connection, message: Outgoing) -> Result:
        try:
            return connection.deliver(message)
        except DeliveryFailure as failure:
            return Failed(message.delivery_id, failure)
        except Exception as error:  # noqa: BLE001
            # A fault of ours. One mail must not hold up the batch; the message of the error may quote it.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("delivery %s broke off with %s\n%s", message.delivery_id, type(error).__name__, where)
            connection.close()
            return Failed(message.delivery_id, Unconfirmed(_UNEXPECTED))

    def _left(self, delivery_id: int, down: DeliveryFailure | None) -> Result:
        return Failed(delivery_id, down) if down else Untouched(delivery_id)
