"""The sandbox phone: what the provider would take, and what it would call us with."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from candidly.actions import conversations, deliveries, hand_off, outgoing
from candidly.channels.contract import Channel
from candidly.channels.registry import open_channel
from candidly.config import config
from candidly.envelope import Failed, OutgoingText, Receipt, Result
from candidly.models import Conversation, Delivery, Member, Organization, Person, SandboxText, Suppression
from candidly.worker.sending import LEASE
from candidly.worker.texts import text_settings
from tests.support.texts import AMARAS, read_all

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "/sandbox/phone/"


@pytest.fixture
def site(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    """Candidly as it is reached from outside."""
    monkeypatch.setattr(config(), "base_url", live_server.url)
    return live_server


@pytest.fixture
def provider(site: LiveServer) -> Iterator[Channel]:
    """The channel as the worker opens it."""
    channel = open_channel("sms", text_settings(config()))
    yield channel
    channel.close()


@pytest.fixture
def conversation(northlane: Organization, hannah: Member, amara: Person) -> Conversation:
    Organization.objects.update(quiet_from="00:00", quiet_until="00:00")
    return conversations.start(hannah, amara, subject="Hi", text="Can you come?", channels=["sms"]).conversation


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def send_all(channel: Channel) -> list[Result]:
    """What the worker does with texts that wait."""
    claimed = hand_off.allowed("sms", deliveries.claim("w1", 10, LEASE, "sms"))
    results = list(channel.send(outgoing.build_texts(claimed)))
    deliveries.record("w1", results, "sms")
    return results


def test_a_text_shows_on_the_phone_with_the_link_to_answer(
    provider: Channel, conversation: Conversation, hannahs: Client
) -> None:
    (result,) = send_all(provider)
    assert isinstance(result, Receipt)
    text = SandboxText.objects.get()
    assert (text.sender, text.recipient) == (config().text_number, AMARAS)
    assert text.text.startswith("Can you come?\n")
    assert "/p/" in text.text
    assert AMARAS in hannahs.get(PHONE).content.decode()
    page = hannahs.get(PHONE, {"number": AMARAS}).content.decode()
    assert "Can you come?" in page
    assert f'<a href="{text.text.split()[-1]}"' in page


def test_its_owner_answers_into_the_conversation(
    provider: Channel, conversation: Conversation, hannahs: Client
) -> None:
    send_all(provider)
    page = hannahs.post(f"{PHONE}answer/", {"number": AMARAS, "text": "Yes, at nine."}, follow=True).content.decode()
    assert "Yes, at nine." in page
    read_all()
    assert conversation.messages.get(direction="in").text == "Yes, at nine."


def test_stop_from_the_phone_is_obeyed_and_its_answer_comes_back(
    provider: Channel, conversation: Conversation, hannahs: Client
) -> None:
    send_all(provider)
    hannahs.post(f"{PHONE}answer/", {"number": AMARAS, "text": "Stop"})
    read_all()
    assert Suppression.objects.get().address == AMARAS
    send_all(provider)
    assert "You will get no more text messages from us" in hannahs.get(PHONE, {"number": AMARAS}).content.decode()


@pytest.mark.parametrize(("status", "state"), [("delivered", "delivered"), ("undelivered", "bounced")])
def test_what_became_of_a_text_is_reported(
    provider: Channel, conversation: Conversation, hannahs: Client, status: str, state: str
) -> None:
    send_all(provider)
    page = hannahs.post(f"{PHONE}{SandboxText.objects.get().pk}/status/", {"status": status}, follow=True)
    assert "Reported as " in page.content.decode()
    assert Delivery.objects.get().state == state


def test_a_number_that_takes_no_texts_refuses(provider: Channel, hannah: Member, amara: Person) -> None:
    Organization.objects.update(quiet_from="00:00", quiet_until="00:00")
    Person.objects.filter(pk=amara.pk).update(phone="+447700900000")
    conversations.start(hannah, Person.objects.get(pk=amara.pk), subject="Hi", text="Hello", channels=["sms"])
    (result,) = send_all(provider)
    assert isinstance(result, Failed)
    assert Delivery.objects.get().reason.startswith("This is not a mobile phone number")


def test_whoever_does_not_know_the_token_sends_nothing(site: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(config()), "text_account", lambda self: ("AC0", "guessed"))
    stranger = text_settings(config())
    monkeypatch.undo()
    monkeypatch.setattr(config(), "base_url", site.url)
    channel = open_channel("sms", stranger)
    (result,) = channel.send([OutgoingText(1, AMARAS, "Hello", config().text_number)])
    channel.close()
    assert isinstance(result, Failed)
    assert result.gateway_down
    assert not SandboxText.objects.exists()


def test_when_candidly_does_not_answer_the_page_says_so(
    conversation: Conversation, hannahs: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "base_url", "http://127.0.0.1:9")
    page = hannahs.post(f"{PHONE}answer/", {"number": AMARAS, "text": "Yes"}, follow=True).content.decode()
    assert "Nothing answers at http://127.0.0.1:9" in page
    assert not SandboxText.objects.exists()


def test_nothing_new_is_nothing_to_show(hannahs: Client) -> None:
    assert hannahs.get(f"{PHONE}newer/", {"number": AMARAS}).status_code == 204
    text = SandboxText.objects.create(sender=config().text_number, recipient=AMARAS, text="Hello")
    assert "Hello" in hannahs.get(f"{PHONE}newer/", {"number": AMARAS}).content.decode()
    assert hannahs.get(f"{PHONE}newer/?number=%2B{AMARAS[1:]}&after={text.pk}").status_code == 204


def test_clearing_empties_every_phone(hannahs: Client) -> None:
    SandboxText.objects.create(sender=config().text_number, recipient=AMARAS, text="Hello")
    assert "No text yet" in hannahs.post(f"{PHONE}clear/", follow=True).content.decode()


def test_phones_are_there_only_beside_the_mail_sandbox() -> None:
    assert settings.CONFIG.sms_sandbox
    with_relay = settings.CONFIG.model_copy(update={"relay_host": "smtp.example.org"})
    with_account = settings.CONFIG.model_copy(update={"sms_account": "AC1"})
    assert (with_relay.sms_sandbox, with_relay.texts) == (False, False)
    assert (with_account.sms_sandbox, with_account.texts) == (False, True)
    assert with_account.text_account() == ("AC1", "")
