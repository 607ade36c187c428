"""Being told to stop: by Ctrl-C, by a supervisor, and often by both at once.

Signal handlers would not do: a second signal that comes while the first one's handler sets an Event, or while the main
thread looks at it, waits for a lock that nobody gives back.
"""

import signal

SIGNALS = {signal.SIGINT, signal.SIGTERM}


def hold_signals() -> None:
    """Keep SIGINT and SIGTERM for `wait_for_signal`. Call it before the first thread starts: threads inherit it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def wait_for_signal() -> None:
    """Until one of them comes, or has come since they were held."""
    signal.sigwait(SIGNALS)
