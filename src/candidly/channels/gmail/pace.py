"""How fast one mailbox may be asked (https://developers.google.com/workspace/gmail/api/reference/quota)."""

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from time import monotonic

#: What a request costs of a mailbox's quota, in Google's units.
SEND, THREAD, WATCH = 100, 10, 100
GET, LIST, LABEL, HISTORY, PROFILE = 5, 5, 5, 2, 1

_WINDOW = 60.0  # seconds
_FIRST_REST, _LONGEST_REST = 2.0, 300.0


class Pace:
    """The units that each mailbox has used in the last minute, and for how long it is left alone after Google said
    that it was too much. Used by many threads at once; several processes know nothing of each other, so that Google's
    own word counts as well."""

    def __init__(self, units_per_minute: int, now: Callable[[], float] = monotonic) -> None:
        self._limit = units_per_minute
        self._now = now
        self._used: defaultdict[int, deque[tuple[float, int]]] = defaultdict(deque)
        self._refusals: dict[int, int] = {}
        self._rests_until: dict[int, float] = {}
        self._lock = threading.Lock()

    def take(self, mailbox: int, units: int) -> float:
        """Uses so many units of the mailbox, if there are as many; otherwise returns in how many seconds to ask again,
        which is never 0."""
        with self._lock:
            now = self._now()
            wait = max(self._rest(mailbox, now), self._until_there_are(units, self._window(mailbox, now), now))
            if not wait:
                self._used[mailbox].append((now, units))
            return wait

    def refused(self, mailbox: int, asked: float) -> float:
        """Google said that it was too much, and to wait for `asked` seconds, or (0) not for how long: then each time
        twice as long as the last. Returns for how long the mailbox now rests."""
        with self._lock:
            self._refusals[mailbox] = refusals = self._refusals.get(mailbox, 0) + 1
            rest = asked or _jittered(min(_FIRST_REST * 2 ** min(refusals - 1, 20), _LONGEST_REST))
            self._rests_until[mailbox] = self._now() + rest
            return rest

    def answered(self, mailbox: int) -> None:
        """Google did what it was asked: the next refusal is a first one again."""
        with self._lock:
            self._refusals.pop(mailbox, None)

    def _rest(self, mailbox: int, now: float) -> float:
        rest = self._rests_until.get(mailbox, now) - now
        if rest <= 0:
            self._rests_until.pop(mailbox, None)
        return max(rest, 0)

    def _window(self, mailbox: int, now: float) -> deque[tuple[float, int]]:
        used = self._used[mailbox]
        while used and used[0][0] <= now - _WINDOW:
            used.popleft()
        return used

    def _until_there_are(self, units: int, used: deque[tuple[float, int]], now: float) -> float:
        too_many, until = sum(cost for _, cost in used) + units - self._limit, now
        for then, cost in used:
            if too_many <= 0:
                break
            too_many, until = too_many - cost, then + _WINDOW
        return until - now


def _jittered(wait: float) -> float:
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
