"""The candidate's phone: a text arrives, is answered, and STOP ends it."""

from playwright.sync_api import Page, expect

from candidly.actions import conversations
from candidly.models import Member, Organization, Person
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with


def test_a_text_is_answered_on_the_phone_and_stop_is_heard(
    visit: Visit, page: Page, northlane: Organization, hannah: Member, amara: Person
) -> None:
    Organization.objects.update(quiet_from="00:00", quiet_until="00:00")
    conversations.start(hannah, amara, subject="Interview", text="Would Tuesday suit you?", channels=["sms"])
    hannahs = visit(hannah)
    hannahs.goto(conversation_with(amara))

    screens.open_phone(page, amara.phone)
    expect(page.locator(".message")).to_contain_text("Would Tuesday suit you?")
    page.get_by_role("button", name="Report this text as delivered").click()
    screens.sees(page, "Reported as delivered")
    expect(hannahs.locator(".delivery[data-state=delivered]")).to_be_visible()

    screens.text_from_phone(page, "Tuesday is fine.")
    answer = hannahs.locator(".message[data-direction=in]")
    expect(answer).to_contain_text("Tuesday is fine.")
    expect(answer).to_have_attribute("data-channel", "sms")

    screens.text_from_phone(page, "STOP")
    screens.sees(page, "You will get no more text messages from us")
    screens.sees(hannahs, "Wants no more texts")
    hannahs.reload()
    screens.sees(hannahs, "No SMS since")
    hannahs.goto("/settings/suppressions/")
    expect(hannahs.locator("#suppressions .list-row")).to_contain_text(amara.phone)

    hannahs.get_by_role("button", name=f"Release {amara.phone}").click()
    hannahs.get_by_role("dialog").get_by_role("button", name="Release").click()
    screens.sees(hannahs, "Nobody is suppressed")
