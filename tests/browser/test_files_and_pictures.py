"""Files both ways, and formatted mail that loads nothing from elsewhere until it is asked to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from candidly.actions import conversations
from candidly.models import Conversation, Member, Person
from tests.browser import post, screens
from tests.browser.stack import Stack
from tests.peers.processes import wait_until
from tests.web.letters import PNG, formatted

ROTA: FilePayload = {"name": "rota für Mai.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 rota"}
CERTIFICATE: FilePayload = {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 certificate"}


class PictureServer(HTTPServer):
    """Somewhere else in the net. It counts who looks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Picture)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/pixel.png"


class _Picture(BaseHTTPRequestHandler):
    server: PictureServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@contextmanager
def picture_server_running() -> Iterator[PictureServer]:
    with PictureServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?").conversation


def test_files_go_both_ways(page: Page, amara: Person, conversation: Conversation) -> None:
    page.goto(f"/conversations/{conversation.pk}/")
    composer = screens.composer(page)
    composer.get_by_label("Attach files").set_input_files([ROTA])
    expect(composer.get_by_role("button", name="Remove rota für Mai.pdf")).to_be_visible()
    message = screens.answer_in_place(page, "The rota is attached.")
    assert downloaded(page, message.get_by_role("link", name="rota für Mai.pdf")) == ROTA["buffer"]

    screens.open_sandbox_mail(page, amara.email, "Re: Interview")
    assert downloaded(page, page.locator("#mail").get_by_role("link", name="rota für Mai.pdf")) == ROTA["buffer"]
    screens.answer_in_sandbox(page, "And here is my certificate.", attach_certificate)

    page.goto(f"/conversations/{conversation.pk}/")
    answer = page.locator(".message[data-direction=in]", has_text="And here is my certificate.")
    assert downloaded(page, answer.get_by_role("link", name="certificate.pdf")) == CERTIFICATE["buffer"]


def attach_certificate(form: Locator) -> None:
    form.get_by_label("Attach a file").set_input_files([CERTIFICATE])


def downloaded(page: Page, link: Locator) -> bytes:
    with page.expect_download() as started:
        link.click()
    return Path(started.value.path()).read_bytes()


def test_pictures_from_elsewhere_load_only_when_asked_for(page: Page, stack: Stack, conversation: Conversation) -> None:
    with picture_server_running() as elsewhere:
        html = f"<h1>My certificate</h1><img src='{elsewhere.url}' alt='Scan'><script>alert(1)</script>"
        post.hand_in(stack, conversation, formatted(html, "My certificate, formatted"))
        page.goto(f"/conversations/{conversation.pk}/")
        message = page.locator(".message[data-direction=in]")
        message.get_by_text("Show formatted").click()
        frame = message.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="My certificate")).to_be_visible()
        screens.sees(message, "1 remote image not shown")
        expect(message.locator("iframe")).to_have_attribute("sandbox", "allow-popups allow-popups-to-escape-sandbox")
        assert elsewhere.asked == []

        message.get_by_role("button", name="Show 1 image").click()
        wait_until(lambda: elsewhere.asked == ["/pixel.png"], "the picture was asked for")
        expect(frame.get_by_role("img", name="Scan")).to_have_js_property("complete", True)
        expect(message.get_by_role("button", name="Show 1 image")).to_have_count(0)
