"""The talk with an agency user in the candidate's profile: who sees it, what is kept, what is taken back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from candidly.actions import agency_talk
from candidly.actions.agency_talk import Words
from candidly.models import AgencyMessage, AgencyUser, Member, Organization, Person, Role
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.web.talk.timeline import PAGE
from tests.browser.held import Held
from tests.conftest import join


def say(speaker: Speaker, talk: Talk, text: str) -> AgencyMessage:
    return agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark))


@pytest.fixture
def dialog(page: Page, declan: AgencyUser, callum: Person) -> Locator:
    """Hannah has it open; Declan has said something for all."""
    say(declan, Talk(callum, declan), "He knows the wards.")
    page.goto(f"/candidates/{callum.pk}/")
    page.get_by_role("link", name="Read", exact=True).click()
    return page.get_by_role("dialog", name="Talk with Declan Farrell")


def text_of(dialog: Locator) -> Locator:
    return dialog.get_by_label("Message to Declan Farrell")


def test_line_and_dot_go_when_it_was_before_hannahs_eyes_and_come_with_the_next_message(
    dialog: Locator, page: Page, declan: AgencyUser, callum: Person
) -> None:
    expect(dialog.get_by_text("He knows the wards.")).to_be_visible()
    expect(page.locator("#talk-dot .dot")).to_have_count(0)
    expect(page.locator("#talk-line")).to_be_empty()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    say(declan, Talk(callum, declan), "References are in his file.")
    expect(page.locator("#talk-dot .dot")).to_have_count(1)
    expect(page.locator("#talk-line")).to_contain_text("New message from Declan Farrell, Meridian Locums")
    expect(page.locator("#talk-card")).to_contain_text("References are in his file.")


def test_the_switch_says_who_will_see_it_and_the_message_comes_without_loading_the_page(
    dialog: Locator, ruth: Member, page: Page
) -> None:
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("link", name=re.compile("Declan Farrell")).click()
    who = dialog.locator("#talk-who")
    expect(who).to_contain_text("Ruth Adeyemi", use_inner_text=True)
    dialog.get_by_role("switch", name="Private").check()
    expect(who).not_to_contain_text("Ruth Adeyemi", use_inner_text=True)
    expect(who).to_contain_text("only Declan Farrell", use_inner_text=True)
    text_of(dialog).fill("Between us: the panel liked him.")
    page.keyboard.press("Control+Enter")
    message = dialog.locator(".message", has_text="Between us")
    expect(message).to_contain_text("Private")
    expect(message).to_contain_text("Sent")
    expect(text_of(dialog)).to_have_value("")
    expect(text_of(dialog)).to_be_focused()
    expect(dialog.get_by_role("switch", name="Private")).to_be_checked()
    assert AgencyMessage.objects.get(from_agency=False).thread.private_with is not None


def test_words_outlive_the_dialog_and_the_page(dialog: Locator, page: Page) -> None:
    text_of(dialog).fill("Half a thought")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    page.get_by_role("link", name=re.compile("Declan Farrell")).click()
    expect(text_of(dialog)).to_have_value("Half a thought")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator(".message", has_text="Half a thought")).to_be_visible()
    page.reload()
    page.get_by_role("link", name=re.compile("Declan Farrell")).click()
    expect(text_of(dialog)).to_have_value("")


def test_when_the_audience_grew_meanwhile_it_says_so_and_the_words_stay(
    dialog: Locator, northlane: Organization
) -> None:
    text_of(dialog).fill("The panel sees him on Thursday")
    join(northlane, "Ines Roth", Role.RECRUITER)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Ines Roth would see this too by now")
    expect(dialog.locator("#talk-who")).to_contain_text("Ines Roth")
    expect(text_of(dialog)).to_have_value("The panel sees him on Thursday")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator(".message", has_text="on Thursday")).to_be_visible()


def test_a_file_goes_with_the_message_and_both_go_with_deleting(dialog: Locator, page: Page) -> None:
    dialog.get_by_label("Attach files").set_input_files(
        {"name": "rates.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 rates"}
    )
    expect(dialog.locator("#talk-form [name=attachments]")).to_have_count(1)
    dialog.get_by_role("button", name="Send").click()
    message = dialog.locator(".message", has_text="rates.pdf")
    expect(message).to_be_visible()
    message.get_by_role("button", name="Message options").click()
    message.get_by_role("menuitem", name="Delete message").click()
    page.get_by_role("dialog", name=re.compile("Delete this message")).get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Message deleted")).to_be_visible()
    expect(message).to_have_count(0)
    assert not AgencyMessage.objects.get(from_agency=False).attachments.exists()


def test_a_message_is_deleted_though_another_came_while_the_question_stood_there(
    dialog: Locator, page: Page, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan), "Our ceiling is 42")
    message = dialog.locator(".message", has_text="ceiling")
    message.get_by_role("button", name="Message options").click()
    message.get_by_role("menuitem", name="Delete message").click()
    question = page.get_by_role("dialog", name=re.compile("Delete this message"))
    expect(question).to_be_visible()
    say(declan, Talk(callum, declan), "One more thing")
    expect(dialog.get_by_text("One more thing")).to_be_visible()
    question.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Message deleted")).to_be_visible()


def test_what_was_unfolded_stays_when_more_is_said_and_when_something_is_deleted(
    page: Page, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    said = [say(declan, Talk(callum, declan), f"Number {number}") for number in range(PAGE + 5)]
    own = say(hannah, Talk(callum, declan), "My own word")
    page.goto(f"/candidates/{callum.pk}/")
    page.get_by_role("link", name="Read", exact=True).click()
    dialog = page.get_by_role("dialog", name="Talk with Declan Farrell")
    listed = dialog.locator("[data-message]")
    expect(listed).to_have_count(PAGE)

    anew = Held(page, r"/messages/\?(?!.*before=)")
    say(declan, Talk(callum, declan), "While it is looked up")
    anew.wait()
    dialog.get_by_role("button", name="Show earlier").click()
    expect(dialog.locator(f"#talk-message-{said[0].pk}")).to_be_attached()
    with page.expect_response(re.compile(rf"/messages/\?since={said[0].pk}\b")):
        anew.release()
    expect(dialog.get_by_text("While it is looked up")).to_be_visible()
    expect(listed).to_have_count(PAGE + 7)

    dialog.locator(f"#talk-message-{own.pk}").get_by_role("button", name="Message options").click()
    dialog.get_by_role("menuitem", name="Delete message").click()
    page.get_by_role("dialog", name=re.compile("Delete this message")).get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Message deleted")).to_be_visible()
    expect(listed).to_have_count(PAGE + 7)
