"""A mailing that goes slowly enough to be paused, resumed and cancelled."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from candidly.actions import conversations, people
from candidly.models import Delivery, Member, Opening, Organization, Person, SandboxMail
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.peers.processes import wait_until

MANY = 30


@pytest.fixture
def stack_settings() -> Mapping[str, str]:
    """Three seconds between two mails of a mailing."""
    return {"CANDIDLY_MAILING_PER_MINUTE": "20"}


@pytest.fixture
def crowd(northlane: Organization, icu: Opening) -> None:
    for number in range(MANY):
        people.add_candidate(
            northlane, first_name=f"Nurse{number}", private_email=f"nurse{number}@mail.example", opening=icu
        )


def test_a_mailing_is_paused_resumed_and_cancelled(page: Page, hannah: Member, crowd: None, kwame: Person) -> None:
    page.goto("/candidates/?q=nurse")
    send_to_everybody(page)
    sent = page.locator(".stat", has_text="Sent").locator("dd")
    expect(sent).to_have_text(re.compile("[1-9]"))

    page.get_by_role("button", name="Pause").click()
    screens.sees(page, "Paused. Nothing more is sent until you resume.")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    wait_until(lambda: not Delivery.objects.filter(state="sending").exists(), "what was under way has gone")
    before = mails_of_the_mailing()
    other_mail_goes(hannah, kwame)
    assert mails_of_the_mailing() == before

    page.get_by_role("button", name="Resume").click()
    screens.sees(page, "Resumed.")
    wait_until(lambda: mails_of_the_mailing() > before, "the mailing goes on")

    page.get_by_role("button", name="Cancel", exact=True).click()
    screens.sees(page.get_by_role("dialog"), "Cancel this mailing?")
    page.get_by_role("dialog").get_by_role("button", name="Cancel mailing").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    cancelled = page.locator(".stat", has_text="Cancelled").locator("dd")
    wait_until(lambda: not Delivery.objects.filter(state__in=Delivery.OPEN).exists(), "nothing is left to do")
    page.reload()
    assert int(sent.inner_text()) + int(cancelled.inner_text()) == MANY
    assert mails_of_the_mailing() == int(sent.inner_text())


def send_to_everybody(page: Page) -> None:
    """From the filter to the mailing's page."""
    screens.select_all_in_filter(page, MANY)
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Subject").fill("Ward visit")
    drawer.get_by_label("Message", exact=True).fill("Dear {{first_name}}, come and see us.")
    screens.send_to(drawer, MANY)
    page.get_by_role("link", name="See progress").click()
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()


def mails_of_the_mailing() -> int:
    return SandboxMail.objects.filter(subject="Ward visit").count()


def other_mail_goes(hannah: Member, kwame: Person) -> None:
    """A single message leaves meanwhile: the worker is at work."""
    message = conversations.start(hannah, kwame, subject="Nights", text="Hello")
    wait_until(lambda: message.deliveries.get().state == Delivery.State.SENT, "the single message has gone")


def test_a_teammate_who_looks_on_sees_that_it_is_paused(page: Page, visit: Visit, priya: Member, crowd: None) -> None:
    page.goto("/candidates/?q=nurse")
    send_to_everybody(page)
    teammates = visit(priya)
    teammates.goto(page.url)
    expect(teammates.get_by_role("heading", name="Sending")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(teammates.get_by_role("heading", name="Paused")).to_be_visible()
