"""A batch that may grow while it is being sent."""

from collections.abc import Iterable, Iterator


class Source[M]:
    """The caller's batch, read bit by bit. `under_way` counts what was read; who sends takes off what has a result."""

    def __init__(self, batch: Iterable[M | None]) -> None:
        self._messages = iter(batch)
        self.has_more = True
        self.under_way = 0

    def next(self, most: int) -> list[M]:
        """What is there now, up to `most`."""
        found: list[M] = []
        if most <= 0:
            return found
        for message in self._messages:
            if message is not None:
                found.append(message)
            if message is None or len(found) == most:
                break
        else:
            self.has_more = False
        self.under_way += len(found)
        return found

    def rest(self) -> Iterator[M]:
        """All that is still in it."""
        return (message for message in self._messages if message is not None)
