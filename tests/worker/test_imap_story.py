"""A member's mailbox at a real mail server, from the form on the settings page to the answer in the conversation."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from candidly.actions import conversations, deliveries, hand_off, mailboxes
from candidly.channels.contract import Channel
from candidly.channels.imap.settings import imap_settings
from candidly.channels.registry import open_channel
from candidly.config import config
from candidly.models import Attachment, Conversation, Delivery, Mailbox, Member, Message, Person, clock
from candidly.worker.listening import Listening
from candidly.worker.mailboxes import Reading
from candidly.worker.providers import providers_of
from tests.peers.dovecot import PASSWORD
from tests.peers.fixtures import post_office, tls_certificate
from tests.peers.hands import letter
from tests.peers.imap_hands import ImapHands, at_work
from tests.peers.post_office import PostOffice
from tests.peers.processes import wait_until
from tests.support.own_mail import turn_on
from tests.support.ports import free_port

__all__ = ["post_office", "tls_certificate"]

pytestmark = pytest.mark.django_db

PAGE = "/settings/mailbox/"
FORM = "/settings/mailbox/imap/"
SERVERS = ("username", "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security")
KWAME = "Kwame Mensah <kwame@mail.example>"


@pytest.fixture(autouse=True)
def imap_is_on(monkeypatch: pytest.MonkeyPatch, post_office: PostOffice, sofia: Member, hannah: Member) -> None:
    monkeypatch.setattr(config(), "imap", True)
    monkeypatch.setattr(config(), "imap_ca_file", post_office.dovecot.certificate.certificate)
    turn_on(sofia, hannah)


@pytest.fixture
def reading() -> Iterator[Reading]:
    providers = providers_of(config())
    yield Reading("r1", providers)
    providers["imap"].mailboxes.close()


@pytest.fixture
def channel() -> Iterator[Channel]:
    opened = open_channel("imap", imap_settings(config()))
    yield opened
    opened.close()


@pytest.fixture
def hannahs(post_office: PostOffice, hannah: Member) -> Iterator[ImapHands]:
    with at_work(post_office.dovecot, hannah.email) as hands:
        yield hands


@pytest.fixture
def client(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def look(reading: Reading) -> None:
    Mailbox.objects.filter(due_at__isnull=False).update(due_at=clock.now())
    while reading.round():
        pass


def send(channel: Channel) -> None:
    items = hand_off.ready("imap", deliveries.claim("w1", 100, timedelta(minutes=1), "imap"))
    deliveries.record("w1", list(channel.send(items)), "imap")


def texts(conversation: Conversation) -> list[tuple[str, str]]:
    return [(message.direction, message.text.strip()) for message in conversation.messages.order_by("pk")]


def test_a_mailbox_at_any_provider_from_the_form_to_the_answer(
    client: Client,
    reading: Reading,
    channel: Channel,
    hannahs: ImapHands,
    post_office: PostOffice,
    hannah: Member,
    amara: Person,
    kwame: Person,
) -> None:
    assert "Connect mailbox" in client.get(PAGE).content.decode()
    assert client.post(FORM, post_office.credentials(hannah.email)).headers["Location"] == PAGE
    look(reading)
    assert f"Connected as {hannah.email}" in client.get(PAGE).content.decode()
    assert "Hire" in hannahs.folders()

    asked = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    send(channel)
    assert Delivery.objects.get(message=asked).state == Delivery.State.SENT
    (copy,) = hannahs.mails("Sent")
    with at_work(post_office.dovecot, "amara@mail.example") as theirs:
        wait_until(lambda: bool(theirs.subjects()), "the mail arrives")
        (got,) = theirs.mails()
    assert got["From"].addresses[0].addr_spec == hannah.email
    assert got["Message-ID"] == copy["Message-ID"]

    answer = letter(
        "Amara Okafor <amara@mail.example>",
        hannah.email,
        "Re: Ward visit",
        "Yes, Tuesday.",
        message_id="<answer@mail.example>",
        in_reply_to=got["Message-ID"],
        references=got["Message-ID"],
    )
    post_office.deliver("amara@mail.example", hannah.email, answer)
    wait_until(lambda: bool(hannahs.subjects()), "the answer arrives")
    look(reading)
    look(reading)
    assert texts(asked.conversation) == [("out", "Would Tuesday suit you?"), ("in", "Yes, Tuesday.")]
    assert hannahs.unread() == 1
    assert_that_a_labelled_thread_comes_in_whole(reading, hannahs, hannah)
    assert_that_a_later_answer_goes_into_the_same_thread(channel, reading, hannahs, hannah, asked.conversation)


def assert_that_a_labelled_thread_comes_in_whole(reading: Reading, hannahs: ImapHands, hannah: Member) -> None:
    """Of somebody whom nobody wrote to from here: old mails, the owner's own ones, and files."""
    kwame = Person.objects.get(first_name="Kwame")
    years_ago = datetime.now(UTC) - timedelta(days=900)
    first = letter(KWAME, hannah.email, "Night shifts", "Do you have any?", message_id="<n1@mail.example>")
    reply = letter(
        f"Hannah <{hannah.email}>",
        KWAME,
        "Re: Night shifts",
        "We do.",
        file=("rota.txt", "Monday"),
        message_id="<n2@northlane.example>",
        in_reply_to="<n1@mail.example>",
        references="<n1@mail.example>",
    )
    uid = hannahs.receive(first, at=years_ago)
    hannahs.receive(reply, "Sent", at=years_ago + timedelta(days=1))
    look(reading)
    assert not Conversation.objects.filter(person=kwame).exists()
    hannahs.move(uid, "Hire")
    look(reading)
    conversation = Conversation.objects.get(person=kwame)
    assert conversation.subject == "Night shifts"
    assert texts(conversation) == [("in", "Do you have any?"), ("out", "We do.")]
    assert Attachment.objects.get().name == "rota.txt"


