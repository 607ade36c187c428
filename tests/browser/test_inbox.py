"""The list of the message center: ticked, archived, put off, with the mouse, the keyboard and a thumb."""

import re

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from candidly.actions import conversations, participations
from candidly.models import Conversation, Member, Participation, Person
from candidly.web.inbox import rows
from tests.browser import post, screens
from tests.browser.conftest import Visit
from tests.browser.held import Held
from tests.browser.stack import Stack
from tests.peers.processes import wait_until
from tests.web.letters import plain

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ticked(page: Page, *ticks: Conversation) -> None:
    """Waits until these rows are ticked, and no others."""
    expect(page.locator(".conversation-row .checkbox:checked")).to_have_count(len(ticks))
    for conversation in ticks:
        expect(screens.row(page, conversation).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("#inbox-bulk [data-number]")).to_have_text(str(len(ticks)))


def bulk(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="Selected conversations").get_by_role("button", name=name, exact=True)


def test_several_are_archived_and_brought_back(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    screens.row(page, six[1]).get_by_role("checkbox").check()
    screens.row(page, six[3]).get_by_role("checkbox").click(modifiers=["Shift"])
    ticked(page, *six[1:4])
    bulk(page, "Archive").click()
    screens.sees(page, "Archived 3 conversations.")
    expect(page.locator(".conversation-row")).to_have_count(3)
    expect(screens.link(page, six[4])).to_be_focused()
    ticked(page)

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".conversation-row")).to_have_count(6)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(screens.link(page, six[1])).to_be_focused()
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
    screens.row(hers, six[0]).get_by_role("checkbox").check()
    bulk(hers, "Archive").click()
    expect(screens.row(hers, six[0])).to_have_count(0)
    post.hand_in(stack, six[1], plain("Something new for Hannah"))
    screens.sees(hers, "Something new for Hannah")
    expect(screens.row(priyas, six[0])).to_be_visible()
    priyas.reload()
    expect(screens.row(priyas, six[0])).to_be_visible()


