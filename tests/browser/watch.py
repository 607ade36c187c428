"""What the browser complains of: errors of scripts, broken requests, breaches of the content security policy."""

from playwright.sync_api import ConsoleMessage, Page, Response

#: What is no fault, though it is said as one: a form that is shown again with its errors, and a request that was given
#: up for a newer one (a request that fails is told as htmx:sendError besides).
NO_FAULTS = ("status of 422", "htmx:afterRequest", "htmx:sendAbort")


class Watch:
    def __init__(self) -> None:
        self._heard: list[str] = []
        self._expected = list(NO_FAULTS)
        self._is_over = False

    def expect(self, part: str) -> None:
        """From now on complaints that hold `part` are part of the story."""
        self._expected.append(part)

    def stop(self) -> None:
        """What comes from now on is the tests' own doing, such as the style with which a picture is taken."""
        self._is_over = True

    def page(self, page: Page) -> None:
        """Listen to this page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._hear(f"{page.url}: {error}"))
        page.on("response", self._response)

    def complaints(self) -> list[str]:
        return [said for said in self._heard if not any(part in said for part in self._expected)]

    def _hear(self, said: str) -> None:
        if not self._is_over:
            self._heard.append(said)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self._hear(f"{message.location.get('url')}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._hear(f"{response.url} answered {response.status}")
