"""An organization turns to its members' own mailboxes, at a Gmail that strangers have built."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from candidly.actions import conversations, mailbox_work
from candidly.channels.gmail import oauth
from candidly.channels.gmail.settings import CALLBACK_PATH
from candidly.models import Conversation, Delivery, Mailbox, Member, Message, Notice, Person, clock
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with
from tests.browser.stack import Stack
from tests.peers.faulty_google import SEND
from tests.peers.google import CLIENT, SECRET, Google, google_running
from tests.peers.hands import Hands, letter
from tests.peers.processes import wait_until
from tests.support.own_mail import turn_on as turned_on
from tests.support.ports import free_port

AMARA = "Amara Okafor <amara@mail.example>"
YEARS_AGO = "Mon, 02 Nov 2020 09:00:00 +0000"
MEMBERS = ("hannah@northlane.example", "priya@northlane.example")


@pytest.fixture(scope="session")
def web_port() -> int:
    """Google sends members back to an address that it knows beforehand."""
    return free_port()


@pytest.fixture(scope="session")
def google(web_port: int) -> Iterator[Google]:
    """It keeps what it knows from test to test: each member's mailbox belongs to one of them."""
    with google_running(f"http://127.0.0.1:{web_port}{CALLBACK_PATH}", MEMBERS) as running:
        yield running


@pytest.fixture
def stack_settings(web_port: int, google: Google) -> Mapping[str, str]:
    theirs = google.settings()
    return {
        "CANDIDLY_WEB_PORT": str(web_port),
        "CANDIDLY_GOOGLE_CLIENT_ID": CLIENT,
        "CANDIDLY_GOOGLE_CLIENT_SECRET": SECRET,
        "CANDIDLY_GOOGLE_AUTH_URL": f"{google.url}/o/oauth2/v2/auth",
        "CANDIDLY_GOOGLE_TOKEN_URL": theirs.token_url,
        "CANDIDLY_GOOGLE_REVOKE_URL": theirs.revoke_url,
        "CANDIDLY_GOOGLE_CERTS_URL": theirs.certs_url,
        "CANDIDLY_GOOGLE_ISSUER": theirs.issuer,
        "CANDIDLY_GMAIL_API_URL": theirs.api_url,
        "CANDIDLY_MAILBOX_POLL": "0.5",
    }


def turn_on(page: Page) -> None:
    """The super admin turns it on, having read what it means."""
    page.goto("/settings/emails/")
    switch = page.get_by_role("switch", name="Send candidate e-mail from each user’s own mailbox")
    expect(switch).not_to_be_checked()
    switch.click()
    dialog = page.get_by_role("dialog")
    screens.sees(dialog, "everybody who writes to candidates must connect their own mailbox")
    dialog.get_by_role("button", name="Turn on").click()
    expect(switch).to_be_checked()


def connect(page: Page, google: Google, address: str, button: str = "Connect Gmail") -> None:
    """To Google, where `address` is chosen, and back."""
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{google.url}/**")
    page.get_by_role("button", name=address).click()
    page.wait_for_url("**/settings/mailbox/")


def team_row(page: Page, member: Member) -> Locator:
    return page.locator("#team-mailboxes tr", has_text=member.email)


