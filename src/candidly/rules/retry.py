"""When to try a delivery again, and when to give up."""

import random
from datetime import timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
GATEWAY_LONGEST_WAIT = timedelta(minutes=1)
#: With the waits below this is about two days, as mail servers do (RFC 5321, 4.5.4.1 asks for four to five at most).
MAX_ATTEMPTS = 18


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the nth attempt (from 1) failed: doubling, bounded, with a fifth of jitter either way."""
    return _jittered(min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT))


def gateway_wait_after(failures: int) -> timedelta:
    """How long to leave a gateway alone after it failed `failures` times in a row: from 2 seconds to a minute."""
    return _jittered(min(timedelta(seconds=2) * 2 ** min(failures - 1, 10), GATEWAY_LONGEST_WAIT))


def gives_up(attempts: int) -> bool:
    return attempts >= MAX_ATTEMPTS


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
