"""What a person does on the pages, in their words. Tests look at what comes of it."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from candidly.models import Conversation  # the pictures are taken without a database of one's own


def sees(where: Page | Locator, text: str | re.Pattern[str]) -> None:
    """Waits until the text can be seen."""
    expect(where.get_by_text(text).locator("visible=true").first).to_be_visible()


def unread(page: Page, number: int) -> None:
    """Waits until the envelope of the top bar counts this many."""
    envelope = page.locator("#envelope")
    expect(envelope).to_have_attribute("data-unread", str(number or ""))
    expect(envelope.locator(".badge")).to_have_text([str(number)] if number else [])


def press(page: Page, *keys: str) -> None:
    """One key after the other, wherever the focus is."""
    for key in keys:
        page.keyboard.press(key)


# ── Candidates and the bulk composer


def select_all_in_filter(page: Page, number: int) -> None:
    """From the ticked page to everybody in the filter."""
    page.get_by_label(re.compile("Select all .* on this page")).check()
    page.get_by_role("button", name=f"Select all {number} candidates in this filter").click()
    expect(page.locator(".bulk-count")).to_have_text(f"{number} selected")


def open_drawer(page: Page) -> Locator:
    """The bulk composer for what is selected."""
    page.get_by_role("toolbar", name="Selected candidates").get_by_role("button", name="Message").click()
    drawer = page.get_by_role("dialog", name="Message candidates")
    expect(drawer.get_by_label("Subject")).to_be_focused()
    return drawer


def send_to(drawer: Locator, number: int) -> None:
    """Presses Send once it says how many get it."""
    drawer.get_by_role("button", name=f"Send now to {number}", exact=True).click()
    expect(drawer).to_be_hidden()


# ── Conversations


def row(page: Page, conversation: "Conversation") -> Locator:
    """A row of the inbox's list."""
    return page.locator(".conversation-row", has=page.locator(f"#row-{conversation.pk}"))


def link(page: Page, conversation: "Conversation") -> Locator:
    """What opens it; it has the focus when the row has."""
    return page.locator(f"#row-{conversation.pk}")


def composer(page: Page) -> Locator:
    return page.get_by_role("form", name=re.compile("^Answer "))


def answer(page: Page, text: str) -> Locator:
    """Writes an answer in the open conversation and sends it with the keyboard; returns the field, empty again."""
    field = composer(page).get_by_label("Message", exact=True)
    field.fill(text)
    field.press("Control+Enter")
    expect(field).to_have_value("")
    return field


def answer_in_place(page: Page, text: str) -> Locator:
    """Writes beneath the conversation and presses Send; the message as it then stands there."""
    composer(page).get_by_label("Message", exact=True).fill(text)
    composer(page).get_by_role("button", name="Send", exact=True).click()
    message = page.locator(".message", has_text=text)
    expect(message).to_be_visible()
    return message


# ── The sandbox


def open_sandbox_mail(page: Page, address: str, subject: str | re.Pattern[str]) -> None:
    """The newest mail to `address` with this subject, once it is there."""
    page.goto(f"/sandbox/?recipient={address}")
    page.locator("#mail-list .conversation-link", has_text=subject).first.click()
    expect(page.locator("#mail .mail-title")).to_contain_text(subject)


def answer_in_sandbox(page: Page, text: str, before_sending: Callable[[Locator], object] = lambda form: None) -> None:
    """Answers the open mail as its recipient, above the quoted original."""
    page.get_by_text(re.compile("^Answer as ")).click()
    form = page.locator("#answer form")
    field = form.get_by_label("Answer", exact=True)
    field.fill(f"{text}{field.input_value()}")
    before_sending(form)
    form.get_by_role("button", name="Send answer").click()
    sees(page, "The inbound mail server took it.")


def open_phone(page: Page, number: str) -> None:
    """The phone with this number, once it has had a text."""
    page.goto("/sandbox/phone/")
    page.get_by_label("Open the phone with this number").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    expect(page.locator(".message").first).to_be_visible()


def text_from_phone(page: Page, text: str) -> None:
    """Its owner texts; the phone shows what they wrote."""
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Send text").click()
    expect(page.locator(".message[data-direction=out]", has_text=text)).to_be_visible()
