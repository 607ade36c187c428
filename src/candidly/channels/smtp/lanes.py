"""Which message goes next, so that no recipient domain gets too many at once."""

from collections import defaultdict, deque
from collections.abc import Iterable

from candidly.envelope import Outgoing
from candidly.mail.addresses import domain_of


class Lanes:
    """Messages that wait, one lane for each recipient domain. Lanes take turns, so that no large one holds up others.

    A lane is open to at most `width` takers at once. One that is in it may take its next message before it has
    finished the last: a server looks at what comes over one connection one after the other.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._waiting: defaultdict[str, deque[Outgoing]] = defaultdict(deque)
        self._inside: defaultdict[str, dict[object, int]] = defaultdict(dict)  # by domain: who has how many
        self._open: dict[str, None] = {}  # an ordered set: lanes with something to take and room for one more
        self._last: dict[object, str] = {}  # the domain of what each took last
        self.under_way = 0

    @property
    def open(self) -> bool:
        """Whether anybody may take something now."""
        return bool(self._open)

    @property
    def empty(self) -> bool:
        return not any(self._waiting.values())

    def add(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            domain = domain_of(message.recipient.email)
            self._waiting[domain].append(message)
            self._reopen(domain)

    def take(self, who: object) -> Outgoing | None:
        """The next message, if there is one that `who` may take now."""
        domain = next(iter(self._open), None) if self._open else self._own_lane(who)
        if domain is None:
            return None
        message = self._waiting[domain].popleft()
        self._inside[domain][who] = self._inside[domain].get(who, 0) + 1
        self._last[who] = domain
        self.under_way += 1
        self._open.pop(domain, None)
        self._reopen(domain)
        return message

    def finish(self, who: object, message: Outgoing) -> None:
        """A message that was taken has its outcome."""
        domain = domain_of(message.recipient.email)
        inside = self._inside[domain]
        inside[who] -= 1
        if not inside[who]:
            del inside[who]
        self.under_way -= 1
        self._reopen(domain)

    def give_back(self, who: object, message: Outgoing) -> None:
        """A message that was taken waits again, first in its lane."""
        self._waiting[domain_of(message.recipient.email)].appendleft(message)
        self.finish(who, message)

    def drain(self) -> list[Outgoing]:
        """Takes away all that wait, so that nothing further is begun."""
        left = [message for lane in self._waiting.values() for message in lane]
        self._waiting.clear()
        self._open.clear()
        return left

    def _own_lane(self, who: object) -> str | None:
        """A lane that is full, but has `who` in it."""
        domain = self._last.get(who)
        return domain if domain is not None and who in self._inside[domain] and self._waiting[domain] else None

    def _reopen(self, domain: str) -> None:
        if self._waiting[domain] and len(self._inside[domain]) < self._width:
            self._open[domain] = None
