"""What every channel promises, whatever it speaks to outside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from candidly.envelope import DeliveryFailure, Outgoing, Receipt, TemporaryFailure


@dataclass(frozen=True, slots=True)
class Failed:
    """The hand-off of one message did not end in a Receipt; `failure` says how and why."""

    delivery_id: int
    failure: DeliveryFailure

    @property
    def gateway_down(self) -> bool:
        """Nothing can be sent on this channel at present, so there is no use in trying the next message."""
        return isinstance(self.failure, TemporaryFailure) and self.failure.gateway_down


@dataclass(frozen=True, slots=True)
class Untouched:
    """Not begun, because the channel was told to stop: the message may be claimed again at once."""

    delivery_id: int


type Result = Receipt | Failed | Untouched


class Channel(Protocol):
    """One kind of outside. Used by one thread at a time, except for `stop`.

    `send` yields exactly one result for each message of the batch, in any order, as soon as it is known,
    and raises nothing of its own. A caller that leaves the iteration early loses the results of what was
    under way then; nothing further is begun. After a failure with `gateway_down` the rest of the batch
    fails alike, without being tried.

    `stop` makes a running `send`, and every later one, begin nothing more. It only sets a mark, so a
    signal handler may call it. `close` lets go of all connections.
    """

    name: str

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Result]: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...
