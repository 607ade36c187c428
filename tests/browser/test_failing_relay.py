"""The relay does not answer, or refuses: people are told in words, and nothing is lost."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from candidly.actions import mailings
from candidly.models import Member, Person
from tests.browser import screens
from tests.browser.places import conversation_with
from tests.browser.watch import Watch
from tests.peers.sink import Sink, smtp_sink_running
from tests.support.ports import free_port

REFUSAL = "552 5.2.2 the mailbox is full"


@pytest.fixture(scope="module")
def relay_port() -> int:
    return free_port()


@pytest.fixture
def stack_settings(relay_port: int) -> Mapping[str, str]:
    return {
        "CANDIDLY_RELAY_HOST": "127.0.0.1",
        "CANDIDLY_RELAY_PORT": str(relay_port),
        "CANDIDLY_RELAY_SECURITY": "none",
    }


@pytest.fixture
def relays() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(relays: ExitStack, port: int, *options: str) -> Sink:
    return relays.enter_context(smtp_sink_running(*options, port=port))


def test_a_message_waits_for_a_relay_that_is_away_and_goes_by_itself(
    page: Page, amara: Person, relays: ExitStack, relay_port: int
) -> None:
    page.goto(f"/candidates/{amara.pk}/emails/?new=1")
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    panel.get_by_label("Subject").fill("Interview")
    panel.get_by_label("Message", exact=True).fill("Would Tuesday suit you?")
    panel.get_by_role("button", name="Send", exact=True).click()
    screens.sees(page, "Message sent to Amara Okafor")
    message = page.locator(".message", has_text="Would Tuesday suit you?")
    mail = message.locator(".delivery", has_text="E-mail:")
    expect(mail).to_contain_text("Queued")
    expect(mail).to_contain_text(f"Nothing answers at 127.0.0.1:{relay_port}.")

    sink = start(relays, relay_port)
    expect(mail).to_contain_text("Sent")
    assert sink.recipients() == ["amara@mail.example"]


def test_a_refused_message_says_why_and_is_tried_again_when_asked(
    page: Page, hannah: Member, amara: Person, kwame: Person, relays: ExitStack, relay_port: int
) -> None:
    mailing = mailings.send(
        hannah, mailings.Order(subject="Ward visit", body="Hello", is_html=False, audience={"filter": {}})
    )
    page.goto(f"/mailings/{mailing.pk}/")
    with ExitStack() as for_a_while:
        start(for_a_while, relay_port, "-f", "rcpt", "-B", REFUSAL)
        screens.sees(page, "All dealt with")
    expect(page.locator(".stat", has_text="Failed").locator("dd")).to_have_text("2")
    screens.sees(page.locator(".reasons"), "2: The mail server of mail.example says the mailbox is full.")

    page.goto(conversation_with(amara))
    failed = page.locator(".delivery")
    expect(failed).to_contain_text("Failed: The mail server of mail.example says the mailbox is full.")
    start(relays, relay_port)
    failed.get_by_role("button", name="Retry").click()
    expect(failed).to_contain_text("Sent")

    page.goto(f"/mailings/{mailing.pk}/")
    page.get_by_role("button", name="Retry failed").click()
    expect(page.locator(".stat", has_text="Sent").locator("dd")).to_have_text("2")


def test_there_is_no_sandbox_beside_a_real_relay(page: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    page.goto("/inbox/")
    expect(page.get_by_text("Mail sandbox")).to_have_count(0)
    answer = page.goto("/sandbox/")
    assert answer is not None
    assert answer.status == 404
