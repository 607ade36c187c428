"""What every channel promises, whatever it speaks to outside."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from candidly.envelope import Failed, Receipt, Result, Untouched

__all__ = ["Channel", "Failed", "Receipt", "Result", "Untouched"]


def nobody(delivery: int) -> None:
    """Who does not want to know."""


class Channel[M = Any](Protocol):
    """One kind of outside, which takes messages of the form `M`. Used by one thread at a time, except for `stop`.

    `send` yields exactly one result for each message of the batch, in any order, as soon as it is known,
    and raises nothing of its own. A caller that leaves the iteration early loses the results of what was
    under way then; nothing further is begun. After a failure with `gateway_down` the rest of the batch
    fails alike, without being tried. A message once begun is seen through.

    `batch` may grow while it is being sent. None in it means that there is nothing more at the moment: it is asked
    again, in the caller's thread, whenever results are known, and every fifth of a second, until it ends.

    `taken` is called with a delivery's id the moment the other side took it, before anything else is done and in
    whatever thread that happens: what it notes survives when this process does not. It must be quick.

    `stop` makes a running `send`, and every later one, begin nothing more. It only sets a mark, so a
    signal handler may call it. `close` lets go of all connections.
    """

    name: str

    def send(self, batch: Iterable[M | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...
