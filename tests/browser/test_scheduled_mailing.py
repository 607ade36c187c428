"""A mailing at its time, and one that the plan does not allow."""

from django.core.management import call_command
from playwright.sync_api import Page, expect

from candidly.models import Delivery, Mailing, Organization, Person, SandboxMail
from tests.browser import screens
from tests.peers.processes import wait_until


def write_to_all(page: Page) -> None:
    """The drawer with a text, for both candidates."""
    page.goto("/candidates/")
    page.get_by_role("checkbox", name="Select all 2 on this page").check()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Subject").fill("Ward visit")
    drawer.get_by_label("Message", exact=True).fill("Dear {{first_name}}, come and see us.")


def test_a_mailing_is_scheduled_changed_and_sent_early(page: Page, amara: Person, kwame: Person) -> None:
    write_to_all(page)
    drawer = page.locator("#drawer")
    drawer.get_by_role("radio", name="Later").check()
    drawer.get_by_label("Day", exact=True).fill("2090-03-03")
    drawer.get_by_role("button", name="Schedule for 2").click()
    screens.sees(drawer, "Choose both a day and an hour")
    drawer.get_by_label("Hour", exact=True).fill("09:00")
    drawer.get_by_role("button", name="Schedule for 2").click()
    screens.sees(page, "Scheduled for 2 candidates, 3 March 2090, 09:00.")

    page.get_by_role("link", name="See progress").click()
    expect(page.get_by_role("heading", name="Scheduled")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Message", exact=True).fill("Dear {{first_name}}, lunch is on us.")
    preview = page.locator("#compose-preview")
    expect(preview).to_contain_text("Dear Amara, lunch is on us.")
    preview.get_by_role("button", name="Next recipient").click()
    expect(preview).to_contain_text("Dear Kwame, lunch is on us.")
    expect(preview.get_by_role("button", name="Next recipient")).to_be_disabled()
    page.get_by_role("button", name="Save").click()
    screens.sees(page, "lunch is on us")

    page.get_by_role("button", name="Send now").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="All dealt with")).to_be_visible()
    wait_until(lambda: not Delivery.objects.filter(state__in=Delivery.OPEN).exists(), "nothing is left to do")
    assert SandboxMail.objects.filter(subject="Ward visit").count() == 2


def test_over_the_plan_nothing_is_sent(page: Page, amara: Person, kwame: Person, northlane: Organization) -> None:
    call_command("plan", "Starter", "--bulk-limit=1")
    call_command("plan", "Starter", f"--to={northlane.slug}")
    write_to_all(page)
    drawer = page.locator("#drawer")
    screens.sees(drawer, "Your plan sends to 1 candidate at a time")
    expect(drawer.get_by_role("button", name="Send now to 2")).to_be_disabled()
    assert not Mailing.objects.exists()
