"""An answer from an address that nobody knows: a member decides."""

from playwright.sync_api import Locator, Page, expect

from candidly.actions import conversations
from candidly.models import Member, Person
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with


def test_an_answer_from_elsewhere_waits_in_the_tray_until_it_is_filed(
    visit: Visit, page: Page, hannah: Member, priya: Member, amara: Person
) -> None:
    conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?")
    tray = visit(priya)
    tray.goto("/review/")
    screens.sees(tray, "Nothing to review")

    screens.open_sandbox_mail(page, amara.email, "Interview")
    screens.answer_in_sandbox(page, "Tuesday is fine.", from_elsewhere)
    waiting = tray.locator("#tray").get_by_role("link", name="Tuesday is fine.")
    expect(waiting).to_contain_text("from amara@elsewhere.example")
    screens.unread(page, 0)

    waiting.click()
    screens.sees(tray, "Why it is here")
    tray.get_by_role("button", name="File in this conversation").click()
    screens.unread(page, 1)
    page.goto(conversation_with(amara))
    answer = page.locator(".message[data-direction=in]")
    expect(answer).to_contain_text("Tuesday is fine.")
    expect(answer).to_contain_text("amara@elsewhere.example")
    tray.goto("/review/")
    screens.sees(tray, "Nothing to review")


def from_elsewhere(form: Locator) -> None:
    form.get_by_label("From a different address").fill("amara@elsewhere.example")
