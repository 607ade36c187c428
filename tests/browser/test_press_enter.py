"""What the Enter key does while writing an answer."""

import pytest
from playwright.sync_api import Locator, Page, expect

from candidly.actions import conversations
from candidly.models import Member, Person
from tests.browser import screens
from tests.browser.places import conversation_with


@pytest.fixture
def opened(page: Page, hannah: Member, amara: Person) -> Page:
    conversations.start(hannah, amara, subject="Interview", text="Hello")
    page.goto(conversation_with(amara))
    return page


def text_of(page: Page) -> Locator:
    return screens.composer(page).get_by_label("Message", exact=True)


def sent(page: Page, text: str) -> Locator:
    return page.locator(".message[data-direction=out]", has_text=text)


def test_enter_begins_a_new_line_until_it_is_told_to_send(opened: Page) -> None:
    text = text_of(opened)
    text.press_sequentially("first")
    text.press("Enter")
    text.press_sequentially("second")
    expect(text).to_have_value("first\nsecond")

    with opened.expect_response("**/inbox/press-enter/"):
        opened.get_by_label("Press Enter to send").check()
    text.press("Enter")
    expect(sent(opened, "second")).to_be_visible()
    expect(text).to_have_value("")

    opened.reload()
    expect(opened.get_by_label("Press Enter to send")).to_be_checked()
    text.press_sequentially("third")
    text.press("Shift+Enter")
    text.press_sequentially("fourth")
    expect(text).to_have_value("third\nfourth")
    text.press("Enter")
    expect(sent(opened, "fourth")).to_be_visible()


def test_control_and_enter_always_send(opened: Page) -> None:
    text = text_of(opened)
    text.press_sequentially("by the keys")
    text.press("Control+Enter")
    expect(sent(opened, "by the keys")).to_be_visible()
    expect(sent(opened, "by the keys").locator(".delivery")).to_contain_text("Sent")
