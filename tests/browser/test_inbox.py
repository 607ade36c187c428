"""The list of the message center: ticked, archived, put off, with the mouse, the keyboard and a thumb."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from candidly.actions import conversations, participations
from candidly.models import Conversation, Member, Message, Participation, Person
from tests.browser import post, screens
from tests.browser.conftest import Visit
from tests.browser.stack import Stack
from tests.peers.processes import wait_until
from tests.web.letters import plain

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def six(stack: Stack, hannah: Member, amara: Person) -> list[Conversation]:
    """Hannah's, the newest first."""
    begun = [
        conversations.start(hannah, amara, subject=f"Ward {number}", text=f"About ward {number}").conversation
        for number in range(1, 7)
    ]
    return begun[::-1]


def row(page: Page, conversation: Conversation) -> Locator:
    return page.locator(".conversation-row", has=page.locator(f"#row-{conversation.pk}"))


def link(page: Page, conversation: Conversation) -> Locator:
    return page.locator(f"#row-{conversation.pk}")


def ticked(page: Page, *ticks: Conversation) -> None:
    """Waits until these rows are ticked, and no others."""
    expect(page.locator(".conversation-row .checkbox:checked")).to_have_count(len(ticks))
    for conversation in ticks:
        expect(row(page, conversation).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("#inbox-bulk [data-number]")).to_have_text(str(len(ticks)))


def bulk(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="Selected conversations").get_by_role("button", name=name, exact=True)


def test_several_are_archived_and_brought_back(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    row(page, six[1]).get_by_role("checkbox").check()
    row(page, six[3]).get_by_role("checkbox").click(modifiers=["Shift"])
    ticked(page, *six[1:4])
    bulk(page, "Archive").click()
    screens.sees(page, "Archived 3 conversations.")
    expect(page.locator(".conversation-row")).to_have_count(3)
    expect(link(page, six[4])).to_be_focused()
    ticked(page)

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".conversation-row")).to_have_count(6)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(link(page, six[1])).to_be_focused()
    assert not Participation.objects.filter(archived_at__isnull=False).exists()


def test_what_is_archived_comes_back_from_the_archive(page: Page, hannah: Member, six: list[Conversation]) -> None:
    participations.archive(hannah, [six[0].pk, six[1].pk])
    page.goto("/inbox/")
    page.get_by_role("link", name="Archived").click()
    expect(page.locator(".conversation-row")).to_have_count(2)
    page.get_by_label("Select all conversations shown").check()
    bulk(page, "Unarchive").click()
    screens.sees(page, "Moved 2 conversations to the inbox.")
    screens.sees(page, "Nothing archived")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator(".conversation-row")).to_have_count(6)


