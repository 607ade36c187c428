"""What has the focus and is taken away hands it on: nobody starts again from the top of the page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidly.actions import conversations, participations, scheduled
from candidly.models import Conversation, Member, Person
from tests.browser import screens
from tests.browser.conftest import Visit


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?").conversation


@pytest.fixture
def later(hannah: Member) -> Callable[[Person], None]:
    def send(person: Person, conversation: Conversation | None = None) -> None:
        due_at = timezone.now() + timedelta(days=1)
        words = scheduled.Words(subject="Rota", text="Later")
        scheduled.send_later(hannah, person, words, due_at=due_at, conversation=conversation)

    return send


def test_after_undo_one_goes_on_writing(visit: Visit, hannah: Member, conversation: Conversation) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=30)
    page = visit(hannah)
    page.goto(f"/conversations/{conversation.pk}/")
    text = screens.answer(page, "Too quick")
    page.locator("#sending").get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#sending .message")).to_have_count(0)
    expect(text).to_have_value("Too quick")
    expect(text).to_be_focused()


def test_after_a_scheduled_message_is_cancelled_one_goes_on_writing(
    page: Page, amara: Person, conversation: Conversation, later: Callable[..., None]
) -> None:
    later(amara, conversation)
    page.goto(f"/conversations/{conversation.pk}/")
    page.locator("#waiting").get_by_role("button", name="Cancel").press("Enter")
    expect(page.locator("#waiting li")).to_have_count(0)
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_be_focused()


def test_on_the_scheduled_page_the_next_one_follows(
    page: Page, amara: Person, kwame: Person, later: Callable[..., None]
) -> None:
    later(amara)
    later(kwame)
    page.goto("/scheduled/")
    first, second = (page.get_by_role("article", name=f"To {person.full_name}") for person in (amara, kwame))
    first.get_by_role("button", name="Cancel").press("Enter")
    screens.sees(page, "Cancelled. The words are kept as a draft to Amara Okafor.")
    expect(first).to_have_count(0)
    expect(second).to_be_focused()
    second.get_by_role("button", name="Cancel").press("Enter")
    expect(page.locator(".empty", has_text="Nothing is scheduled")).to_be_focused()


def test_whoever_gave_a_conversation_away_is_where_they_were(
    page: Page, priya: Member, conversation: Conversation
) -> None:
    page.goto(f"/conversations/{conversation.pk}/")
    assigned = page.locator(".head-assigned")
    assigned.get_by_role("button").press("Enter")
    assigned.get_by_role("menuitemradio", name=priya.name).press("Enter")
    expect(assigned.get_by_role("button")).to_contain_text(priya.name)
    expect(assigned.get_by_role("button")).to_be_focused()


def test_after_a_mailing_is_sent_the_list_has_the_focus(page: Page, amara: Person) -> None:
    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Subject").fill("Ward visit")
    drawer.get_by_label("Message", exact=True).fill("Come and see us.")
    screens.sees(drawer.locator("#compose-preview"), "Come and see us.")
    drawer.get_by_role("button", name="Send now to 1", exact=True).press("Enter")
    expect(drawer).to_be_hidden()
    expect(page.locator("#select-page")).to_be_focused()


@pytest.mark.parametrize("key", ["e", "Enter"])
def test_after_the_last_is_unarchived_the_tab_has_the_focus(
    page: Page, hannah: Member, conversation: Conversation, key: str
) -> None:
    participations.archive(hannah, [conversation.pk])
    page.goto("/inbox/?folder=archived")
    if key == "e":
        screens.press(page, "j", "e")
    else:
        page.get_by_label("Select all conversations shown").check()
        page.locator("#inbox-bulk").get_by_role("button", name="Unarchive").press("Enter")
    screens.sees(page, "Nothing archived")
    expect(page.get_by_role("link", name="Archived")).to_be_focused()