def test_two_tabs_of_one_member_agree(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    other = page.context.new_page()
    other.goto("/inbox/")
    screens.row(other, six[2]).get_by_role("checkbox").check()
    screens.row(other, six[0]).get_by_role("checkbox").check()
    screens.row(page, six[0]).get_by_role("checkbox").check()
    bulk(page, "Archive").click()
    expect(screens.row(other, six[0])).to_have_count(0)
    ticked(other, six[2])


def test_what_arrives_leaves_ticks_focus_and_place_alone(
    page: Page, stack: Stack, hannah: Member, amara: Person, six: list[Conversation]
) -> None:
    for number in range(12):
        conversations.start(hannah, amara, subject=f"Later {number}", text="Later")
    page.goto("/inbox/")
    screens.row(page, six[2]).get_by_role("checkbox").check()
    screens.link(page, six[3]).focus()
    page.locator("#inbox-scroll").evaluate("(list) => list.scrollTo(0, 400)")
    top = page.evaluate(TOP, f"row-{six[3].pk}")
    post.hand_in(stack, six[5], plain("A word from below"))
    expect(page.locator(".conversation-row").first).to_contain_text("A word from below")
    ticked(page, six[2])
    expect(screens.link(page, six[3])).to_be_focused()
    assert abs(page.evaluate(TOP, f"row-{six[3].pk}") - top) <= A_HAIR


def test_the_list_goes_on_by_itself_when_its_end_is_seen(page: Page, hannah: Member, amara: Person) -> None:
    for number in range(rows.PAGE + 5):
        conversations.start(hannah, amara, subject=f"Letter {number}", text="Hello")
    page.goto("/inbox/")
    expect(page.locator(".conversation-row")).to_have_count(rows.PAGE)
    page.locator("#inbox-scroll").evaluate("(list) => list.scrollTo(0, list.scrollHeight)")
    expect(page.locator(".conversation-row")).to_have_count(rows.PAGE + 5)
    expect(page.get_by_role("button", name="Load more")).to_have_count(0)


TOP = "(id) => document.getElementById(id).getBoundingClientRect().top"
A_HAIR = 2


def test_the_list_by_keyboard_alone(page: Page, stack: Stack, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    screens.press(page, "j", "j")
    expect(screens.link(page, six[1])).to_be_focused()
    screens.press(page, "k")
    expect(screens.link(page, six[0])).to_be_focused()
    screens.press(page, "x", "j", "j", "Shift+X")
    ticked(page, *six[:3])
    screens.press(page, "Escape")
    ticked(page)
    expect(screens.link(page, six[2])).to_be_focused()

    screens.press(page, "e")
    expect(screens.row(page, six[2])).to_have_count(0)
    expect(screens.link(page, six[3])).to_be_focused()
    screens.sees(page, "Archived 1 conversation.")
    screens.press(page, "z")
    expect(screens.row(page, six[2])).to_be_visible()

    screens.press(page, "u")
    screens.unread(page, 1)
    screens.press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/conversations/{six[3].pk}/$"))
    screens.unread(page, 0)
    screens.press(page, "u")
    expect(page).to_have_url(re.compile("/inbox/$"))
    screens.unread(page, 1)
    expect(screens.link(page, six[3])).to_be_focused()


def test_the_ring_is_drawn_around_what_the_keyboard_opened_alone(
    page: Page, hannah: Member, six: list[Conversation]
) -> None:
    page.goto("/inbox/")
    ring = page.locator(".conversation-link:focus-visible")
    screens.link(page, six[1]).click()
    expect(page).to_have_url(re.compile(f"/conversations/{six[1].pk}/$"))
    expect(screens.link(page, six[1])).to_be_focused()
    expect(ring).to_have_count(0)
    conversations.answer(hannah, six[5], text="The list is drawn anew.")
    screens.sees(page.locator("#conversation-list"), "The list is drawn anew.")
    expect(screens.link(page, six[1])).to_be_focused()
    expect(ring).to_have_count(0)
    screens.press(page, "j")
    expect(ring).to_have_id(f"row-{six[2].pk}")
    screens.press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/conversations/{six[2].pk}/$"))
    expect(ring).to_have_id(f"row-{six[2].pk}")


def test_single_keys_can_be_turned_off_on_this_device(page: Page, six: list[Conversation]) -> None:
    page.goto("/inbox/")
    screens.press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    sheet.get_by_label("Single keys on this device").uncheck()
    screens.press(page, "Escape")
    page.reload()
    screens.press(page, "j", "e")
    expect(screens.link(page, six[0])).not_to_be_focused()
    expect(page.locator(".conversation-row")).to_have_count(6)


def test_archived_and_left_unread_on_a_phone(visit: Visit, hannah: Member, six: list[Conversation]) -> None:
    page = visit(hannah, **PHONE)
    page.goto("/inbox/")
    screens.link(page, six[0]).tap()
    page.get_by_role("button", name="More actions").tap()
    page.get_by_role("menuitem", name="Mark as unread").tap()
    screens.unread(page, 1)
    screens.link(page, six[0]).tap()
    page.get_by_role("button", name="Archive", exact=True).tap()
    screens.sees(page, "Archived 1 conversation.")
    page.get_by_role("button", name="Undo").tap()
    screens.row(page, six[0]).get_by_role("checkbox").tap()
    screens.row(page, six[1]).get_by_role("checkbox").tap()
    expect(bulk(page, "Archive")).to_be_in_viewport(ratio=1)
    bulk(page, "Archive").tap()
    expect(page.locator(".conversation-row")).to_have_count(4)


def test_the_list_is_turned_around_and_narrowed_by_keyboard(
    page: Page, stack: Stack, hannah: Member, six: list[Conversation]
) -> None:
    texts, failed = six[1:3], six[2]
    Conversation.objects.filter(pk__in=[one.pk for one in texts]).update(last_channel="sms")
    Conversation.objects.filter(pk=failed.pk).update(has_failure=True)
    page.goto("/inbox/")
    page.get_by_role("button", name="Sort: Newest first").focus()
    screens.press(page, "Enter")
    expect(page.get_by_role("menuitemradio", name="Newest first")).to_be_focused()
    screens.press(page, "ArrowDown", "Enter")
    expect(page).to_have_url(re.compile(r"/inbox/\?sort=oldest$"))
    expect(page.locator(".conversation-link").first).to_have_id(f"row-{six[5].pk}")

    page.get_by_role("button", name="Filter conversations").focus()
    screens.press(page, "ArrowDown", "s")
    expect(page.get_by_role("menuitemradio", name="SMS")).to_be_focused()
    screens.press(page, "Enter")
    expect(page.get_by_role("button", name="Filter conversations: SMS")).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_count(2)
    expect(page.locator(".conversation-link").first).to_have_id(f"row-{texts[1].pk}")

    screens.row(page, texts[0]).get_by_role("checkbox").check()
    bulk(page, "Archive").click()
    expect(page.locator(".conversation-row")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(screens.link(page, texts[0])).to_be_focused()
    screens.press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/conversations/\d+/\?sort=oldest&channel=sms$"))
    screens.press(page, "e")
    expect(page).to_have_url(re.compile(r"/inbox/\?sort=oldest&channel=sms$"))
    expect(page.locator(".conversation-row")).to_have_count(1)

    page.get_by_role("button", name="Filter conversations: SMS").click()
    page.get_by_role("menuitemcheckbox", name="Not delivered").click()
    screens.sees(page, "SMS, not delivered")
    page.get_by_role("link", name="Archived").click()
    screens.sees(page, "No undelivered message here by SMS")
    page.get_by_role("link", name="Clear filter").last.click()
    expect(screens.row(page, texts[0])).to_be_visible()


def crowd(member: Member, person: Person, looks: int) -> list[Conversation]:
    """Mails that go on for so many looks; the older first."""
    many = [
        Conversation(organization=member.organization, person=person, last_channel="email")
        for _ in range(looks * rows.LOOK)
    ]
    conversations = Conversation.objects.bulk_create(many)
    Participation.objects.bulk_create([Participation(conversation=one, member=member) for one in conversations])
    return conversations


@pytest.fixture
def old(hannah: Member, amara: Person, six: list[Conversation]) -> Conversation:
    """The only one in-app, further back than one look goes."""
    crowd(hannah, amara, looks=1)
    Conversation.objects.filter(pk=six[5].pk).update(last_channel="app")
    return six[5]


def test_one_press_looks_on_until_there_is_a_page_or_the_end(
    page: Page, hannah: Member, amara: Person, old: Conversation
) -> None:
    between = crowd(hannah, amara, looks=3)[rows.LOOK + 10]
    Conversation.objects.filter(pk=between.pk).update(last_channel="app")
    page.goto("/inbox/?channel=app")
    screens.sees(page, "No conversation here in-app so far")
    page.get_by_role("button", name="Look further back").press("Enter")
    expect(screens.link(page, old)).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_count(2)
    expect(screens.link(page, between)).to_be_focused()
    expect(page.get_by_role("button", name="Stop looking")).to_have_count(0)


def test_looking_on_is_stopped_and_taken_up_again(page: Page, hannah: Member, amara: Person, old: Conversation) -> None:
    crowd(hannah, amara, looks=3)
    page.goto("/inbox/?channel=app")
    second = Held(page, r"/inbox/rows/\?.*found=")
    page.get_by_role("button", name="Look further back").press("Enter")
    second.wait()
    expect(page.get_by_role("button", name="Stop looking")).to_be_focused()
    screens.press(page, "Enter")
    again = page.get_by_role("button", name="Look further back")
    expect(again).to_be_focused()
    screens.sees(page, "No conversation here in-app so far")
    screens.press(page, "Enter")
    expect(screens.link(page, old)).to_be_focused()


def test_what_is_on_its_way_comes_though_the_list_is_drawn_anew(
    page: Page, hannah: Member, old: Conversation, six: list[Conversation]
) -> None:
    page.goto("/inbox/?channel=app")
    further = Held(page, r"/inbox/rows/\?.*after=")
    page.get_by_role("button", name="Look further back").press("Enter")
    further.wait()
    with page.expect_response(re.compile(r"/inbox/rows/\?(?!.*after=)")):
        conversations.answer(hannah, six[0], text="Meanwhile")
    further.release()
    expect(screens.link(page, old)).to_be_focused()


def test_a_list_that_was_asked_for_before_more_came_does_not_take_it_away(
    page: Page, hannah: Member, old: Conversation, six: list[Conversation]
) -> None:
    page.goto("/inbox/?channel=app")
    anew = Held(page, r"/inbox/rows/\?(?!.*after=)")
    conversations.answer(hannah, six[0], text="Meanwhile")
    anew.wait()
    page.get_by_role("button", name="Look further back").press("Enter")
    expect(screens.link(page, old)).to_be_focused()

    with page.expect_response(re.compile(rf"/inbox/rows/.*shown={old.pk}\b")):
        anew.release()
    expect(page.get_by_text("so far")).to_have_count(0)
    expect(screens.link(page, old)).to_be_focused()


def test_what_was_looked_up_further_back_stays_while_others_write(
    page: Page, stack: Stack, old: Conversation, six: list[Conversation]
) -> None:
    page.goto("/inbox/?channel=app")
    screens.sees(page, "No conversation here in-app so far")
    page.get_by_role("button", name="Look further back").press("Enter")
    expect(screens.link(page, old)).to_be_focused()
    expect(page.get_by_text("so far")).to_have_count(0)

    screens.row(page, old).get_by_role("checkbox").check()
    screens.link(page, old).focus()
    with page.expect_response(re.compile("/inbox/rows/")):
        post.hand_in(stack, six[0], plain("A word by mail"))
    screens.unread(page, 1)
    ticked(page, old)
    expect(screens.link(page, old)).to_be_focused()

    screens.press(page, "Escape", "Enter")
    expect(page).to_have_url(re.compile(f"/conversations/{old.pk}/"))
    expect(screens.link(page, old)).to_be_focused()
    screens.press(page, "u")
    expect(page).to_have_url(re.compile(r"/inbox/\?channel=app$"))
    expect(screens.link(page, old)).to_be_focused()


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
