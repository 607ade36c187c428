"""Lists of people that come in: one at a time, batch by batch, so that a worker can stop between two of them."""

import threading

from candidly.actions import import_runs, imports

#: Seconds between two batches: on SQLite there is one writer at a time, and others want to write too.
PAUSE = 0.01


class TakingIn:
    """`stop` ends a round behind the batch it is at; whoever comes next goes on from there."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def round(self) -> bool:
        """Check, or take in, the oldest list that waits."""
        found = imports.claim()
        if found is None:
            return False
        import_runs.work_on(found, lambda: not self._stop.wait(PAUSE))
        return True
