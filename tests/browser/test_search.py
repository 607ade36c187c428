"""From the top bar to the message that was looked for."""

import re

from playwright.sync_api import Page, expect

from candidly.actions import conversations
from candidly.models import Conversation, Member, Opening, Person, Unindexed
from tests.browser import screens
from tests.browser.places import conversation_with
from tests.peers.processes import wait_until


def searched_from_the_top_bar(page: Page, words: str) -> None:
    page.keyboard.press("/")
    expect(page.get_by_label("Search candidates, messages, openings")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Search", level=1)).to_be_visible()


def test_what_was_written_is_found_and_opened_in_its_place(page: Page, hannah: Member, amara: Person) -> None:
    first = conversations.start(hannah, amara, subject="Interview", text="Hello").conversation
    for number in range(60):
        conversations.answer(hannah, first, text=f"Line {number} about the rota")
    page.goto(conversation_with(amara))
    screens.answer_in_place(page, "Please bring the Führungszeugnis on Tuesday")
    for number in range(60):
        conversations.answer(hannah, first, text=f"Later line {number}")
    wait_until(lambda: not Unindexed.objects.exists(), "search knows all of it")

    page.goto("/inbox/")
    searched_from_the_top_bar(page, "fuhrungs tuesday")
    row = page.get_by_role("link", name=re.compile("Amara Okafor.*Please bring"))
    expect(row.locator("mark")).to_have_text(["Führungszeugnis", "Tuesday"])
    row.click()
    expect(page.locator(".message", has_text="Please bring the Führungszeugnis")).to_be_in_viewport()


def test_filters_narrow_as_they_are_chosen_and_are_taken_away_again(
    page: Page, hannah: Member, amara: Person, kwame: Person, icu: Opening
) -> None:
    conversations.start(hannah, amara, subject="Rota", text="The rota for Amara")
    conversations.start(hannah, kwame, subject="Rota", text="The rota for Kwame", channels=["app"])
    wait_until(lambda: not Unindexed.objects.exists(), "search knows all of it")
    page.goto("/search/")
    page.get_by_label("Search everything").fill("rota")
    screens.sees(page, "2 messages")
    page.get_by_role("radio", name="In-app").check()
    screens.sees(page, "1 message")
    expect(page).to_have_url(re.compile(r"q=rota&channel=app$"))
    expect(page.get_by_role("radio", name="In-app")).to_be_focused()
    page.get_by_role("radio", name="Kwame Mensah").check()
    screens.sees(page, "Person:")
    page.get_by_role("checkbox", name="Has an attachment").check()
    screens.sees(page, "No message is in this filter")
    page.get_by_role("link", name="Clear", exact=True).click()
    screens.sees(page, "2 messages")
    expect(page.get_by_role("radio", name="In-app")).not_to_be_checked()


def test_the_list_grows_older_in_place(page: Page, hannah: Member, amara: Person) -> None:
    for number in range(35):
        conversations.start(hannah, amara, subject="Rota", text=f"Rota {number:02}")
    wait_until(lambda: not Unindexed.objects.exists(), "search knows all of it")
    assert Conversation.objects.count() == 35
    page.goto("/search/?q=rota")
    screens.sees(page, "30+ messages")
    page.get_by_role("link", name="Older messages").click()
    screens.sees(page, "You: Rota 00")
    expect(page.get_by_role("link", name="Older messages")).to_have_count(0)