def test_read_and_unread_are_marked_for_all_that_are_shown(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    page.get_by_label("Select all conversations shown").check()
    bulk(page, "Mark as unread").click()
    screens.unread(page, 6)
    expect(page.locator(".conversation-row[data-unread]")).to_have_count(6)
    ticked(page, *six)
    bulk(page, "Mark as read").click()
    screens.unread(page, 0)
    expect(page.locator(".conversation-row[data-unread]")).to_have_count(0)


def test_one_members_archive_is_not_the_others(
    visit: Visit, stack: Stack, hannah: Member, priya: Member, six: list[Conversation]
) -> None:
    conversations.answer(priya, six[0], text="I am here too")
    hers, priyas = visit(hannah), visit(priya)
    hers.goto("/inbox/")
    priyas.goto("/inbox/")
    row(hers, six[0]).get_by_role("checkbox").check()
    bulk(hers, "Archive").click()
    expect(row(hers, six[0])).to_have_count(0)
    post.hand_in(stack, six[1], plain("Something new for Hannah"))
    screens.sees(hers, "Something new for Hannah")
    expect(row(priyas, six[0])).to_be_visible()
    priyas.reload()
    expect(row(priyas, six[0])).to_be_visible()


def test_two_tabs_of_one_member_agree(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    other = page.context.new_page()
    other.goto("/inbox/")
    row(other, six[2]).get_by_role("checkbox").check()
    row(other, six[0]).get_by_role("checkbox").check()
    row(page, six[0]).get_by_role("checkbox").check()
    bulk(page, "Archive").click()
    expect(row(other, six[0])).to_have_count(0)
    ticked(other, six[2])


def test_what_arrives_leaves_ticks_focus_and_place_alone(
    page: Page, stack: Stack, hannah: Member, amara: Person, six: list[Conversation]
) -> None:
    for number in range(20):
        conversations.start(hannah, amara, subject=f"Later {number}", text="Later")
    page.goto("/inbox/")
    row(page, six[2]).get_by_role("checkbox").check()
    link(page, six[3]).focus()
    page.locator("#inbox-scroll").evaluate("(list) => list.scrollTo(0, 400)")
    top = page.evaluate(TOP, f"row-{six[3].pk}")
    post.hand_in(stack, six[5], plain("A word from below"))
    expect(page.locator(".conversation-row").first).to_contain_text("A word from below")
    ticked(page, six[2])
    expect(link(page, six[3])).to_be_focused()
    assert abs(page.evaluate(TOP, f"row-{six[3].pk}") - top) <= A_HAIR


TOP = "(id) => document.getElementById(id).getBoundingClientRect().top"
A_HAIR = 2


def test_the_list_by_keyboard_alone(page: Page, stack: Stack, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    press(page, "j", "j")
    expect(link(page, six[1])).to_be_focused()
    press(page, "k")
    expect(link(page, six[0])).to_be_focused()
    press(page, "x", "j", "j", "Shift+X")
    ticked(page, *six[:3])
    press(page, "Escape")
    ticked(page)
    expect(link(page, six[2])).to_be_focused()

    press(page, "e")
    expect(row(page, six[2])).to_have_count(0)
    expect(link(page, six[3])).to_be_focused()
    screens.sees(page, "Archived 1 conversation.")
    press(page, "z")
    expect(row(page, six[2])).to_be_visible()

    press(page, "u")
    screens.unread(page, 1)
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/conversations/{six[3].pk}/$"))
    screens.unread(page, 0)
    press(page, "u")
    expect(page).to_have_url(re.compile("/inbox/$"))
    screens.unread(page, 1)
    expect(link(page, six[3])).to_be_focused()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_an_answer_by_keyboard_and_the_archive_after_it(page: Page, six: list[Conversation]) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    press(page, "r")
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("jkxeu are letters here")
    press(page, "Control+Enter")
    screens.sees(page.get_by_role("log"), "jkxeu are letters here")
    press(page, "Escape")
    expect(page.locator(".thread-scroll")).to_be_focused()
    press(page, "e")
    expect(page).to_have_url(re.compile("/inbox/$"))
    screens.sees(page, "Archived 1 conversation.")
    expect(link(page, six[1])).to_be_focused()
    press(page, "z")
    expect(row(page, six[0])).to_be_visible()
    press(page, "/")
    expect(page.locator(".global-search input")).to_be_focused()


def test_single_keys_can_be_turned_off_on_this_device(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    sheet.get_by_label("Single keys on this device").uncheck()
    press(page, "Escape")
    page.reload()
    press(page, "j", "e")
    expect(link(page, six[0])).not_to_be_focused()
    expect(page.locator(".conversation-row")).to_have_count(6)


def test_snoozed_it_comes_back_by_itself(
    page: Page, hannah: Member, six: list[Conversation], soon: Callable[[], None]
) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    page.get_by_role("button", name="Snooze").click()
    page.get_by_role("menuitem", name="Tomorrow, 08:30").click()
    screens.sees(page, "Snoozed until tomorrow 08:30.")
    expect(row(page, six[0])).to_have_count(0)
    page.get_by_role("link", name="Archived").click()
    expect(row(page, six[0])).to_contain_text("Snoozed until tomorrow 08:30")
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
    press(page, "Enter")
    dialog = page.get_by_role("dialog", name="Snooze until")
    dialog.get_by_label("Date and time").fill("2020-01-01T08:30")
    dialog.get_by_role("button", name="Snooze").click()
    screens.sees(dialog, "This time has passed. Choose one that is still to come.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_archived_and_left_unread_on_a_phone(visit: Visit, hannah: Member, six: list[Conversation]) -> None:
    page = visit(hannah, **PHONE)
    page.goto("/inbox/")
    link(page, six[0]).tap()
    page.get_by_role("button", name="Mark as unread").tap()
    screens.unread(page, 1)
    link(page, six[0]).tap()
    page.get_by_role("button", name="Archive", exact=True).tap()
    screens.sees(page, "Archived 1 conversation.")
    page.get_by_role("button", name="Undo").tap()
    row(page, six[0]).get_by_role("checkbox").tap()
    row(page, six[1]).get_by_role("checkbox").tap()
    expect(bulk(page, "Archive")).to_be_in_viewport(ratio=1)
    bulk(page, "Archive").tap()
    expect(page.locator(".conversation-row")).to_have_count(4)


def test_what_is_left_unread_stays_so_though_a_look_at_it_was_under_way(
    page: Page, hannah: Member, six: list[Conversation]
) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    held: list[Route] = []
    page.route("**/messages/?*seen=1", lambda route: held.append(route), times=1)  # noqa: PLW0108 (no built-in one)
    with page.expect_request("**/messages/?*seen=1"):
        conversations.answer(hannah, six[0], text="One moment.")
    page.get_by_role("button", name="Mark as unread").click()
    held[0].continue_()
    page.wait_for_url("**/inbox/")
    screens.unread(page, 1)


def test_a_counter_that_was_under_way_when_more_came_is_asked_again(
    page: Page, stack: Stack, six: list[Conversation]
) -> None:
    page.goto("/templates/")
    page.evaluate("window.heard = 0; document.body.addEventListener('live:inbox', () => (window.heard += 1))")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/inbox/counter/", lambda route: held.append((route, route.fetch())), times=1)
    post.hand_in(stack, six[0], plain("I can come on Tuesday."))
    wait_until(lambda: page.evaluate("window.heard") > 0 and bool(held), "the counter was fetched")
    heard = page.evaluate("window.heard")
    post.hand_in(stack, six[1], plain("So can I."))
    wait_until(lambda: page.evaluate("window.heard") > heard, "the page heard of the second")
    route, answer = held[0]
    route.fulfill(response=answer)
    screens.unread(page, 2)


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
    screens.sees(page, "Line 100")
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
