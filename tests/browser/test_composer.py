"""The one composer: by all channels, taken back, put off, never lost, and between two members at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from candidly.actions import conversations
from candidly.models import Conversation, KeptDraft, Member, Message, Person, ScheduledMessage
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with
from tests.browser.watch import Watch
from tests.peers.processes import wait_until


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?").conversation


@pytest.fixture
def opened(page: Page, conversation: Conversation, amara: Person) -> Page:
    page.goto(conversation_with(amara))
    return page


def text_of(page: Page) -> Locator:
    return screens.composer(page).get_by_label("Message", exact=True)


def send(page: Page) -> None:
    screens.composer(page).get_by_role("button", name="Send", exact=True).click()


def drafts_kept(text: str) -> bool:
    return any(draft.fields.get("text") == text for draft in KeptDraft.objects.all())


def test_one_message_goes_three_ways_and_each_says_how_far_it_came(opened: Page) -> None:
    composer = screens.composer(opened)
    for channel in ("SMS", "In-app"):
        composer.get_by_role("checkbox", name=channel).check(force=True)
    screens.sees(composer, "The text message carries the beginning and a link to the whole.")
    message = screens.answer_in_place(opened, "By all three")
    expect(message.locator(".delivery")).to_have_count(3)
    expect(message.locator(".delivery", has_text="In-app")).to_contain_text("Sent")
    expect(message.locator(".delivery", has_text="E-mail")).to_contain_text("Sent")
    expect(composer.get_by_role("checkbox", name="SMS")).to_be_checked()


def test_only_by_text_there_is_no_subject_and_its_length_is_said(opened: Page) -> None:
    composer = screens.composer(opened)
    composer.get_by_role("checkbox", name="SMS").check(force=True)
    composer.get_by_role("checkbox", name="E-mail").uncheck(force=True)
    expect(composer.get_by_label("Subject")).to_be_hidden()
    text_of(opened).fill("x" * 161)
    screens.sees(composer, "2 text messages, 145 characters left.")
    text_of(opened).fill("x" * 1700)
    screens.sees(composer, "too many for a text message: it is shortened, and carries a link to the whole.")


def test_what_was_sent_too_quickly_is_taken_back(visit: Visit, hannah: Member, conversation: Conversation) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=30)
    page = visit(hannah)
    page.goto(f"/conversations/{conversation.pk}/")
    text_of(page).fill("Too quick")
    send(page)
    waiting = page.locator("#sending .message")
    expect(waiting).to_contain_text(re.compile(r"Sending in \d+ s"))
    expect(text_of(page)).to_have_value("")
    text_of(page).fill("Already the next")
    waiting.get_by_role("button", name="Undo").click()
    expect(text_of(page)).to_have_value("Too quick\n\nAlready the next")
    expect(waiting).to_have_count(0)
    assert conversation.messages.count() == 1


def test_what_can_be_taken_back_stands_before_ones_eyes_and_is_nobody_elses_to_undo(
    visit: Visit, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    for number in range(12):
        conversations.answer(hannah, conversation, text=f"Question {number}\n\nof several lines.\n")
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=30)
    page, colleague = visit(hannah), visit(priya)
    for one in (page, colleague):
        one.goto(f"/conversations/{conversation.pk}/")
    page.get_by_role("log", name="Messages").evaluate("thread => (thread.scrollTop = 0)")
    text_of(page).fill("One more thing")
    send(page)
    expect(page.locator("#sending").get_by_role("button", name="Undo")).to_be_in_viewport(ratio=1)
    theirs = colleague.locator("#sending .message")
    expect(theirs).to_contain_text("by Hannah Whitlock")
    expect(theirs).to_be_in_viewport()
    expect(theirs.get_by_role("button")).to_have_count(0)


def test_what_is_not_taken_back_goes_by_itself(visit: Visit, hannah: Member, conversation: Conversation) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=1)
    page = visit(hannah)
    page.goto(f"/conversations/{conversation.pk}/")
    text_of(page).fill("On its way")
    send(page)
    expect(page.locator("#timeline .message", has_text="On its way").locator(".delivery")).to_contain_text("Sent")
    expect(page.locator("#sending .message")).to_have_count(0)


def test_a_message_is_scheduled_changed_and_cancelled(opened: Page, amara: Person) -> None:
    composer = screens.composer(opened)
    text_of(opened).fill("The offer")
    composer.get_by_role("button", name="Schedule send").click()
    composer.get_by_role("menuitem", name="Pick date and time").click()
    composer.get_by_label("Day", exact=True).fill("2090-03-03")
    composer.get_by_label("Hour", exact=True).fill("09:00")
    screens.sees(composer, "(09:00 for Amara)")
    composer.get_by_role("button", name="Schedule", exact=True).click()
    waiting = opened.locator("#waiting li")
    expect(waiting).to_contain_text("Scheduled for Fri 3 March 2090 09:00 (09:00 for Amara)")
    expect(text_of(opened)).to_have_value("")

    waiting.get_by_role("link", name="Edit").click()
    expect(text_of(opened)).to_have_value("The offer")
    text_of(opened).fill("A better offer")
    screens.composer(opened).get_by_label("Hour", exact=True).fill("10:30")
    screens.composer(opened).get_by_role("button", name="Save", exact=True).click()
    expect(waiting).to_contain_text("10:30")
    expect(text_of(opened)).to_have_value("")
    assert ScheduledMessage.objects.get().text == "A better offer"

    waiting.get_by_role("button", name="Cancel").click()
    expect(text_of(opened)).to_have_value("A better offer")
    expect(waiting).to_have_count(0)


def test_two_members_at_once_do_not_talk_past_each_other(
    page: Page, visit: Visit, priya: Member, conversation: Conversation
) -> None:
    address = f"/conversations/{conversation.pk}/"
    page.route("**/messages/?after=*", deaf)
    page.goto(address)
    text_of(page).fill("See you on Tuesday")
    other = visit(priya)
    other.goto(address)
    screens.answer_in_place(other, "I have told her Wednesday")

    send(page)
    problem = screens.composer(page).get_by_role("alert")
    expect(problem).to_contain_text("Priya Nair answered since you opened this.")
    expect(text_of(page)).to_have_value("See you on Tuesday")
    page.unroute("**/messages/?after=*")
    problem.get_by_role("button", name="Show it").click()
    screens.sees(page, "I have told her Wednesday")
    text_of(page).fill("See you on Wednesday")
    send(page)
    expect(page.locator(".message", has_text="See you on Wednesday")).to_be_visible()
    assert not Message.objects.filter(text="See you on Tuesday").exists()


def deaf(route: Route) -> None:
    """As a page whose connection is away for a while."""
    route.fulfill(status=204)


def test_what_was_refused_for_being_late_is_sent_all_the_same_with_one_click(
    page: Page, visit: Visit, priya: Member, conversation: Conversation
) -> None:
    page.route("**/messages/?after=*", deaf)
    page.goto(f"/conversations/{conversation.pk}/")
    text_of(page).fill("See you on Tuesday")
    conversations.answer(priya, conversation, text="I will call her")
    send(page)
    page.unroute("**/messages/?after=*")
    screens.composer(page).get_by_role("button", name="Send anyway").click()
    expect(page.locator(".message", has_text="See you on Tuesday")).to_be_visible()


def test_colleagues_see_each_other_in_a_conversation(
    page: Page, visit: Visit, priya: Member, conversation: Conversation
) -> None:
    address = f"/conversations/{conversation.pk}/"
    page.goto(address)
    other = visit(priya)
    other.goto(address)
    expect(page.locator("#presence")).to_contain_text("Priya is viewing")
    text_of(other).press_sequentially("Dear")
    expect(page.locator("#presence")).to_contain_text("Priya is writing")
    other.goto("/inbox/")
    expect(page.locator("#presence")).to_be_empty()


def test_a_draft_outlives_the_browser_and_opens_on_another(
    page: Page, visit: Visit, hannah: Member, conversation: Conversation
) -> None:
    page.goto(f"/conversations/{conversation.pk}/")
    text_of(page).fill("Half a sen")
    page.close()
    wait_until(lambda: drafts_kept("Half a sen"), "the draft is kept")

    phone = visit(hannah, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto(f"/conversations/{conversation.pk}/")
    expect(text_of(phone)).to_have_value("Half a sen")
    text_of(phone).fill("Half a sentence")
    send(phone)
    expect(phone.locator(".message", has_text="Half a sentence")).to_be_visible()
    phone.reload()
    expect(text_of(phone)).to_have_value("")


def test_of_two_tabs_neither_loses_its_words(page: Page, conversation: Conversation) -> None:
    address = f"/conversations/{conversation.pk}/"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    text_of(page).fill("From the first")
    wait_until(lambda: drafts_kept("From the first"), "the first is kept")
    text_of(other).fill("From the second")
    screens.sees(screens.composer(other), "This was written here in another tab or on another device")
    other.get_by_role("button", name="Put it below").click()
    expect(text_of(other)).to_have_value("From the second\n\nFrom the first")
    wait_until(lambda: drafts_kept("From the second\n\nFrom the first"), "both are kept")


def test_words_written_without_a_connection_arrive_later(page: Page, watch: Watch, conversation: Conversation) -> None:
    watch.expect("net::ERR_FAILED")
    page.goto(f"/conversations/{conversation.pk}/")
    page.route("**/drafts/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        text_of(page).fill("In the tunnel")
    page.unroute("**/drafts/")
    wait_until(lambda: drafts_kept("In the tunnel"), "the draft is kept")


def test_a_template_is_put_in_as_this_person_gets_it(page: Page, hannah: Member, conversation: Conversation) -> None:
    hannah.templates.create(
        organization=hannah.organization, name="Visit", body="Dear {{first_name}}, about {{opening_name}}"
    )
    page.goto(f"/conversations/{conversation.pk}/")
    composer = screens.composer(page)
    composer.get_by_role("button", name="Insert template").click()
    composer.get_by_role("menuitem", name="Visit").click()
    expect(text_of(page)).to_have_value("Dear Amara, about {{opening_name}}")
    screens.sees(composer, "No value here for {{opening_name}}")
    text_of(page).fill("Hello {{first")
    text_of(page).press("Enter")
    expect(text_of(page)).to_have_value("Hello Amara")


def test_a_template_is_put_in_with_the_keyboard_alone(page: Page, hannah: Member, conversation: Conversation) -> None:
    hannah.templates.create(organization=hannah.organization, name="Visit", body="Dear {{first_name}}")
    page.goto(f"/conversations/{conversation.pk}/")
    expect(screens.composer(page).get_by_role("button", name="Insert template")).to_be_visible()
    screens.press(page, "t")
    expect(screens.composer(page).get_by_role("menuitem", name="Visit")).to_be_focused()
    screens.press(page, "Enter")
    expect(text_of(page)).to_have_value("Dear Amara")
    expect(text_of(page)).to_be_focused()
    screens.press(page, "t")
    expect(text_of(page)).to_have_value("Dear Amarat")

    page.goto(f"/candidates/{conversation.person_id}/")
    page.locator(".profile-head").get_by_role("link", name="Message").press("Enter")
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    expect(panel.get_by_role("button", name="Insert template")).to_be_visible()
    panel.get_by_role("button", name="Send", exact=True).focus()
    screens.press(page, "g", "c", "t", "Enter")
    expect(panel.get_by_label("Message", exact=True)).to_have_value("Dear Amara")


def test_one_brace_opens_the_merge_fields_and_can_be_meant_as_it_stands(opened: Page) -> None:
    text = text_of(opened)
    menu = screens.composer(opened).get_by_role("menu", name="Merge fields")
    expect(screens.composer(opened).get_by_role("button", name="Insert merge field")).to_be_visible()
    text.press_sequentially("Dear {")
    expect(menu).to_be_visible()
    text.press("Enter")
    expect(text).to_have_value("Dear Amara")
    expect(menu).to_be_hidden()

    text.press_sequentially(" {")
    expect(menu).to_be_visible()
    text.press("Escape")
    expect(menu).to_be_hidden()
    expect(text).to_be_focused()
    text.press("Enter")
    text.press_sequentially("{a")
    expect(menu).to_be_hidden()
    text.press("Enter")
    expect(text).to_have_value("Dear Amara {\n{a\n")


def test_a_panel_from_the_right_on_a_phone(visit: Visit, hannah: Member, amara: Person) -> None:
    page = visit(hannah, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto("/candidates/")
    page.get_by_role("link", name="Message Amara Okafor").tap()
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    expect(panel.get_by_label("Subject")).to_be_focused()
    expect(panel).to_have_css("transform", "none")  # it has slid in
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    panel.get_by_label("Subject").fill("Ward visit")
    panel.get_by_label("Message", exact=True).fill("Saturday?")
    panel.get_by_role("button", name="Send", exact=True).tap()
    screens.sees(page, "Message sent to Amara Okafor")
    expect(panel).to_be_hidden()
    assert sorted(delivery.channel for delivery in Message.objects.get().deliveries.all()) == ["app", "email"]


def test_the_list_stays_usable_beside_the_panel_until_many_are_written_to(
    page: Page, amara: Person, kwame: Person
) -> None:
    page.goto("/candidates/")
    page.get_by_role("link", name="Message Amara Okafor").click()
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    panel.get_by_label("Message", exact=True).fill("Dear Amara")
    list_box, panel_box = page.locator("#list").bounding_box(), panel.bounding_box()
    assert list_box is not None
    assert panel_box is not None
    assert list_box["x"] + list_box["width"] <= panel_box["x"]

    page.get_by_label("Select Kwame Mensah").check()
    screens.open_drawer(page)
    expect(panel).to_be_hidden()
    page.get_by_role("dialog", name="Message candidates").get_by_role("button", name="Close").click()
    page.get_by_role("link", name="Message Amara Okafor").click()
    expect(panel.get_by_label("Message", exact=True)).to_have_value("Dear Amara")


def test_the_panel_is_used_with_the_keyboard_alone(page: Page, amara: Person) -> None:
    page.goto(f"/candidates/{amara.pk}/")
    opener = page.locator(".profile-head").get_by_role("link", name="Message")
    opener.press("Enter")
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    expect(panel.get_by_label("Subject")).to_be_focused()
    page.keyboard.type("Ward visit")
    page.keyboard.press("Enter")
    page.keyboard.type("Saturday?")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Message", exact=True)).to_have_value("Saturday?")


@pytest.mark.parametrize("width", [1440, 390])
def test_why_a_channel_cannot_be_taken_stands_beside_its_picture(
    visit: Visit, hannah: Member, amara: Person, width: int
) -> None:
    Person.objects.filter(pk=amara.pk).update(phone="")
    page = visit(hannah, viewport={"width": width, "height": 844})
    page.goto(f"/people/{amara.pk}/message/")
    note = page.locator(".composer-obstacle")
    screens.sees(note, "Amara Okafor has no phone number.")
    picture, words = note.locator(".icon").bounding_box(), note.locator("span").bounding_box()
    assert picture
    assert words
    assert words["x"] > picture["x"] + picture["width"]
    assert abs(words["y"] - picture["y"]) < picture["height"]
    link = note.get_by_role("link", name="Edit contact details").bounding_box()
    assert link
    assert link["y"] + link["height"] <= words["y"] + words["height"] + 1