def test_from_the_switch_to_a_labelled_thread(
    visit: Visit, stack: Stack, google: Google, sofia: Member, hannah: Member, amara: Person
) -> None:
    before = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    wait_until(lambda: before.deliveries.get().state == "sent", "the first mail has left by the mail server")
    admins, page = visit(sofia), visit(hannah)
    turn_on(admins)

    # Without a mailbox nothing is sent, and the draft is kept
    page.goto(conversation_with(amara))
    screens.composer(page).get_by_label("Message", exact=True).fill("Or Wednesday?")
    screens.sees(page, "Connect your e-mail account first")
    expect(screens.composer(page).get_by_role("button", name="Send", exact=True)).to_be_hidden()
    page.locator(".composer-mailbox").get_by_role("link", name="Connect").click()

    # Only the address that she signs in with will do
    connect(page, google, "priya@northlane.example")
    screens.sees(page, "You chose priya@northlane.example. Use hannah@northlane.example")
    connect(page, google, hannah.email, "Choose another account")
    screens.sees(page, f"Connected as {hannah.email}")
    expect(team_row(admins, hannah)).to_contain_text("Connected")
    hands = hands_of(google, hannah)

    # What she had begun goes from her own address, and stands in her Sent mail
    page.goto(conversation_with(amara))
    expect(screens.composer(page).get_by_label("Message", exact=True)).to_have_value("Or Wednesday?")
    screens.composer(page).get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message", has_text="Or Wednesday?")).to_be_visible()
    message = sent("Or Wednesday?")
    (copy,) = hands.mails("SENT")
    assert copy["From"].addresses[0].addr_spec == hannah.email
    assert copy["To"].addresses[0].addr_spec == amara.email
    assert copy["Subject"] == "Re: Ward visit"
    assert copy["References"] == before.rfc_message_id

    # Amara's answer appears in the open page
    thread = hands.thread_of(message.deliveries.get().external_id)
    name = message.given_message_id or message.rfc_message_id
    answer = letter(AMARA, hannah.email, "Re: Ward visit", "Yes, Wednesday.", in_reply_to=name, references=name)
    hands.receive(answer, thread=thread)
    expect(page.locator(".message", has_text="Yes, Wednesday.")).to_be_visible()
    screens.unread(page, 0)

    # An old thread with a file comes in whole when it gets the label, and what follows follows
    nursing = letter(AMARA, hannah.email, "Nursing", "I am a nurse.", YEARS_AGO, ("cv.txt", "Leeds General"))
    thread = hands.thread_of(hands.receive(nursing))
    hands.label_thread(thread, hands.labels()["Hire"])
    wait_until(lambda: Conversation.objects.filter(subject="Nursing").exists(), "the labelled thread has come in")
    page.goto(f"/candidates/{amara.pk}/emails/")
    screens.sees(page, "Nursing")
    page.goto(conversation_of("Nursing"))
    expect(page.locator(".message", has_text="I am a nurse.")).to_be_visible()
    expect(page.get_by_role("link", name="cv.txt").first).to_be_visible()
    hands.receive(letter(AMARA, hannah.email, "Re: Nursing", "And now?"), thread=thread)
    expect(page.locator(".message", has_text="And now?")).to_be_visible()

    # Nothing was doubled, though all that she sent has come back to her mailbox
    said = Message.objects.filter(conversation=before.conversation).order_by("pk").values_list("text", flat=True)
    assert [text.strip() for text in said] == ["Would Tuesday suit you?", "Or Wednesday?", "Yes, Wednesday."]

    # Disconnecting gives the access back
    token = refresh_token_of(hannah)
    page.goto("/settings/mailbox/")
    page.get_by_role("button", name="Disconnect").click()
    page.locator("form[data-confirm]").evaluate("form => form.replaceWith(form.cloneNode(true))")  # as with each sync
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    screens.sees(page, "Not connected")
    wait_until(lambda: not google.knows(token), "Google knows of no access any more")
    page.goto(conversation_of("Ward visit"))
    screens.sees(page, "Connect your e-mail account first")


def test_access_that_google_ended_holds_what_was_written_until_it_is_connected_again(
    visit: Visit, stack: Stack, google: Google, sofia: Member, priya: Member, amara: Person
) -> None:
    turned_on(sofia, priya)
    page = visit(priya)
    page.goto("/settings/mailbox/")
    connect(page, google, priya.email)
    screens.sees(page, f"Connected as {priya.email}")
    Mailbox.objects.update(since=clock.now() - timedelta(hours=1))

    oauth.revoke(google.settings(), {"refresh_token": refresh_token_of(priya)})
    google.door.fault(SEND, 401, times=1000)  # until then she is connected: a token lives for an hour
    message = conversations.start(priya, amara, subject="Ward visit", text="Would Tuesday suit you?")
    screens.sees(page, "Reconnect needed")
    screens.sees(page, "1 message is waiting and will go out when you reconnect.")
    wait_until(lambda: Notice.objects.filter(to_address=priya.email, text__contains="again").exists(), "she is told")
    assert message.deliveries.get().state == "queued"
    google.door.mend()
    connect(page, google, priya.email, "Reconnect")
    screens.sees(page, f"Connected as {priya.email}")
    sent("Would Tuesday suit you?")
    assert len(hands_of(google, priya).ids("SENT")) == 1


def hands_of(google: Google, member: Member) -> Hands:
    return Hands(google.url, google.tokens(member.email)["access_token"], member.email)


def refresh_token_of(member: Member) -> str:
    return mailbox_work.account_of(Mailbox.objects.get(member=member)).credentials["refresh_token"]


def sent(text: str) -> Message:
    """The message of this text, when it has left."""
    wait_until(lambda: Delivery.objects.filter(message__text=text, state="sent").exists(), f"“{text}” has left")
    return Message.objects.get(text=text)


def conversation_of(subject: str) -> str:
    return f"/conversations/{Conversation.objects.get(subject=subject).pk}/"
