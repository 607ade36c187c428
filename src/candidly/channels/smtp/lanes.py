"""Which message goes next: first what is written to one, and never too many at once to one recipient domain."""

from collections import defaultdict, deque
from collections.abc import Iterable

from candidly.envelope import Outgoing
from candidly.mail.addresses import domain_of


class _Domain:
    """What waits for one recipient domain, single messages and those of mailings apart, and who has how many of it."""

    __slots__ = ("inside", "waiting")

    def __init__(self) -> None:
        self.waiting: tuple[deque[Outgoing], deque[Outgoing]] = (deque(), deque())
        self.inside: dict[object, int] = {}


class Lanes:
    """Messages that wait, two lanes for each recipient domain: those of single messages go before those of mailings.

    Lanes take turns, so that no large one holds up others. A domain is open to at most `width` takers at once. One that
    is in it may take its next message before it has finished the last: a server looks at what comes over one connection
    one after the other.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._domains: defaultdict[str, _Domain] = defaultdict(_Domain)
        # Ordered sets: domains with something to take and room for one more; by single messages, and by mailings.
        self._open: tuple[dict[str, None], dict[str, None]] = ({}, {})
        self._last: dict[object, str] = {}  # the domain of what each took last
        self.under_way = 0

    @property
    def open(self) -> bool:
        """Whether anybody may take something now."""
        return any(self._open)

    @property
    def empty(self) -> bool:
        return not any(any(domain.waiting) for domain in self._domains.values())

    def add(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            name = domain_of(message.recipient.email)
            self._domains[name].waiting[message.is_one_of_many].append(message)
            self._reopen(name)

    def take(self, who: object) -> Outgoing | None:
        """The next message, if there is one that `who` may take now."""
        chosen = self._next_lane(who)
        if chosen is None:
            return None
        name, is_for_many = chosen
        domain = self._domains[name]
        message = domain.waiting[is_for_many].popleft()
        domain.inside[who] = domain.inside.get(who, 0) + 1
        self._last[who] = name
        self.under_way += 1
        self._open[is_for_many].pop(name, None)
        self._reopen(name)
        return message

    def finish(self, who: object, message: Outgoing) -> None:
        """A message that was taken has its outcome."""
        name = domain_of(message.recipient.email)
        inside = self._domains[name].inside
        inside[who] -= 1
        if not inside[who]:
            del inside[who]
        self.under_way -= 1
        self._reopen(name)

    def give_back(self, who: object, message: Outgoing) -> None:
        """A message that was taken waits again, first in its lane."""
        self._domains[domain_of(message.recipient.email)].waiting[message.is_one_of_many].appendleft(message)
        self.finish(who, message)

    def drain(self) -> list[Outgoing]:
        """Takes away all that wait, so that nothing further is begun."""
        lanes = [lane for domain in self._domains.values() for lane in domain.waiting]
        left = [message for lane in lanes for message in lane]
        for lane in lanes:
            lane.clear()
        for opened in self._open:
            opened.clear()
        return left

    def _next_lane(self, who: object) -> tuple[str, bool] | None:
        """The domain, and whether of its two lanes that of mailings."""
        single, many = self._open
        if single or many:
            return next(iter(single or many)), not single
        return self._own_lane(who)

    def _own_lane(self, who: object) -> tuple[str, bool] | None:
        """A lane of a domain that is full, but has `who` in it."""
        name = self._last.get(who)
        if name is None or who not in self._domains[name].inside:
            return None
        single, many = self._domains[name].waiting
        return (name, not single) if single or many else None

    def _reopen(self, name: str) -> None:
        domain = self._domains[name]
        has_room = len(domain.inside) < self._width
        for is_for_many in (False, True):
            if has_room and domain.waiting[is_for_many]:
                self._open[is_for_many][name] = None
            else:
                self._open[is_for_many].pop(name, None)
