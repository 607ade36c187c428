"""A member and an agency user, each in a browser of their own, talk about a candidate."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from candidly.actions import agencies, agency_talk, people
from candidly.actions.agency_talk import Words
from candidly.models import (
    Agency,
    AgencyMessage,
    AgencyUser,
    Application,
    Attachment,
    Member,
    Notice,
    Opening,
    Organization,
    Person,
    Role,
)
from candidly.rules.agencies import Talk, audience_of
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.watch import Watch
from tests.conftest import join

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PASSWORD = "eleven quiet lanterns"


def page_of(person: Person) -> str:
    return f"/agency/candidates/{person.pk}/"


def composer(page: Page) -> Locator:
    return page.get_by_role("form", name=re.compile("^Message "))


def words(page: Page) -> Locator:
    return composer(page).get_by_role("textbox")


def say(page: Page, text: str) -> Locator:
    """Writes, presses Send, and waits for the message to stand there."""
    words(page).fill(text)
    composer(page).get_by_role("button", name="Send", exact=True).click()
    mine = page.locator(".message[data-direction=out]", has_text=text)
    expect(mine).to_be_visible()
    expect(words(page)).to_have_value("")
    return mine


def heard(page: Page, text: str) -> Locator:
    """Waits for what the other side said."""
    theirs = page.locator(".message[data-direction=in]", has_text=text)
    expect(theirs).to_be_visible()
    return theirs


def test_both_write_at_once_with_live_dots_and_what_is_deleted_goes_from_both(
    visit: Visit, hannah: Member, declan: AgencyUser, callum: Person, esra: Person
) -> None:
    hannahs, declans = visit(hannah), visit(declan)
    hannahs.goto(f"/candidates/{callum.pk}/")
    declans.goto("/agency/")
    declans.get_by_role("link", name="Start a conversation about Callum Byrne").click()
    expect(declans.locator(".talk-who")).to_contain_text("Who will see this: Hannah Whitlock")
    his = say(declans, "He can start on Monday")

    line = hannahs.locator("#talk-line")
    expect(line).to_contain_text("New message from Declan Farrell")
    expect(hannahs.locator("#talk-dot .dot")).to_be_visible()
    line.get_by_role("link", name="Read").click()
    heard(hannahs, "He can start on Monday")
    expect(his.locator(".delivery")).to_contain_text("Read")
    expect(line).to_be_empty()

    declans.goto("/agency/")
    composer(hannahs).get_by_role("switch", name="Private").check()
    expect(hannahs.locator(".talk-who")).to_contain_text("only Declan Farrell")
    say(hannahs, "Our ceiling is 42")
    expect(declans.get_by_role("link", name="New message about Callum Byrne")).to_be_visible()
    expect(declans.get_by_role("link", name="Start a conversation about Esra Vural")).to_be_visible()
    screens.unread(declans, 1)

    declans.get_by_role("link", name="New message about Callum Byrne").click()
    theirs = heard(declans, "Our ceiling is 42")
    expect(theirs).to_contain_text("Private")
    screens.unread(declans, 0)
    expect(declans.get_by_role("link", name="Messages about Callum Byrne")).to_be_visible()

    expect(composer(declans).get_by_role("switch", name="Private to Hannah")).to_be_checked()
    words(declans).press_sequentially("What I am just writ")
    mine = hannahs.locator(".message[data-direction=out]", has_text="ceiling")
    mine.get_by_role("button", name="Message options").click()
    mine.get_by_role("menuitem", name="Delete message").click()
    hannahs.get_by_role("button", name="Delete", exact=True).click()
    for page in (hannahs, declans):
        expect(page.locator(".talk-gone")).to_be_visible()
        expect(page.get_by_text("ceiling")).to_have_count(0)
    expect(words(declans)).to_be_focused()
    words(declans).press_sequentially("ing")
    expect(words(declans)).to_have_value("What I am just writing")


def test_stage_and_coordinator_change_on_the_open_page(
    visit: Visit, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    page, priyas = visit(declan), visit(priya)
    page.goto(page_of(callum))
    words(page).fill("What I am just writing")
    talk = page.get_by_role("region", name="Conversation about Callum Byrne")
    expect(talk.locator(".stage")).to_have_text("Applied")
    application = callum.applications.get()
    priyas.goto(f"/candidates/{callum.pk}/")
    priyas.get_by_role("button", name="Applied: change the stage").click()
    priyas.get_by_role("menuitemradio", name="Interview").click()
    expect(priyas.get_by_role("button", name="Interview: change the stage")).to_be_focused()
    expect(talk.locator(".stage")).to_have_text("Interview")
    expect(page.locator("#candidates-list .stage")).to_have_text("Interview")
    people.coordinate(application, priya)
    expect(talk).to_contain_text("With Priya Nair, coordinator")
    expect(words(page)).to_be_focused()
    expect(words(page)).to_have_value("What I am just writing")


def test_a_refused_send_keeps_words_files_and_choice(
    visit: Visit, northlane: Organization, hannah: Member, declan: AgencyUser, callum: Person, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.pdf"
    rates.write_bytes(b"%PDF-1.7 rates")
    page = visit(declan)
    page.goto(page_of(callum))
    words(page).fill("To the two of you")
    composer(page).get_by_label("Attach files").set_input_files(rates)
    expect(page.get_by_role("button", name="Remove rates.pdf")).to_be_visible()
    join(northlane, "Ines Roth", Role.RECRUITER)
    words(page).press("Control+Enter")
    expect(composer(page).get_by_role("alert")).to_contain_text("Ines Roth would see this too")
    expect(page.locator(".talk-who")).to_contain_text("Hannah Whitlock; Ines Roth")
    expect(words(page)).to_have_value("To the two of you")
    assert not AgencyMessage.objects.exists()
    words(page).press("Control+Enter")
    mine = page.locator(".message[data-direction=out]", has_text="To the two of you")
    expect(mine.get_by_role("link", name=re.compile("rates.pdf"))).to_be_visible()
    expect(page.get_by_role("button", name="Remove rates.pdf")).to_have_count(0)
    assert Attachment.objects.get().agency_message == AgencyMessage.objects.get()


def test_a_draft_outlives_the_page_with_the_choice_for_whom_it_was_written(
    visit: Visit, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    page = visit(declan)
    page.goto(page_of(callum))
    composer(page).get_by_role("switch", name="Private to Hannah").check()
    words(page).press_sequentially("Between us")
    page.reload()
    expect(words(page)).to_have_value("Between us")
    expect(composer(page).get_by_role("switch", name="Private to Hannah")).to_be_checked()
    Application.objects.update(stage_owner=None)
    page.reload()
    expect(words(page)).to_have_value("Between us")
    expect(page.get_by_role("switch")).to_have_count(0)
    screens.sees(page, "You wrote this privately, which is not possible any more.")


def test_what_could_not_be_sent_stays_and_goes_once_with_the_next_try(
    visit: Visit, watch: Watch, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    watch.expect("ERR_FAILED")
    watch.expect("htmx:sendError")
    page = visit(declan)
    page.goto(page_of(callum))
    page.route(f"**{page_of(callum)}", lambda route: route.abort())
    words(page).fill("In the tunnel")
    composer(page).get_by_role("button", name="Send").click()
    screens.sees(page, "Candidly could not be reached.")
    expect(words(page)).to_have_value("In the tunnel")
    page.unroute(f"**{page_of(callum)}")
    say(page, "In the tunnel")
    assert AgencyMessage.objects.count() == 1


def test_it_works_on_a_phone_and_by_the_keyboard(
    visit: Visit, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    phone = visit(declan, **PHONE)
    phone.goto("/agency/")
    phone.get_by_role("link", name="Start a conversation about Callum Byrne").tap()
    expect(phone.get_by_role("heading", name="Your candidates at Northlane Care")).to_be_hidden()
    say(phone, "From my phone")
    phone.get_by_role("link", name="Back to your candidates").tap()
    expect(phone.get_by_role("link", name="Messages about Callum Byrne")).to_be_visible()

    desk = visit(declan)
    desk.goto(page_of(callum))
    options = desk.get_by_role("button", name="Message options")
    options.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("menuitem", name="Delete message")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.get_by_role("button", name="Delete", exact=True).press("Enter")
    expect(desk.locator(".talk-gone")).to_be_visible()
    expect(desk.get_by_role("log")).to_be_focused()


def test_what_is_pressed_in_the_moment_it_was_drawn_anew_is_done(
    visit: Visit, declan: AgencyUser, callum: Person
) -> None:
    page = visit(declan)
    page.goto(page_of(callum))
    say(page, "From my desk")
    page.evaluate("""addEventListener("htmx:afterSwap", ({ target }) => {
        if (target.id === "talk-messages") setTimeout(() => target.querySelector("[role=menuitem]").click());
    })""")
    page.evaluate("""document.body.dispatchEvent(new CustomEvent("live:agency"))""")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_it_is_read_and_written_without_scripts(
    visit: Visit, hannah: Member, declan: AgencyUser, callum: Person, tmp_path: Path
) -> None:
    cv = tmp_path / "CV.pdf"
    cv.write_bytes(b"%PDF-1.7 cv")
    page = visit(declan, java_script_enabled=False)
    page.goto("/agency/")
    page.get_by_role("link", name="Start a conversation about Callum Byrne").click()
    expect(page.locator(".talk-who")).to_contain_text("Hannah Whitlock")
    composer(page).get_by_role("switch", name="Private to Hannah").check()
    expect(page.locator(".talk-private")).to_contain_text("only Hannah Whitlock")
    expect(page.locator(".talk-all")).to_be_hidden()
    composer(page).get_by_label("Attach files").set_input_files(cv)
    mine = say(page, "I have no scripts")
    expect(mine).to_contain_text("Private to Hannah")
    expect(mine.get_by_role("link", name=re.compile("CV.pdf"))).to_be_visible()
    composer(page).get_by_role("button", name="Send").click()
    screens.sees(page, "Write a message first, or attach a file.")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Work e-mail")).to_be_visible()


def test_from_the_invitation_to_the_first_candidate_whose_cv_outlives_a_mistake(
    visit: Visit, hannah: Member, meridian: Agency, icu: Opening, tmp_path: Path
) -> None:
    agencies.invite(hannah, meridian, email="nora@meridian.example", name="Nora Quinn")
    link = re.search(r"/agency/join/\w+/", Notice.objects.latest("pk").text)
    assert link
    cv = tmp_path / "CV Wen Huang.pdf"
    cv.write_bytes(b"%PDF-1.7 cv")
    page = visit()
    page.goto(link[0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept invitation").click()
    screens.sees(page, "No candidates yet")
    page.get_by_role("link", name="Submit a candidate").click()
    page.get_by_label("Opening").select_option(label="Staff Nurse, ICU – Leeds")
    page.get_by_label("First name").fill("Wen")
    page.get_by_label("Last name").fill("Huang")
    page.get_by_label("CV").set_input_files(cv)
    page.get_by_role("button", name="Submit candidate").click()
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("First name")).to_have_value("Wen")
    page.get_by_label("E-mail").fill("wen@mail.example")
    page.get_by_role("button", name="Submit candidate").click()
    screens.sees(page, "Wen Huang is submitted for Staff Nurse, ICU – Leeds.")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CV Wen Huang.pdf")).click()
    assert download.value.suggested_filename == "CV Wen Huang.pdf"


def test_a_message_is_deleted_though_another_came_while_the_question_stood_there(
    visit: Visit, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    talk = Talk(callum, declan)
    agency_talk.say(declan, talk, Words("His rate is 42", drawn=audience_of(talk).mark))
    page = visit(declan)
    page.goto(page_of(callum))
    mine = page.locator(".message[data-direction=out]", has_text="His rate is 42")
    mine.get_by_role("button", name="Message options").click()
    mine.get_by_role("menuitem", name="Delete message").click()
    question = page.get_by_role("dialog", name=re.compile("Delete this message"))
    expect(question).to_be_visible()
    agency_talk.say(hannah, talk, Words("One more thing", drawn=audience_of(talk).mark))
    heard(page, "One more thing")
    question.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".talk-gone")).to_be_visible()
    expect(page.get_by_text("His rate is 42")).to_have_count(0)