def assert_that_a_later_answer_goes_into_the_same_thread(
    channel: Channel, reading: Reading, hannahs: ImapHands, hannah: Member, conversation: Conversation
) -> None:
    conversations.answer(hannah, conversation, text="See you there.")
    send(channel)
    newest = hannahs.mails("Sent")[-1]
    assert newest["In-Reply-To"] == "<answer@mail.example>"
    before = Message.objects.count()
    look(reading)
    assert Message.objects.count() == before


def test_a_listener_hears_at_once_that_something_came(
    client: Client, reading: Reading, post_office: PostOffice, hannah: Member
) -> None:
    client.post(FORM, post_office.credentials(hannah.email))
    look(reading)
    providers = providers_of(config())
    mine = Mailbox.objects.filter(member=hannah)
    mine.update(due_at=clock.now() + timedelta(hours=1))
    news = letter(KWAME, hannah.email, "Hello", "Hello", message_id="<news@mail.example>")
    later = threading.Timer(0.5, post_office.deliver, ["kwame@mail.example", hannah.email, news])
    later.start()
    assert Listening(providers, lambda: mine.filter(due_at__lte=clock.now()).exists()).round()
    later.join()
    providers["imap"].mailboxes.close()
    assert mine.filter(due_at__lte=clock.now(), listened_until=None).exists()


def test_what_does_not_open_the_mailbox_is_told_on_the_page_and_the_rest_is_kept(
    client: Client, reading: Reading, post_office: PostOffice, hannah: Member
) -> None:
    wrong = post_office.credentials(hannah.email, password="wrong", smtp_port=str(free_port()))
    client.post(FORM, wrong)
    look(reading)
    shown = client.get(PAGE).content.decode()
    assert "did not accept the user name and password" in shown
    assert "Check what you entered" in shown
    form = client.get(FORM).content.decode()
    assert "did not accept the user name and password" in form.partition('id="id_password_error"')[2]
    assert wrong["smtp_port"] in form
    assert "wrong" not in form
    client.post(FORM, {**wrong, "password": PASSWORD})
    look(reading)
    nobody_there = f"Nothing answers at localhost:{wrong['smtp_port']}"
    assert nobody_there in client.get(PAGE).content.decode()
    form = client.get(FORM).content.decode()
    assert nobody_there in form
    assert "id_password_error" not in form


def test_what_can_open_no_mailbox_is_told_at_once(
    client: Client, post_office: PostOffice, hannah: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = client.post(FORM, post_office.credentials(hannah.email, password=""))
    assert response.status_code == 422
    assert "This field is required." in response.content.decode()
    monkeypatch.setattr(config(), "imap_token_url", "https://login.example/token")
    response = client.post(FORM, post_office.credentials(hannah.email, password=""))
    assert "Write the password of the mailbox." in response.content.decode()
    monkeypatch.setattr(config(), "imap_hosts", ["mail.northlane.example"])
    response = client.post(FORM, post_office.credentials(hannah.email))
    assert "allows no mailboxes at localhost" in response.content.decode()
    assert not Mailbox.objects.get(member=hannah).attempt


def test_the_form_is_filled_in_with_what_is_usual_and_asks_for_tokens_only_where_they_are_used(
    client: Client, hannah: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = client.get(FORM).content.decode()
    assert "imap.northlane.example" in shown
    assert "Refresh token" not in shown
    monkeypatch.setattr(config(), "imap_token_url", "https://login.example/token")
    assert "Refresh token" in client.get(FORM).content.decode()


def test_who_connects_again_elsewhere_finds_the_servers_they_entered_and_no_secret(
    client_of: Callable[[Member], Client], post_office: PostOffice, hannah: Member, reading: Reading
) -> None:
    credentials = post_office.credentials(hannah.email)
    client_of(hannah).post(FORM, credentials)
    look(reading)
    mailbox = Mailbox.objects.get(member=hannah)
    Mailbox.objects.update(since=clock.now() - timedelta(hours=1))
    mailboxes.lose(mailbox.pk, "The server did not accept the password.")

    elsewhere = client_of(hannah)
    assert FORM in elsewhere.get(PAGE).content.decode()
    shown = elsewhere.get(FORM)
    fields = shown.context["form"]
    assert {name: str(fields[name].value()) for name in SERVERS} == {name: credentials[name] for name in SERVERS}
    assert "imap.northlane.example" not in shown.content.decode()
    assert PASSWORD not in shown.content.decode()

    elsewhere.post(FORM, {**credentials, "imap_host": "imap.elsewhere.example", "smtp_host": "127.0.0.1"})
    assert "imap.elsewhere.example" in elsewhere.get(FORM).content.decode(), "what is being tried"
    mailboxes.disconnect(hannah)
    forgotten = client_of(hannah).get(FORM).content.decode()
    assert "imap.northlane.example" in forgotten
    assert credentials["imap_port"] not in forgotten


def test_where_it_is_not_switched_on_there_is_no_such_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "imap", False)
    assert client.get(FORM).status_code == 404
    assert FORM not in client.get(PAGE).content.decode()
