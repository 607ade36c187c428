"""A request that stays on its way for as long as a test wants."""

import re

from playwright.sync_api import Page, Route

from tests.peers.processes import wait_until


class Held:
    """The next request whose address matches. Whatever causes it: pages ask for news by themselves, too."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(re.compile(address), self._keep, times=1)

    def _keep(self, route: Route) -> None:
        self._routes.append(route)

    def wait(self) -> None:
        """Until it was made."""
        wait_until(lambda: self._page.evaluate("true") and bool(self._routes), "the page has asked")

    def release(self) -> None:
        self._routes[0].continue_()
