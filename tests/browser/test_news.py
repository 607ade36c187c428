"""News that come in while somebody works take nothing from under their hands: what is in old and new stays in place."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from candidly.actions import campaigns, conversations, scheduled
from candidly.models import Conversation, Member, Person
from candidly.rules.activity import SIZE
from tests.browser import post, screens
from tests.browser.conftest import Visit
from tests.browser.stack import Stack
from tests.peers.processes import wait_until
from tests.web.letters import plain

REMEMBER = "(element) => { globalThis.remembered = element; }"
IS_IN_PAGE = "() => document.body.contains(globalThis.remembered)"
A_MOMENT = 1_000  # milliseconds, longer than a page waits before it asks
NAMES = "(links) => links.map((link) => link.id)"


def press(place: Locator) -> None:
    """The mouse's button goes down on it, and stays down."""
    place.hover()
    place.page.mouse.down()


def shown(page: Page) -> list[str]:
    names: list[str] = page.locator(".conversation-link").evaluate_all(NAMES)
    return names


def rows(*conversations: Conversation) -> list[str]:
    return [f"row-{conversation.pk}" for conversation in conversations]


def test_a_press_that_news_come_into_is_heard(page: Page, stack: Stack, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    box = screens.row(page, six[0]).get_by_role("checkbox")
    press(box)
    post.hand_in(stack, six[0], plain("On the same row"))
    expect(screens.row(page, six[0])).to_contain_text("On the same row")
    page.mouse.up()
    expect(box).to_be_checked()


def test_a_row_that_rises_takes_the_focus_with_it(page: Page, stack: Stack, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    before = shown(page)
    link = screens.link(page, six[2])
    link.focus()
    link.evaluate(REMEMBER)
    post.hand_in(stack, six[2], plain("From the middle"))
    expect(page.locator(".conversation-row").first).to_contain_text("From the middle")
    risen = rows(six[2])
    assert shown(page) == [*risen, *(row for row in before if row not in risen)]
    assert page.evaluate("() => document.activeElement === globalThis.remembered")


def test_rows_come_between_others_that_stay(
    page: Page, stack: Stack, hannah: Member, amara: Person, six: list[Conversation]
) -> None:
    page.goto("/inbox/")
    before = shown(page)
    screens.row(page, six[4]).evaluate(REMEMBER)
    new = conversations.start(hannah, amara, subject="One more", text="One more").conversation
    expect(page.locator(".conversation-row")).to_have_count(7)
    assert shown(page) == [*rows(new), *before]
    assert page.evaluate(IS_IN_PAGE)


def test_a_list_stays_though_another_row_is_its_first(page: Page, hannah: Member) -> None:
    known = campaigns.create(hannah, name="Ward visits")
    page.goto("/campaigns/")
    page.locator(f"#campaign-{known.pk}").evaluate(REMEMBER)
    campaigns.create(hannah, name="Summer school")
    expect(page.get_by_role("link", name="Summer school")).to_be_visible()
    expect(page.locator("#campaigns tbody a").first).to_have_text("Summer school")
    assert page.evaluate(IS_IN_PAGE)


def test_undo_is_the_same_button_while_the_page_asks_again(
    visit: Visit, hannah: Member, six: list[Conversation]
) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=30)
    page = visit(hannah)
    page.goto(f"/conversations/{six[0].pk}/")
    text = screens.answer(page, "Too quick")
    press(page.locator("#sending").get_by_role("button", name="Undo"))
    with page.expect_response("**/messages/**"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:conversation'))")
    expect(page.locator("#newer")).not_to_have_class("htmx-request")
    page.mouse.up()
    expect(text).to_have_value("Too quick")


@pytest.mark.parametrize("left", ["0", "5"])
def test_what_counts_down_goes_on_from_what_the_server_says(page: Page, six: list[Conversation], left: str) -> None:
    page.goto(f"/conversations/{six[0].pk}/")
    count = page.evaluate_handle(
        """() => {
          const place = document.body.appendChild(document.createElement("span"));
          place.dataset.left = "60";
          return place;
        }"""
    )
    page.wait_for_function("(place) => Number(place.textContent) > 50", arg=count)
    count.evaluate("(place, left) => (place.dataset.left = left)", left)
    page.wait_for_function("([place, left]) => Number(place.textContent) <= Number(left)", arg=[count, left])


def test_activity_comes_in_until_somebody_looks_further_back(
    page: Page, stack: Stack, hannah: Member, amara: Person, six: list[Conversation]
) -> None:
    for number in range(SIZE):
        conversations.start(hannah, amara, subject=f"Letter {number}", text="Hello")
    page.goto(f"/candidates/{amara.pk}/activity/")
    happened = page.locator("#activity [id^=happened]")
    expect(happened).to_have_count(SIZE)
    happened.first.evaluate(REMEMBER)
    post.hand_in(stack, six[0], plain("I can come on Tuesday."))
    expect(happened.first).to_contain_text("Amara Okafor wrote")
    expect(happened).to_have_count(SIZE)
    assert page.evaluate(IS_IN_PAGE)

    page.get_by_role("link", name="Older activity").click()
    expect(page.get_by_role("link", name="Older activity")).to_have_count(0)
    all_of_it = happened.count()
    assert all_of_it > SIZE
    page.evaluate("window.heard = 0; document.body.addEventListener('live:inbox', () => (window.heard += 1))")
    post.hand_in(stack, six[1], plain("Or on Wednesday."))
    wait_until(lambda: page.evaluate("window.heard") > 0, "the page heard of it")
    page.wait_for_timeout(A_MOMENT)
    expect(happened).to_have_count(all_of_it)


def test_a_list_of_which_more_was_loaded_stays_as_long(
    page: Page, stack: Stack, hannah: Member, amara: Person, six: list[Conversation]
) -> None:
    for number in range(35):
        words = scheduled.Words(text=f"Letter {number:02}", subject="Hello")
        scheduled.send_later(hannah, amara, words, due_at=timezone.now() + timedelta(days=1, minutes=number))
    page.goto("/scheduled/")
    listed = page.locator(".scheduled-row")
    expect(listed).to_have_count(30)
    page.get_by_role("button", name="Load more").click()
    expect(listed).to_have_count(35)
    listed.nth(34).evaluate(REMEMBER)
    with page.expect_response("**/scheduled/?rows=35"):
        post.hand_in(stack, six[0], plain("Meanwhile"))
    page.wait_for_timeout(A_MOMENT)
    expect(listed).to_have_count(35)
    assert page.evaluate(IS_IN_PAGE)
