"""Connections that stay open from one use to the next: signing in costs a server more than anything we ask of it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

#: Servers may close what is silent for 30 minutes (RFC 9051, 5.4), SMTP servers for 5 (RFC 5321, 4.5.3.2.7).
_LONGEST = 240.0  # seconds


class Kept[C]:
    """Those that nobody uses at the moment, one a key, so many at `most`. Used by many threads at once. `leave` closes
    one."""

    def __init__(self, most: int, leave: Callable[[C], None]) -> None:
        self._most = most
        self._leave = leave
        self._lock = threading.Lock()
        self._idle: OrderedDict[Hashable, tuple[C, float]] = OrderedDict()

    def take(self, key: Hashable) -> C | None:
        with self._lock:
            found = self._idle.pop(key, None)
        if found is None:
            return None
        connection, since = found
        if time.monotonic() - since < _LONGEST:
            return connection
        self._leave(connection)
        return None

    def give_back(self, key: Hashable, connection: C) -> None:
        """It is in order, and free."""
        with self._lock:
            old = [self._idle.pop(key, None)]
            self._idle[key] = connection, time.monotonic()
            while len(self._idle) > self._most:
                old.append(self._idle.popitem(last=False)[1])
        for one in filter(None, old):
            self._leave(one[0])

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, OrderedDict()
        for connection, _ in idle.values():
            self._leave(connection)
