"""Which message goes next, so that no recipient domain gets too many at once."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from threading import Condition

from candidly.envelope import Outgoing
from candidly.mail.addresses import domain_of


class Lanes:
    """Messages that wait, one lane for each recipient domain, at most `width` of a lane under way at once.

    Lanes take turns, so that one large domain does not hold up the others. Safe for use by many threads.
    """

    def __init__(self, messages: Iterable[Outgoing], width: int) -> None:
        self._width = width
        self._waiting: defaultdict[str, deque[Outgoing]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()
        self._open: dict[str, None] = {}  # an ordered set: lanes with something to take and room for it
        self._changed = Condition()
        self._count = 0
        for message in messages:
            self._put(message)

    def __len__(self) -> int:
        """How many messages wait."""
        return self._count

    def take(self) -> Outgoing | None:
        """The next message, or None when none waits. Blocks while all that wait are in full lanes."""
        with self._changed:
            while self._count and not self._open:
                self._changed.wait()
            if not self._count:
                return None
            domain = next(iter(self._open))
            del self._open[domain]
            self._count -= 1
            self._under_way[domain] += 1
            message = self._waiting[domain].popleft()
            self._reopen(domain)
            return message

    def finish(self, message: Outgoing) -> None:
        """A taken message has its outcome: there is room in its lane."""
        with self._changed:
            self._leave(domain_of(message.recipient.email))

    def give_back(self, message: Outgoing) -> None:
        """A taken message was not begun: it waits again."""
        with self._changed:
            self._put(message)
            self._leave(domain_of(message.recipient.email))

    def drain(self) -> list[Outgoing]:
        """Takes away all that wait, so that nothing further is begun."""
        with self._changed:
            left = [message for lane in self._waiting.values() for message in lane]
            self._waiting.clear()
            self._open.clear()
            self._count = 0
            self._changed.notify_all()
            return left

    def _put(self, message: Outgoing) -> None:
        domain = domain_of(message.recipient.email)
        self._waiting[domain].append(message)
        self._count += 1
        self._reopen(domain)

    def _leave(self, domain: str) -> None:
        self._under_way[domain] -= 1
        self._reopen(domain)
        self._changed.notify_all()

    def _reopen(self, domain: str) -> None:
        if self._waiting[domain] and self._under_way[domain] < self._width:
            self._open[domain] = None
