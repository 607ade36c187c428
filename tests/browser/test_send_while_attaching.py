"""Send pressed before the files are up: what was written waits for them, and never goes without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from candidly.actions import conversations
from candidly.models import Conversation, Mailing, Member, Message, Person
from tests.browser import screens

ROTA: FilePayload = {"name": "rota.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 rota"}
MAP: FilePayload = {"name": "map.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 map"}
TEXT = "The rota is attached."
WAITING = "Sending as soon as rota.pdf is attached…"


class SlowUploads:
    """Files on their way to Candidly stand still until the test lets them arrive."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._end: Callable[[Route], None] = self._held.append
        page.route("**/attachments/", self._meet)

    def arrive(self) -> None:
        self._finish(lambda route: route.continue_())

    def are_refused(self) -> None:
        self._finish(lambda route: route.fulfill(status=422, json={"error": "rota.pdf is empty."}))

    def _meet(self, route: Route) -> None:
        self._end(route)

    def _finish(self, end: Callable[[Route], None]) -> None:
        self._end = end
        while self._held:
            end(self._held.pop())


@pytest.fixture
def uploads(page: Page) -> SlowUploads:
    return SlowUploads(page)


@pytest.fixture
def composer(page: Page, uploads: SlowUploads, hannah: Member, amara: Person) -> Locator:
    """The composer beneath a conversation with Amara, with a text and a file that is still on its way."""
    conversation = conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?").conversation
    page.goto(f"/conversations/{conversation.pk}/")
    composer = screens.composer(page)
    composer.get_by_label("Attach files").set_input_files([ROTA])
    expect(composer.get_by_role("button", name="Remove rota.pdf")).to_be_visible()
    composer.get_by_label("Message", exact=True).fill(TEXT)
    return composer


def send_button(composer: Locator) -> Locator:
    return composer.get_by_role("button", name="Send", exact=True)


@pytest.mark.parametrize("press", ["the button", "Control+Enter", "Enter"])
def test_an_answer_goes_by_itself_once_its_files_are_up(
    page: Page, composer: Locator, uploads: SlowUploads, press: str
) -> None:
    composer.get_by_label("Attach files").set_input_files([MAP])
    message = composer.get_by_label("Message", exact=True)
    if press == "the button":
        send_button(composer).dblclick()
    else:
        composer.get_by_label("Press Enter to send").set_checked(press == "Enter")
        message.press(press)
    screens.sees(composer, WAITING)
    expect(send_button(composer)).to_have_attribute("aria-busy", "true")

    uploads.arrive()
    sent = page.locator(".message", has_text=TEXT)
    expect(sent).to_have_count(1)
    expect(sent.get_by_role("link", name="rota.pdf")).to_be_visible()
    expect(sent.get_by_role("link", name="map.pdf")).to_be_visible()
    expect(message).to_have_value("")
    expect(send_button(composer)).to_have_attribute("aria-busy", "false")


def test_an_answer_whose_file_is_refused_stays_and_says_why(
    page: Page, composer: Locator, uploads: SlowUploads
) -> None:
    send_button(composer).click()
    screens.sees(composer, WAITING)
    uploads.are_refused()
    screens.sees(composer, "rota.pdf is empty.")
    screens.sees(composer, "A file was not attached. Remove it, or attach it again.")

    composer.get_by_role("button", name="Remove rota.pdf").click()
    send_button(composer).click()
    expect(page.locator(".message", has_text=TEXT)).to_have_count(1)


def test_taking_the_file_away_stops_the_sending(page: Page, composer: Locator, uploads: SlowUploads) -> None:
    send_button(composer).click()
    screens.sees(composer, WAITING)
    composer.get_by_role("button", name="Remove rota.pdf").click()
    expect(send_button(composer)).to_have_attribute("aria-busy", "false")
    composer.get_by_label("Message", exact=True).fill("No rota yet.")
    send_button(composer).click()
    expect(page.locator(".message", has_text="No rota yet.")).to_have_count(1)
    assert not Message.objects.filter(text=TEXT).exists()


def test_what_is_sent_all_the_same_waits_for_its_file_too(
    page: Page, composer: Locator, uploads: SlowUploads, priya: Member
) -> None:
    uploads.arrive()
    screens.sees(page.get_by_role("log"), "Sent")  # of this the page hears before its connection goes
    page.route("**/messages/?after=*", lambda route: route.fulfill(status=204))
    conversations.answer(priya, Conversation.objects.get(), text="I will call her")
    send_button(composer).click()
    anyway = composer.get_by_role("button", name="Send anyway")
    expect(anyway).to_be_visible()
    slow = SlowUploads(page)
    composer.get_by_label("Attach files").set_input_files([MAP])
    anyway.click()
    screens.sees(composer, "Sending as soon as map.pdf is attached…")
    page.unroute("**/messages/?after=*")
    slow.arrive()
    sent = page.locator(".message", has_text=TEXT)
    expect(sent.get_by_role("link", name="map.pdf")).to_be_visible()


@pytest.fixture
def drawer(page: Page, uploads: SlowUploads, amara: Person, kwame: Person) -> Locator:
    """The bulk composer for both candidates, with a text and a file that is still on its way."""
    page.goto("/candidates/")
    page.get_by_label("Select all 2 on this page").check()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Subject").fill("Rota")
    drawer.get_by_label("Message", exact=True).fill(TEXT)
    drawer.get_by_label("Attach files").set_input_files([ROTA])
    return drawer


def test_a_mailing_goes_by_itself_once_its_files_are_up(page: Page, drawer: Locator, uploads: SlowUploads) -> None:
    drawer.get_by_role("button", name="Send now to 2").dblclick()
    screens.sees(drawer, WAITING)
    expect(drawer.get_by_role("button", name="Send now to 2")).to_have_attribute("aria-busy", "true")
    uploads.arrive()
    expect(drawer).to_be_hidden()
    assert [file.name for file in Mailing.objects.get().attachments.all()] == ["rota.pdf"]


def test_a_mailing_whose_file_is_refused_stays_and_says_why(drawer: Locator, uploads: SlowUploads) -> None:
    drawer.get_by_role("button", name="Send now to 2").click()
    screens.sees(drawer, WAITING)
    uploads.are_refused()
    screens.sees(drawer, "rota.pdf is empty.")
    screens.sees(drawer, "A file was not attached. Remove it, or attach it again.")
    expect(drawer.get_by_role("button", name="Remove rota.pdf")).to_be_focused()
    assert not Mailing.objects.exists()

    drawer.get_by_role("button", name="Remove rota.pdf").click()
    screens.send_to(drawer, 2)
    assert not Mailing.objects.get().attachments.exists()
