"""Questions that come at one moment, asked as one: a database answers twenty as soon as it answers the first."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

_AT_ONCE = 20
#: Seconds that the first waits for others: an answer costs more time than that, and ten cost hardly more than one.
_GATHER = 0.001

type _Waiting[A, R] = tuple[A, asyncio.Future[R]]


class Together[A, R]:
    """Called with one argument, and awaited, it gives what `function` answers to it.

    `function` gets all arguments that came while it was busy with those before, or within a moment, and returns an
    answer to each, in their order. It runs in a thread of its own and may block. When it raises, each of them is asked
    alone, so that what is wrong with one is told to that one only.
    """

    def __init__(self, function: Callable[[Sequence[A]], Sequence[R]], name: str) -> None:
        self._function = function
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[_Waiting[A, R]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, argument: A) -> R:
        """Raises what `function` raises for this argument alone."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((argument, answer))
        if self._working is None:
            self._working = loop.create_task(self._work())
        return await answer

    def close(self) -> None:
        self._thread.shutdown()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(_GATHER)
            batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            outcomes = await loop.run_in_executor(self._thread, self._ask, [argument for argument, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                _give(answer, outcome)
        self._working = None

    def _ask(self, arguments: Sequence[A]) -> Sequence[R | Exception]:
        try:
            return self._function(arguments)
        except Exception as error:  # noqa: BLE001 - it is the answer of whoever asked
            return [error] if len(arguments) == 1 else [self._ask([one])[0] for one in arguments]


def _give[R](answer: "asyncio.Future[R]", outcome: R | Exception) -> None:
    if answer.cancelled():  # who asked has hung up
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
