"""Two members at once: notes that name, who leads, calls from a phone, and reminders that fall due."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from candidly.actions import conversations
from candidly.models import Conversation, Delivery, Member, Message, Person, Reminder, clock
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.stack import Stack
from tests.peers.processes import wait_until

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def conversation(stack: Stack, hannah: Member, amara: Person) -> Conversation:
    message = conversations.start(
        hannah, amara, subject="Your interview", text="Could you do Thursday?", channels=("app",),
        application=amara.applications.get(),
    )  # fmt: skip
    return message.conversation


def begin_note(page: Page) -> None:
    """From the keyboard: the toggle is one of the composer's controls."""
    page.get_by_role("checkbox", name="Note").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Add note")).to_be_visible()
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_be_focused()


def test_hannah_names_priya_from_the_keyboard_and_priyas_counter_goes_up(
    visit: Visit, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    hers, priyas = visit(hannah), visit(priya)
    priyas.goto("/candidates/")
    screens.unread(priyas, 0)
    hers.goto(f"/conversations/{conversation.pk}/")
    begin_note(hers)
    hers.keyboard.type("Can you look, @Pri")
    expect(hers.get_by_role("option", name="Priya Nair")).to_have_attribute("aria-selected", "true")
    hers.keyboard.press("Enter")
    hers.keyboard.type("before noon?")
    hers.keyboard.press("Control+Enter")
    note = hers.locator(".message[data-channel=note]")
    expect(note.locator(".message-body")).to_have_text("Can you look, @Priya Nair before noon?")
    screens.sees(hers, "Note added, Priya Nair told")
    screens.unread(priyas, 1)

    priyas.goto("/inbox/")
    priyas.locator(".conversation-link").first.click()
    expect(priyas.locator(".message[data-channel=note]")).to_contain_text("@Priya Nair")
    assert not Message.objects.get(channel="note").deliveries.exists()


def test_arrows_choose_a_name_and_escape_leaves_it(
    visit: Visit, hannah: Member, priya: Member, marcus: Member, conversation: Conversation
) -> None:
    page = visit(hannah)
    page.goto(f"/conversations/{conversation.pk}/")
    begin_note(page)
    text = screens.composer(page).get_by_label("Message", exact=True)
    page.keyboard.type("@")
    expect(page.get_by_role("option", name="Marcus Bell")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Priya Nair")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(text).to_have_value("@Priya Nair ")
    page.keyboard.type("and @M")
    expect(page.get_by_role("option", name="Marcus Bell")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option", name="Marcus Bell")).to_be_hidden()
    expect(text).to_have_value("@Priya Nair and @M")


def test_a_note_that_was_begun_is_still_a_note_on_the_next_page(
    visit: Visit, hannah: Member, conversation: Conversation
) -> None:
    page = visit(hannah)
    page.goto(f"/conversations/{conversation.pk}/")
    begin_note(page)
    page.keyboard.type("Not for Amara")
    wait_until(lambda: hannah.drafts.filter(fields__note="1").exists(), "the draft is kept")
    page.reload()
    expect(page.get_by_role("button", name="Add note")).to_be_visible()
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_have_value("Not for Amara")


def test_a_conversation_is_handed_over_while_the_other_looks_on(
    visit: Visit, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    hers, priyas = visit(hannah), visit(priya)
    priyas.goto(f"/conversations/{conversation.pk}/")
    hers.goto(f"/conversations/{conversation.pk}/")
    hers.get_by_role("button", name="Assigned to Hannah Whitlock").click()
    hers.get_by_role("menuitemradio", name="Priya Nair").click()
    for page in (hers, priyas):
        expect(page.get_by_role("button", name="Assigned to Priya Nair")).to_be_visible()
        expect(page.locator(".timeline-event")).to_contain_text("assigned this to Priya Nair")


def test_a_call_is_logged_from_a_phone(visit: Visit, hannah: Member, conversation: Conversation) -> None:
    page = visit(hannah, viewport=PHONE, has_touch=True)
    page.goto(f"/conversations/{conversation.pk}/")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Call").click()
    dialog = page.get_by_role("dialog", name="Log a call")
    expect(dialog.get_by_role("link", name=re.compile("^Call"))).to_have_attribute("href", "tel:+447700900101")
    dialog.get_by_label("Outcome").select_option("Left a voicemail")
    dialog.get_by_label("Note").fill("Asked her to call back")
    dialog.get_by_role("button", name="Log call").click()
    expect(dialog).to_be_hidden()
    call = page.locator(".message[data-channel=call]")
    expect(call).to_contain_text("You called Amara Okafor")
    expect(call).to_contain_text("Left a voicemail")
    expect(call).to_contain_text("Asked her to call back")


def test_a_reminder_that_falls_due_says_so_in_the_open_page_and_is_ticked_off(
    visit: Visit, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    page = visit(hannah)
    page.goto("/reminders/")
    screens.sees(page, "No reminders")
    message = conversations.answer(hannah, conversation, text="Any news?", channels=("app",), remind_days=1)
    long_ago = clock.now() - timedelta(days=2)
    Delivery.objects.filter(message=message).update(sent_at=long_ago)
    Reminder.objects.update(due_at=long_ago + timedelta(days=1))
    screens.sees(page, "Reminder: no answer from Amara Okafor yet")
    due = page.get_by_role("region", name="Due").locator(".reminder-row")
    expect(due).to_contain_text("Any news?")
    expect(page.locator("#nav-due")).to_have_text("1 due")
    due.get_by_role("checkbox").check()
    screens.sees(page, "Reminder done")
    expect(page.locator("#nav-due")).to_be_hidden()
    due.get_by_role("checkbox").uncheck()
    expect(page.locator("#nav-due")).to_be_visible()
