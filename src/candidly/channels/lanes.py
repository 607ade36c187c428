"""Which message goes next: first what is written to one, and never too many at once by one way."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol


class Waiting(Protocol):
    @property
    def is_one_of_many(self) -> bool: ...


class _Way[M]:
    """What waits for one way, single messages and those of mailings apart, and who has how many of it."""

    __slots__ = ("inside", "waiting")

    def __init__(self) -> None:
        self.waiting: tuple[deque[M], deque[M]] = (deque(), deque())
        self.inside: dict[object, int] = {}


class Lanes[M: Waiting]:
    """Messages that wait, two lanes for each way: those of single messages go before those of mailings.

    `way_of` says which way a message takes: the recipient's domain, or the mailbox that it leaves by. Lanes take turns,
    so that no large one holds up others. A way is open to at most `width` takers at once. One that is in it may take
    its next message before it has finished the last: a server looks at what comes over one connection one after the
    other.
    """

    def __init__(self, width: int, way_of: Callable[[M], Hashable]) -> None:
        self._width = width
        self._way_of = way_of
        self._ways: defaultdict[Hashable, _Way[M]] = defaultdict(_Way)
        # Ordered sets: ways with something to take and room for one more; by single messages, and by mailings.
        self._open: tuple[dict[Hashable, None], dict[Hashable, None]] = ({}, {})
        self._last: dict[object, Hashable] = {}  # the way of what each took last
        self.under_way = 0

    @property
    def open(self) -> bool:
        """Whether anybody may take something now."""
        return any(self._open)

    @property
    def empty(self) -> bool:
        return not any(any(way.waiting) for way in self._ways.values())

    def add(self, messages: Iterable[M]) -> None:
        for message in messages:
            name = self._way_of(message)
            self._ways[name].waiting[message.is_one_of_many].append(message)
            self._reopen(name)

    def take(self, who: object) -> M | None:
        """The next message, if there is one that `who` may take now."""
        chosen = self._next_lane(who)
        if chosen is None:
            return None
        name, is_for_many = chosen
        way = self._ways[name]
        message = way.waiting[is_for_many].popleft()
        way.inside[who] = way.inside.get(who, 0) + 1
        self._last[who] = name
        self.under_way += 1
        self._open[is_for_many].pop(name, None)
        self._reopen(name)
        return message

    def finish(self, who: object, message: M) -> None:
        """A message that was taken has its outcome."""
        name = self._way_of(message)
        inside = self._ways[name].inside
        inside[who] -= 1
        if not inside[who]:
            del inside[who]
        self.under_way -= 1
        self._reopen(name)

    def give_back(self, who: object, message: M) -> None:
        """A message that was taken waits again, first in its lane."""
        self._ways[self._way_of(message)].waiting[message.is_one_of_many].appendleft(message)
        self.finish(who, message)

    def drain(self) -> list[M]:
        """Takes away all that wait, so that nothing further is begun."""
        lanes = [lane for way in self._ways.values() for lane in way.waiting]
        left = [message for lane in lanes for message in lane]
        for lane in lanes:
            lane.clear()
        for opened in self._open:
            opened.clear()
        return left

    def _next_lane(self, who: object) -> tuple[Hashable, bool] | None:
        """The way, and whether of its two lanes that of mailings."""
        single, many = self._open
        if single or many:
            return next(iter(single or many)), not single
        return self._own_lane(who)

    def _own_lane(self, who: object) -> tuple[Hashable, bool] | None:
        """A lane of a way that is full, but has `who` in it."""
        name = self._last.get(who)
        if name is None or who not in self._ways[name].inside:
            return None
        single, many = self._ways[name].waiting
        return (name, not single) if single or many else None

    def _reopen(self, name: Hashable) -> None:
        way = self._ways[name]
        has_room = len(way.inside) < self._width
        for is_for_many in (False, True):
            if has_room and way.waiting[is_for_many]:
                self._open[is_for_many][name] = None
            else:
                self._open[is_for_many].pop(name, None)
