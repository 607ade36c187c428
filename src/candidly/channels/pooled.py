"""A channel of requests: a few are under way at once, each in a thread, over connections that stay open."""

import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain
from time import sleep
from typing import Protocol

from candidly.channels.contract import nobody
from candidly.channels.lanes import Lanes
from candidly.channels.source import Source
from candidly.envelope import DeliveryFailure, Failed, Receipt, Result, Unconfirmed, Untouched

log = logging.getLogger(__name__)

FAULT = "Candidly made a mistake while handing it over: it may have gone. The log says where."
_AHEAD = 200  # so many are taken from the batch before their results are known: a single message overtakes the others
_ASK_EVERY = 0.2  # seconds


class Message(Protocol):
    @property
    def delivery_id(self) -> int: ...

    @property
    def is_one_of_many(self) -> bool: ...


class PooledChannel[M: Message](ABC):
    """See Channel for its promises; what it speaks is in `hand_over`, called in any of the pool's threads.

    The batch is read, and results are yielded, in the caller's thread. `connections` messages are under way at once,
    and of those that take the same way (`way_of`) `width`.
    """

    name: str

    def __init__(self, connections: int, width: int, way_of: Callable[[M], Hashable]) -> None:
        self._slots = [object() for _ in range(connections)]
        self._width = width
        self._way_of = way_of
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix=f"{self.name}-channel")
        self._stopped = False

    @abstractmethod
    def hand_over(self, message: M, taken: Callable[[], None]) -> Receipt:
        """One message, to its end. Calls `taken` the moment the other side took it. Raises DeliveryFailure."""

    def send(self, batch: Iterable[M | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]:
        source = Source(batch)
        on_its_way = _OnItsWay(self._slots, Lanes(self._width, self._way_of), self._begin(taken))
        down: DeliveryFailure | None = None
        try:
            while True:
                if not (down or self._stopped):
                    on_its_way.add(source.next(_AHEAD - source.under_way))
                if on_its_way.rests and (down or self._stopped or not (source.has_more or on_its_way.waits)):
                    break
                for result in on_its_way.ended():
                    source.under_way -= 1
                    down = down or (result.failure if isinstance(result, Failed) and result.gateway_down else None)
                    yield result
        finally:
            on_its_way.see_through()
        for message in chain(on_its_way.left(), source.rest()):
            yield Failed(message.delivery_id, down) if down else Untouched(message.delivery_id)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        self._pool.shutdown()

    def _begin(self, taken: Callable[[int], None]) -> Callable[[M], Future[Result]]:
        return lambda message: self._pool.submit(self._result, message, taken)

    def _result(self, message: M, taken: Callable[[int], None]) -> Result:
        pk = message.delivery_id
        try:
            return self.hand_over(message, lambda: _tell(taken, pk))
        except DeliveryFailure as failure:
            return Failed(pk, failure)
        except Exception as error:  # noqa: BLE001 - a fault of ours: the others go on; its words may quote the message
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("handing over delivery %s broke off with %s\n%s", pk, type(error).__name__, where)
            return Failed(pk, Unconfirmed(FAULT, type(error).__name__))


def _tell(taken: Callable[[int], None], pk: int) -> None:
    """A journal that cannot be written, as on a full disk, must not cost the result that is to be recorded."""
    try:
        taken(pk)
    except Exception as error:  # noqa: BLE001 - whatever the caller's function may raise
        log.error("delivery %s was taken, which could not be noted: %s", pk, type(error).__name__)


class _OnItsWay[M: Message]:
    """What of one batch waits, and what is under way."""

    def __init__(self, slots: list[object], lanes: Lanes[M], begin: Callable[[M], Future[Result]]) -> None:
        self._free = list(slots)
        self._lanes = lanes
        self._begin = begin
        self._under_way: dict[Future[Result], tuple[object, M]] = {}

    @property
    def rests(self) -> bool:
        return not self._under_way

    @property
    def waits(self) -> bool:
        return not self._lanes.empty

    def add(self, messages: list[M]) -> None:
        """These wait too; as many begin as there is room for."""
        self._lanes.add(messages)
        while self._free and (message := self._lanes.take(self._free[-1])) is not None:
            self._under_way[self._begin(message)] = (self._free.pop(), message)

    def ended(self) -> list[Result]:
        """The results there are; waits for one, but not for long, because the batch wants to be asked again."""
        if self.rests:
            sleep(_ASK_EVERY)
            return []
        done, _ = wait(self._under_way, _ASK_EVERY, FIRST_COMPLETED)
        for future in done:
            slot, message = self._under_way.pop(future)
            self._lanes.finish(slot, message)
            self._free.append(slot)
        return [future.result() for future in done]

    def see_through(self) -> None:
        wait(self._under_way)

    def left(self) -> list[M]:
        """Those that were not begun, and now never will be."""
        return self._lanes.drain()
