"""A candidate with a phone and no account, and the member at the other end."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from candidly.actions import conversations, people
from candidly.actions.attachments import keep
from candidly.models import Application, Conversation, Delivery, Member, Message, Person, Stage, Suppression
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import way_in
from tests.browser.stack import Stack
from tests.browser.watch import Watch
from tests.peers.processes import wait_until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def conversation(stack: Stack, hannah: Member, amara: Person, amaras_application: Application) -> Conversation:
    """Hannah has written, with a file; her mail has left."""
    file = keep(hannah, "Visiting.pdf", "application/pdf", BytesIO(b"%PDF-1.7 map"))
    message = conversations.start(
        hannah, amara, subject="Interview", text="Could you do Thursday?", application=amaras_application,
        channels=["email", "app"], attachments=[file],
    )  # fmt: skip
    wait_until(lambda: Delivery.objects.get(channel="email").state == "sent", "the mail has left")
    return message.conversation


def reply(page: Page) -> Locator:
    return page.get_by_label("Your reply")


def send(page: Page, text: str) -> Locator:
    """Writes, presses Send, and waits for the message to stand there."""
    reply(page).fill(text)
    page.get_by_role("button", name="Send reply").click()
    mine = page.locator(".message[data-direction=out]", has_text=text)
    expect(mine).to_be_visible()
    return mine


def test_a_candidate_reads_and_answers_on_a_phone_and_the_member_sees_it_live(
    visit: Visit, conversation: Conversation, hannah: Member, amara: Person, tmp_path: Path
) -> None:
    member = visit(hannah)
    member.goto(f"/conversations/{conversation.pk}/")

    mailbox = visit(hannah)  # the sandbox stands for the candidate's own mail program
    screens.open_sandbox_mail(mailbox, amara.email, "Interview")
    link = mailbox.locator("#mail-view a", has_text="/p/").get_attribute("href")
    assert link

    phone = visit(**PHONE)
    phone.goto(link)
    expect(phone).to_have_url(re.compile(rf"/portal/{conversation.pk}/#newest$"))
    screens.sees(phone, "Could you do Thursday?")
    screens.sees(phone, "Also sent by e-mail")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Visiting.pdf").click()
    assert download.value.suggested_filename == "Visiting.pdf"
    expect(member.locator(".delivery[data-state=read]")).to_contain_text("Read")

    cv = tmp_path / "CV.pdf"
    cv.write_bytes(b"%PDF-1.7 cv")
    phone.get_by_label("Attach files").set_input_files(cv)
    expect(phone.get_by_role("button", name="Remove CV.pdf")).to_be_visible()
    mine = send(phone, "Thursday at 10 works.")
    expect(mine.get_by_role("link", name=re.compile("CV.pdf"))).to_be_visible()
    expect(reply(phone)).to_have_value("")
    theirs = member.locator(".message[data-direction=in]", has_text="Thursday at 10 works.")
    expect(theirs).to_be_visible()
    expect(theirs.get_by_role("link", name=re.compile("CV.pdf"))).to_be_visible()
    expect(mine.locator(".delivery")).to_have_text("Read")

    conversations.answer(hannah, conversation, text="Lovely, 10:00 it is.", channels=["app"])
    expect(phone.locator(".message[data-direction=in]", has_text="Lovely")).to_be_visible()
    wait_until(lambda: Delivery.objects.filter(channel="app", state="read").count() == 2, "it has been seen")


def test_it_works_without_scripts(visit: Visit, conversation: Conversation, hannah: Member, tmp_path: Path) -> None:
    phone = visit(**PHONE, java_script_enabled=False)
    phone.goto(way_in(conversation))
    screens.sees(phone, "Could you do Thursday?")
    assert Delivery.objects.get(channel="app").state == "sent"
    cv = tmp_path / "CV.pdf"
    cv.write_bytes(b"%PDF-1.7 cv")
    phone.get_by_label("Attach files").set_input_files(cv)
    mine = send(phone, "I have no scripts.")
    expect(mine.get_by_role("link", name=re.compile("CV.pdf"))).to_be_visible()
    assert Delivery.objects.get(channel="app").state == "read"
    phone.get_by_role("button", name="Send reply").click()
    screens.sees(phone, "Write something first, or attach a file.")
    expect(reply(phone)).to_be_visible()


def test_an_open_page_hears_that_the_application_was_declined_and_of_second_thoughts(
    visit: Visit, conversation: Conversation, amaras_application: Application
) -> None:
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    reply(phone).fill("Before I send this")
    people.move(amaras_application, Stage.DECLINED)
    screens.sees(phone, "This conversation is closed")
    expect(reply(phone)).to_have_count(0)
    unsent = phone.get_by_role("region", name="This was not sent")
    expect(unsent.get_by_label("What you had written")).to_have_value("Before I send this")
    expect(unsent.get_by_label("What you had written")).not_to_be_editable()
    people.move(amaras_application, Stage.SCREENING)
    expect(reply(phone)).to_have_value("Before I send this")


def test_a_closed_page_has_no_box_for_what_nobody_was_writing(
    visit: Visit, conversation: Conversation, amaras_application: Application
) -> None:
    people.move(amaras_application, Stage.DECLINED)
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    screens.sees(phone, "This conversation is closed")
    expect(phone.get_by_text("This was not sent")).to_be_hidden()


def test_without_scripts_a_reply_that_comes_too_late_is_shown_again(
    visit: Visit, conversation: Conversation, amaras_application: Application
) -> None:
    phone = visit(**PHONE, java_script_enabled=False)
    phone.goto(way_in(conversation))
    reply(phone).fill("Before I send this")
    people.move(amaras_application, Stage.DECLINED)
    phone.get_by_role("button", name="Send reply").click()
    screens.sees(phone, "This conversation is closed")
    expect(phone.get_by_label("What you had written")).to_have_value("Before I send this")


def test_declined_means_read_only_even_on_a_page_that_was_open_and_heard_nothing(
    visit: Visit, watch: Watch, conversation: Conversation, amaras_application: Application, hannah: Member
) -> None:
    watch.expect("ERR_FAILED")
    phone = visit(**PHONE)
    phone.route("**/live/?*", lambda route: route.abort())
    phone.goto(way_in(conversation))
    reply(phone).fill("Before I send this")
    people.move(amaras_application, Stage.DECLINED)
    phone.get_by_role("button", name="Send reply").click()
    screens.sees(phone, "Your application was declined, so replies are off.")
    expect(reply(phone)).to_have_value("Before I send this")
    assert not Message.objects.filter(direction="in").exists()
    phone.unroute("**/live/?*")
    phone.reload()
    conversations.answer(hannah, conversation, text="Dear Amara, thank you.", channels=["app"])
    screens.sees(phone, "Dear Amara, thank you.")
    screens.sees(phone, "This conversation is closed")


def test_a_draft_outlives_the_page_and_a_double_click_sends_once(visit: Visit, conversation: Conversation) -> None:
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    reply(phone).press_sequentially("I was writing")
    phone.reload()
    expect(reply(phone)).to_have_value("I was writing")
    phone.get_by_role("button", name="Send reply").dblclick()
    expect(phone.locator(".message[data-direction=out]")).to_have_count(1)
    send(phone, "And again")
    assert Message.objects.filter(direction="in").count() == 2
    phone.reload()
    expect(reply(phone)).to_have_value("")


def test_enter_sends_at_a_desk_and_begins_a_line_on_a_phone(visit: Visit, conversation: Conversation) -> None:
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    reply(phone).press_sequentially("one")
    reply(phone).press("Enter")
    reply(phone).press_sequentially("two")
    expect(reply(phone)).to_have_value("one\ntwo")
    desk = visit()
    desk.goto(way_in(conversation))
    reply(desk).press_sequentially("from my desk")
    reply(desk).press("Shift+Enter")
    reply(desk).press_sequentially("second line")
    reply(desk).press("Enter")
    expect(desk.locator(".message[data-direction=out]", has_text="second line")).to_be_visible()


def test_what_could_not_be_sent_stays_and_goes_once_with_the_next_try(
    visit: Visit, watch: Watch, conversation: Conversation
) -> None:
    watch.expect("ERR_FAILED")
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    phone.route(f"**/portal/{conversation.pk}/", lambda route: route.abort())
    reply(phone).fill("In the tunnel")
    phone.get_by_role("button", name="Send reply").click()
    screens.sees(phone, "Not sent: the page could not be reached.")
    expect(reply(phone)).to_have_value("In the tunnel")
    phone.unroute(f"**/portal/{conversation.pk}/")
    phone.get_by_role("button", name="Send reply").click()
    expect(phone.locator(".message[data-direction=out]", has_text="In the tunnel")).to_be_visible()
    assert Message.objects.filter(direction="in").count() == 1


def test_a_member_withdraws_the_link_and_the_open_page_says_so(
    visit: Visit, watch: Watch, conversation: Conversation, hannah: Member
) -> None:
    watch.expect("status of 404")
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    member = visit(hannah)
    member.goto(f"/conversations/{conversation.pk}/")
    member.get_by_role("button", name="Withdraw", exact=True).click()
    member.get_by_role("button", name="Withdraw link").click()
    screens.sees(member, "No link opens this conversation now.")
    screens.sees(phone, "This link opens nothing any more")


def test_texts_are_stopped_and_allowed_again(visit: Visit, conversation: Conversation) -> None:
    phone = visit(**PHONE)
    phone.goto(way_in(conversation))
    phone.get_by_role("link", name="What you get from us").click()
    texts = phone.get_by_role("region", name="Text messages")
    texts.get_by_role("button", name="Stop these").click()
    screens.sees(texts, "No text messages are sent to your number ending in 101.")
    assert Suppression.objects.get().channel == "sms"
    texts.get_by_role("button", name="Undo").click()
    screens.sees(texts, "may text you at your number ending in 101.")
    assert not Suppression.objects.exists()
    phone.get_by_role("link", name="Back to the conversation").click()
    screens.sees(phone, "Could you do Thursday?")
