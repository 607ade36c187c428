"""One batch on its way, in the event loop's thread: which connection takes what, and what became of it."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from candidly.channels.lanes import Lanes
from candidly.channels.smtp.connection import Connection
from candidly.envelope import Outgoing, Receipt, Result, TemporaryFailure
from candidly.mail.addresses import domain_of

log = logging.getLogger(__name__)

_GATHER_SECONDS = 0.005  # results go to the other thread together: waking it for each costs as much as sending one


class Batch:
    """`results` is for the caller's thread, everything else for the loop's."""

    def __init__(
        self,
        connections: Sequence[Connection],
        width: int,
        stopped: Callable[[], bool],
        taken: Callable[[int], None],
    ) -> None:
        self._connections = connections
        self._lanes: Lanes[Outgoing] = Lanes(width, lambda message: domain_of(message.recipient.email))
        self._stopped = stopped
        self._taken = taken
        self._more = True
        self._known: list[Result] = []
        self._changed = asyncio.Event()  # for connections that wait for something to take
        self.results: SimpleQueue[list[Result]] = SimpleQueue()  # an empty list is the end
        self.down: TemporaryFailure | None = None

    def add(self, messages: Sequence[Outgoing]) -> None:
        self._lanes.add(messages)
        self._changed.set()

    def end(self) -> None:
        """No more will come."""
        self._more = False
        self._changed.set()

    async def drain(self) -> list[Outgoing]:
        """All that has not been begun, and now never will be."""
        self.end()
        return self._lanes.drain()

    async def run(self) -> None:
        """Until each message that was begun has its result and there is no more to begin."""
        try:
            await self._connections[0].open()  # alone, so that a gateway that is down is asked once a batch
            await asyncio.gather(*map(self._work, self._connections))
        except TemporaryFailure as failure:
            self.down = failure
        finally:
            self._flush()
            self.results.put([])

    async def _work(self, connection: Connection) -> None:
        """A connection that finds the gateway down gives its mail back: others may yet reach it."""
        try:
            while await self._work_waits(connection):
                await connection.open()
                await connection.carry(self)
        except TemporaryFailure as failure:
            self.down = failure
        except Exception as error:  # noqa: BLE001
            # A fault of ours, after which the other connections go on; the message of the error may quote a mail.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a connection broke off with %s\n%s", type(error).__name__, where)
        finally:
            connection.hand_back()
            self._changed.set()

    async def _work_waits(self, connection: Connection) -> bool:
        """Waits while all that there is to take is in full lanes, or under way and might come back, or yet to come."""
        while not self._stopped():
            if connection.holds or self._lanes.open:
                return True
            if self._lanes.empty and not self._more and not self._lanes.under_way:
                return False
            self._changed.clear()
            await self._changed.wait()
        return False

    # What a connection asks for

    def take(self, who: object) -> Outgoing | None:
        return None if self._stopped() else self._lanes.take(who)

    def settle(self, who: object, message: Outgoing, result: Result) -> None:
        if isinstance(result, Receipt):
            self._tell(result.delivery_id)
        self._lanes.finish(who, message)
        if not self._known:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._flush)
        self._known.append(result)
        self._wake()

    def give_back(self, who: object, message: Outgoing) -> None:
        self._lanes.give_back(who, message)
        self._wake()

    def _tell(self, delivery_id: int) -> None:
        """A journal that cannot be written, as on a full disk, must not cost the result that is to be recorded."""
        try:
            self._taken(delivery_id)
        except Exception as error:  # noqa: BLE001 - whatever the caller's function may raise
            log.error("delivery %s was taken, which could not be noted: %s", delivery_id, type(error).__name__)

    def _wake(self) -> None:
        if self._lanes.open or not self._lanes.under_way:
            self._changed.set()

    def _flush(self) -> None:
        if self._known:
            self.results.put(self._known)
            self._known = []
