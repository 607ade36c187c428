"""Texts out and in, against an independent stand-in for Twilio that calls us over the wire."""

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from candidly.actions import conversations, deliveries, hand_off, outgoing
from candidly.channels.registry import open_channel
from candidly.config import config
from candidly.models import Conversation, Delivery, InboundMail, Member, Organization, Person, Suppression
from candidly.worker.sending import LEASE
from candidly.worker.texts import text_settings
from tests.peers.emulator import ACCOUNT, NUMBER, TOKEN, Emulator, emulator_running
from tests.support.texts import AMARAS, INBOUND, read_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Knows our account, and where to call us."""
    with emulator_running(f"{live_server.url}{INBOUND}") as emulator:
        settings = {
            "base_url": live_server.url,
            "sms_account": ACCOUNT,
            "sms_token": TOKEN,
            "sms_number": NUMBER,
            "sms_api_url": emulator.url,
        }
        for name, value in settings.items():
            monkeypatch.setattr(config(), name, value)
        yield emulator


@pytest.fixture
def conversation(northlane: Organization, hannah: Member, amara: Person) -> Conversation:
    Organization.objects.update(quiet_from="00:00", quiet_until="00:00")
    return conversations.start(hannah, amara, subject="Hi", text="Can you come?", channels=["sms"]).conversation


def send_all() -> None:
    """What the worker does with texts that wait."""
    channel = open_channel("sms", text_settings(config()))
    claimed = hand_off.allowed("sms", deliveries.claim("w1", 10, LEASE, "sms"))
    deliveries.record("w1", list(channel.send(outgoing.build_texts(claimed))), "sms")
    channel.close()


def test_a_text_leaves_and_is_reported_as_delivered(provider: Emulator, conversation: Conversation) -> None:
    send_all()
    (there,) = provider.messages()
    assert (there["to"], there["from"]) == (AMARAS, NUMBER)
    assert there["body"].startswith("Can you come?")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.external_id) == ("sent", there["sid"])

    provider.report(there["sid"], "sent")
    provider.report(there["sid"], "delivered")
    provider.report(there["sid"], "sent")
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_text_that_does_not_arrive_is_reported_too(provider: Emulator, conversation: Conversation) -> None:
    send_all()
    provider.report(provider.messages()[0]["sid"], "undelivered")
    delivery = Delivery.objects.get()
    assert delivery.state == "bounced"
    assert delivery.reason


def test_an_answer_comes_in_signed(provider: Emulator, conversation: Conversation) -> None:
    send_all()
    provider.hand_in(AMARAS, "Yes + no & “maybe” 👍")
    read_all()
    assert conversation.messages.get(direction="in").text == "Yes + no & “maybe” 👍"


def test_stop_comes_in_and_its_answer_goes_out(provider: Emulator, conversation: Conversation) -> None:
    send_all()
    provider.hand_in(AMARAS, "STOP")
    read_all()
    assert Suppression.objects.get().address == AMARAS
    send_all()
    assert "You will get no more text messages from us" in " ".join(text["body"] for text in provider.messages())


def test_somebody_with_another_token_is_not_heard(
    provider: Emulator, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "sms_token", "ours is another")
    provider.hand_in(AMARAS, "Yes")
    assert not InboundMail.objects.exists()
