"""A member connects a mailbox at any mail server by the form: Dovecot has the mailbox, Postfix takes its mail."""

from collections.abc import Mapping

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from candidly.actions import conversations
from candidly.models import Delivery, Member, Person
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with
from tests.browser.test_every_page import STILL, grave, overflows
from tests.peers.dovecot import PASSWORD
from tests.peers.fixtures import post_office, tls_certificate
from tests.peers.imap_hands import at_work
from tests.peers.post_office import PostOffice
from tests.peers.processes import wait_until
from tests.support.own_mail import turn_on

__all__ = ["post_office", "tls_certificate"]

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def stack_settings(post_office: PostOffice) -> Mapping[str, str]:
    return {
        "CANDIDLY_IMAP": "true",
        "CANDIDLY_IMAP_CA_FILE": str(post_office.dovecot.certificate.certificate),
        "CANDIDLY_MAILBOX_POLL": "0.5",
    }


def fill_in(page: Page, credentials: Mapping[str, str]) -> None:
    """The form, as the member's provider tells them; and Connect."""
    for name, value in credentials.items():
        field = page.locator(f"[name={name}]")
        if name.endswith("_security"):
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/settings/mailbox/")


def assert_nothing_hinders(page: Page) -> None:
    """By day, by night, and on a phone."""
    size = page.viewport_size
    page.evaluate(AXE_SCRIPT)
    found = grave(page, {})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(STILL)
    found += grave(page, {"runOnly": ["color-contrast"]}) + overflows(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert size
    page.set_viewport_size(size)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_wrong_password_is_told_at_its_field_and_the_right_one_connects(
    screen: dict[str, object], visit: Visit, post_office: PostOffice, sofia: Member, hannah: Member, amara: Person
) -> None:
    first = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    wait_until(lambda: first.deliveries.get().state == "sent", "the first mail has left by the mail server")
    turn_on(sofia, hannah)
    credentials = post_office.credentials(hannah.email)
    page = visit(hannah, **screen)
    page.goto("/settings/mailbox/")
    page.get_by_role("link", name="Connect mailbox").click()
    expect(page.get_by_label("IMAP server")).to_have_value("imap.northlane.example")
    assert_nothing_hinders(page)

    fill_in(page, {**credentials, "password": "wrong"})
    screens.sees(page, "It could not be connected")
    assert_nothing_hinders(page)
    page.get_by_role("link", name="Check what you entered").click()
    password = page.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_password_error")).to_contain_text("did not accept the user name and password")
    expect(page.get_by_label("IMAP port")).to_have_value(credentials["imap_port"])
    assert_nothing_hinders(page)

    fill_in(page, {"password": PASSWORD})
    screens.sees(page, f"Connected as {hannah.email}")
    assert_nothing_hinders(page)
    page.goto(conversation_with(amara))
    screens.answer_in_place(page, "Or Wednesday?")
    hers = Delivery.objects.filter(message__text="Or Wednesday?", state="sent")
    wait_until(hers.exists, "it has left by her own mailbox")
    with at_work(post_office.dovecot, hannah.email) as hands:
        assert hands.mails("Sent")[-1]["To"].addresses[0].addr_spec == amara.email
