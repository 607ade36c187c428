"""One conversation of the message center, opened: answered, put off, left unread, found at a message."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from candidly.actions import conversations
from candidly.models import Conversation, Delivery, Member, Message, Person
from tests.browser import post, screens
from tests.browser.conftest import Visit
from tests.browser.held import Held
from tests.browser.places import conversation_with
from tests.browser.stack import Stack
from tests.peers.processes import wait_until
from tests.web.letters import plain


def test_an_answer_by_keyboard_and_the_archive_after_it(page: Page, six: list[Conversation]) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    screens.press(page, "r")
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("jkxeu are letters here")
    screens.press(page, "Control+Enter")
    screens.sees(page.get_by_role("log"), "jkxeu are letters here")
    screens.press(page, "Escape")
    expect(page.locator(".thread-scroll")).to_be_focused()
    screens.press(page, "e")
    expect(page).to_have_url(re.compile("/inbox/$"))
    screens.sees(page, "Archived 1 conversation.")
    expect(screens.link(page, six[1])).to_be_focused()
    screens.press(page, "z")
    expect(screens.row(page, six[0])).to_be_visible()
    screens.press(page, "/")
    expect(page.locator(".global-search input")).to_be_focused()


def test_snoozed_it_comes_back_by_itself(
    page: Page, hannah: Member, six: list[Conversation], soon: Callable[[], None]
) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    page.get_by_role("button", name="Snooze").click()
    page.get_by_role("menuitem", name="Tomorrow, 08:30").click()
    screens.sees(page, "Snoozed until tomorrow 08:30.")
    expect(screens.row(page, six[0])).to_have_count(0)
    page.get_by_role("link", name="Archived").click()
    expect(screens.row(page, six[0])).to_contain_text("Snoozed until tomorrow 08:30")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator(".conversation-row")).to_have_count(5)
    soon()
    expect(page.locator(".conversation-row").first).to_contain_text("ward 6")
    screens.unread(page, 1)


@pytest.fixture
def soon(hannah: Member) -> Callable[[], None]:
    """Whatever Hannah has snoozed is due now."""

    def fall_due() -> None:
        snoozed = hannah.participations.filter(snoozed_until__isnull=False)
        snoozed.update(snoozed_until=snoozed.get().archived_at)

    return fall_due


def test_a_time_that_has_passed_is_refused_beside_the_field(page: Page, six: list[Conversation]) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    page.get_by_role("button", name="Snooze").press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Pick date and time")).to_be_focused()
    screens.press(page, "Enter")
    dialog = page.get_by_role("dialog", name="Snooze until")
    dialog.get_by_label("Date and time").fill("2020-01-01T08:30")
    dialog.get_by_role("button", name="Snooze").click()
    screens.sees(dialog, "This time has passed. Choose one that is still to come.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_what_is_left_unread_stays_so_though_a_look_at_it_was_under_way(
    page: Page, hannah: Member, six: list[Conversation]
) -> None:
    held = Held(page, r"/messages/\?.*seen=1")
    page.goto(f"/conversations/{six[0].pk}/")
    conversations.answer(hannah, six[0], text="One moment.")
    held.wait()
    page.get_by_role("button", name="Mark as unread").click()
    held.release()
    page.wait_for_url("**/inbox/")
    screens.unread(page, 1)


def test_what_a_page_asks_while_it_is_left_does_not_take_the_confirmation(page: Page, six: list[Conversation]) -> None:
    page.goto(f"/conversations/{six[0].pk}/")

    def slowly(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/inbox/", slowly)
    page.evaluate("""() => {
      const asks = () => htmx.trigger(document.querySelector(".assigned button"), "focus");
      document.addEventListener("htmx:afterRequest", asks, { once: true });
    }""")
    page.get_by_role("button", name="Archive").click()
    screens.sees(page, "Archived 1 conversation.")


def test_opened_at_a_message_it_stands_marked_amid_what_was_said(
    page: Page, hannah: Member, six: list[Conversation]
) -> None:
    Message.objects.bulk_create(
        Message(
            organization=hannah.organization, conversation=six[0], direction=Message.Direction.OUT, member=hannah,
            text=f"Line {number:03}",
        )
        for number in range(120)
    )  # fmt: skip
    at = Message.objects.get(text="Line 040")
    page.goto(f"/conversations/{six[0].pk}/?at={at.pk}")
    found = page.locator(f"#message-{at.pk}")
    expect(found).to_be_in_viewport()
    expect(found).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Show later").click()
    screens.sees(page, "Line 070")
    expect(found).to_have_count(1)
    page.get_by_role("link", name="Go to the newest").click()
    expect(page.locator(".message", has_text="Line 119")).to_be_in_viewport()


def test_a_draft_and_the_place_in_the_thread_outlive_what_arrives(
    page: Page, stack: Stack, six: list[Conversation]
) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    text = screens.composer(page).get_by_label("Message", exact=True)
    text.fill("Half a sen")
    post.hand_in(stack, six[0], plain("Are you there?"))
    screens.sees(page.get_by_role("log"), "Are you there?")
    expect(page.locator(".conversation-row").first).to_contain_text("Are you there?")
    expect(text).to_be_focused()
    page.keyboard.type("tence")
    expect(text).to_have_value("Half a sentence")


def test_what_is_new_below_is_told_above_the_composer_however_high_that_is(
    page: Page, stack: Stack, six: list[Conversation]
) -> None:
    Message.objects.filter(conversation=six[0]).update(text="Dear Amara\n" * 60)
    page.goto(f"/conversations/{six[0].pk}/")
    page.get_by_role("log").evaluate("(thread) => thread.scrollTo(0, 0)")
    post.hand_in(stack, six[0], plain("Are you there?"))
    pill = page.get_by_role("button", name="1 new message")
    expect(pill).to_be_visible()
    text = screens.composer(page).get_by_label("Message", exact=True)
    for draft in ("Half a sentence", "A line\n" * 20):
        text.fill(draft)
        above, below = pill.bounding_box(), screens.composer(page).bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"]
    pill.click()
    expect(page.locator(".message", has_text="Are you there?")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_a_retry_finds_its_place_though_news_came_before_its_answer(page: Page, six: list[Conversation]) -> None:
    deliveries = Delivery.objects.filter(message__conversation=six[0])
    wait_until(lambda: deliveries.get().state == Delivery.State.SENT, "the mail has gone")
    deliveries.update(state=Delivery.State.FAILED, reason="The mailbox is full.")
    page.goto(f"/conversations/{six[0].pk}/")
    held = Held(page, "/retry/")
    page.get_by_role("button", name="Retry").click()
    held.wait()
    with page.expect_response("**/messages/?*"):
        page.evaluate("""document.body.dispatchEvent(new CustomEvent("live:conversation"))""")
    held.release()
    expect(page.locator(".delivery")).to_contain_text("Sent")


def test_a_candidate_is_declined_beside_the_conversation_and_brought_back(
    visit: Visit, hannah: Member, priya: Member, amara: Person
) -> None:
    page, priyas = visit(hannah), visit(priya)
    conversations.start(hannah, amara, subject="Interview", text="Hello", application=amara.applications.get())
    page.goto(conversation_with(amara))
    priyas.goto(f"/candidates/{amara.pk}/")
    page.get_by_role("button", name="change the stage").press("ArrowUp")
    expect(page.get_by_role("menuitemradio", name="Declined")).to_be_focused()
    screens.press(page, "Enter")
    screens.sees(page, "Amara Okafor: Declined, Staff Nurse, ICU – Leeds")
    expect(page.get_by_role("button", name="Declined: change the stage")).to_be_focused()
    expect(priyas.get_by_role("button", name="Declined: change the stage")).to_be_visible()
    for shown in (page.locator(".pane-thread .person .stage"), priyas.locator(".profile-head .stage")):
        expect(shown).to_have_text("Declined")
    screens.press(page, "z")
    expect(page.get_by_role("button", name="Applied: change the stage")).to_be_visible()
    expect(priyas.get_by_role("button", name="Applied: change the stage")).to_be_visible()
