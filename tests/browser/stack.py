"""A whole Candidly as `candidly serve` runs it: pages, worker, door for mail and sandbox, on ports of its own."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from tests.peers.processes import answers, wait_until
from tests.support.ports import free_port
from tests.support.processes import running, wait_for_page


@dataclass(frozen=True)
class Stack:
    """Where it listens."""

    url: str
    inbound_port: int


class StackKeeper:
    """Keeps one stack running from test to test, and starts another only for other settings.

    Never two at a time: they would share the database, and the one's worker would take the other's mail.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._settings: Mapping[str, str] | None = None
        self._running = ExitStack()
        self._stack: Stack | None = None

    def with_settings(self, settings: Mapping[str, str]) -> Stack:
        """A running stack whose environment has `settings` (CANDIDLY_*) besides what the tests need."""
        if self._stack is None or settings != self._settings:
            self.stop()
            self._stack, self._settings = self._start(settings), settings
        return self._stack

    def stop(self) -> None:
        self._running.close()
        self._stack = None

    def _start(self, settings: Mapping[str, str]) -> Stack:
        web, inbound, sandbox = int(settings.get("CANDIDLY_WEB_PORT", 0)) or free_port(), free_port(), free_port()
        stack = Stack(f"http://127.0.0.1:{web}", inbound)
        ports = {"WEB_PORT": web, "INBOUND_PORT": inbound, "SANDBOX_PORT": sandbox, "BASE_URL": stack.url}
        own = {f"CANDIDLY_{name}": str(value) for name, value in ports.items()}
        process = self._running.enter_context(running("serve", environment={**self._environment, **own, **settings}))
        wait_for_page(f"{stack.url}/accounts/login/", process)
        doors = [inbound] if "CANDIDLY_RELAY_HOST" in settings else [inbound, sandbox]
        for port in doors:
            wait_until(lambda port=port: answers(port), f"port {port} answers")  # type: ignore[misc]
        return stack
