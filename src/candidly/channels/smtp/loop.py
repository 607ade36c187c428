"""An event loop in a thread of its own."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any

log = logging.getLogger(__name__)


class LoopThread:
    """Starts when it is first needed, and ends with `close`. For use by one other thread at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None

    def call[*A](self, function: Callable[[*A], object], *arguments: *A) -> None:
        """Has it called there soon, after what was asked for before."""
        self._running().call_soon_threadsafe(function, *arguments)

    def run[T](self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Has it run there, as above."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running())

    def close(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(_log_fault)
            self._thread = Thread(target=_turn, args=[self._loop], name=self._name, daemon=True)
            self._thread.start()
        return self._loop


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()


def _log_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Where it happened, and not what the error says: that may quote a mail."""
    error = context.get("exception")
    where = "".join(traceback.format_tb(error.__traceback__)) if error else ""
    log.error("%s: %s\n%s", context["message"], type(error).__name__, where)
