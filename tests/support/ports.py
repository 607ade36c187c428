"""Ports for what tests start: each test process has a range of its own, below those that the system gives out, so that
nobody takes one between its being found and its being listened on."""

import os
import random
import socket
from itertools import count

FIRST, EACH = 20_000, 1_000
_range = FIRST + EACH * int(os.environ.get("PYTEST_XDIST_WORKER", "gw9")[2:])
_numbers = count(random.randrange(EACH))


def free_port() -> int:
    """On 127.0.0.1, where nobody listens; another one each time."""
    port = _range + next(_numbers) % EACH
    with socket.socket() as probe:
        return port if probe.connect_ex(("127.0.0.1", port)) else free_port()
