"""How a peer says what it took."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def said() -> Iterator[None]:
    """Writes seconds, CPU seconds and peak memory in MB (of the largest process) to stdout when the block ends."""
    began, cpu = time.perf_counter(), _cpu()
    yield
    memory = max(resource.getrusage(who).ru_maxrss / 1000 for who in WHO)
    json.dump({"seconds": time.perf_counter() - began, "cpu": _cpu() - cpu, "memory": memory}, sys.stdout)


WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in WHO]
    return sum(one.ru_utime + one.ru_stime for one in used)
