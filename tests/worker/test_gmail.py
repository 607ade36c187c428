"""A worker, and Gmail as strangers have built it: mail out of Hannah's mailbox, and what comes back to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from candidly.actions import conversations, deliveries, hand_off, mailbox_work, mailboxes
from candidly.channels.contract import Channel
from candidly.channels.gmail import oauth
from candidly.channels.gmail.settings import GmailSettings
from candidly.channels.registry import open_channel
from candidly.models import Conversation, Delivery, InboundMail, KnownMail, Mailbox, Member, Message, Person, clock
from candidly.worker.journal import Journal
from candidly.worker.mailboxes import Reading
from candidly.worker.providers import Let
from candidly.worker.providers.gmail import Gmail
from candidly.worker.sending import LEASE, Sending
from tests.peers.faulty_google import HISTORY, SEND
from tests.peers.gmail_world import AMARA, HANNAH, World
from tests.peers.google import Google
from tests.peers.hands import Hands, letter
from tests.support.own_mail import due_now, turn_on

pytestmark = pytest.mark.django_db


class LetIn(Gmail):
    """Google, whose consent page is behind the member already."""

    def connect(self, attempt: Any) -> Let:
        return Let(attempt["address"], {"refresh_token": attempt["refresh_token"]})


@dataclass
class Office:
    """One worker, a step at a time, whether the time has come or not."""

    sending: Sending
    reading: Reading

    def send(self) -> None:
        Mailbox.objects.update(rests_until=None)
        due_now()
        self.sending.round()

    def look(self) -> None:
        Mailbox.objects.filter(due_at__isnull=False).update(due_at=clock.now())
        while self.reading.round():
            pass

    def connect(self, member: Member, refresh_token: str) -> None:
        mailboxes.begin(member, "gmail", {"address": member.email, "refresh_token": refresh_token})
        self.look()
        self.look()


@contextmanager
def office_at(settings: GmailSettings, folder: Path, worker: str = "w1") -> Iterator[Office]:
    channel: Channel = open_channel("gmail", settings)
    provider = LetIn(settings)
    with Journal(folder, f"{worker}-gmail") as journal:
        sending = Sending(f"{worker}-gmail", "gmail", channel, journal)
        yield Office(sending, Reading(f"{worker}-r0", {"gmail": provider}))
    channel.close()
    provider.mailboxes.close()


@pytest.fixture
def office(world: World, tmp_path: Path, sofia: Member, hannah: Member) -> Iterator[Office]:
    """At the Gmail that delivers, with Hannah's mailbox connected."""
    turn_on(sofia, hannah)
    with office_at(world.settings(), tmp_path) as office:
        office.connect(hannah, world.tokens[HANNAH])
        yield office


@pytest.fixture
def hers(world: World) -> Hands:
    return world.hands(HANNAH)


@pytest.fixture
def amaras(world: World) -> Hands:
    return world.hands(AMARA)


def write(hannah: Member, amara: Person, text: str = "Would Tuesday suit you?") -> Message:
    return conversations.start(hannah, amara, subject="Ward visit", text=text)


def delivery_of(message: Message) -> Delivery:
    return message.deliveries.get()


def texts(conversation: Conversation) -> list[tuple[str, str]]:
    return [(message.direction, message.text.strip()) for message in conversation.messages.order_by("pk")]


# There and back


def test_a_message_goes_out_by_the_senders_mailbox_and_its_answer_comes_back(
    office: Office, hers: Hands, amaras: Hands, hannah: Member, amara: Person
) -> None:
    message = write(hannah, amara)
    office.send()
    sent = delivery_of(message)
    assert sent.state == "sent"
    (there,) = amaras.mails()
    assert there["From"].addresses[0].addr_spec == HANNAH
    assert hers.ids("SENT") == [sent.external_id]

    # She answers in her own mail program, which knows the mail by the Message-ID that Gmail gave it
    message.refresh_from_db()
    assert there["Message-ID"] == message.given_message_id != message.rfc_message_id
    (received,) = amaras.ids()
    amaras.write(
        letter(AMARA, HANNAH, "Re: Ward visit", "Yes, Tuesday.", in_reply_to=there["Message-ID"]),
        amaras.thread_of(received),
    )
    office.look()
    assert texts(message.conversation) == [("out", "Would Tuesday suit you?"), ("in", "Yes, Tuesday.")]
    assert hannah.participations.get().is_unread

    # And Hannah's next mail joins the thread at both ends
    answer = conversations.answer(hannah, message.conversation, text="See you then.")
    office.send()
    newest, oldest = amaras.ids()
    assert amaras.thread_of(newest) == amaras.thread_of(oldest)
    assert len({hers.thread_of(mail) for mail in (*hers.ids("SENT"), *hers.ids())}) == 1
    assert delivery_of(answer).state == "sent"
    (amaras_answer,) = hers.mails()
    assert amaras_answer["Message-ID"] in hers.mail(delivery_of(answer).external_id)["References"]

    # Nothing of this is told twice
    office.look()
    Mailbox.objects.update(cursor="")
    office.look()
    assert message.conversation.messages.count() == 3
    assert InboundMail.objects.count() == 1


def test_what_hannah_writes_at_gmail_itself_is_hers_here_too(
    office: Office, hers: Hands, amaras: Hands, hannah: Member, amara: Person
) -> None:
    message = write(hannah, amara)
    office.send()
    thread = KnownMail.objects.get().thread_id
    hers.write(letter(HANNAH, AMARA, "Re: Ward visit", "Or Wednesday?"), thread)
    office.look()
    assert texts(message.conversation) == [("out", "Would Tuesday suit you?"), ("out", "Or Wednesday?")]
    assert message.conversation.messages.latest("pk").member == hannah


def test_mail_from_elsewhere_stays_in_the_mailbox(office: Office, world: World, hers: Hands) -> None:
    world.deliver("Mother <mother@home.example>", "Sunday", "Are you coming?")
    assert len(hers.ids()) == 1
    office.look()
    assert not InboundMail.objects.exists()
    assert not Conversation.objects.exists()


# Faults


def test_a_reply_that_was_lost_though_the_mail_was_taken_doubles_nothing(
    office: Office, world: World, amaras: Hands, hannah: Member, amara: Person
) -> None:
    message = write(hannah, amara)
    world.fault("messages.send", "timeout_after_commit")
    office.send()
    assert delivery_of(message).state == "sent"
    assert len(amaras.ids()) == 1


@pytest.mark.parametrize("fault", ["server_error", "transport_error"])
def test_a_mail_of_which_nothing_was_heard_goes_once(
    office: Office, world: World, amaras: Hands, hannah: Member, amara: Person, fault: str
) -> None:
    message = write(hannah, amara)
    world.fault("messages.send", fault)
    office.send()
    assert delivery_of(message).state == "unconfirmed"
    assert amaras.ids() == []
    office.send()
    assert delivery_of(message).state == "sent"
    assert len(amaras.ids()) == 1


def test_a_mail_that_could_not_be_looked_for_is_looked_for_later(
    office: Office, world: World, amaras: Hands, hannah: Member, amara: Person
) -> None:
    """It was taken, the answer was lost, and so was the answer to the look: nobody knows, until somebody does."""
    message = write(hannah, amara)
    world.faults(("messages.send", "timeout_after_commit"), ("messages.list", "server_error"))
    office.send()
    assert delivery_of(message).state == "unconfirmed"
    office.send()
    assert delivery_of(message).state == "sent"
    assert delivery_of(message).unconfirmed_at is not None
    assert len(amaras.ids()) == 1


def test_a_mailbox_that_wants_rest_gets_it_and_the_mail_goes_afterwards(
    office: Office, world: World, amaras: Hands, hannah: Member, amara: Person, tmp_path: Path
) -> None:
    message = write(hannah, amara)
    world.fault("messages.send", "rate_limit")
    office.send()
    waiting, now = delivery_of(message), clock.now()
    assert (waiting.state, waiting.attempts) == ("queued", 0)
    assert Mailbox.objects.filter(member=hannah, rests_until__gt=now).exists()
    due_now()
    assert deliveries.claim("w3", 10, LEASE, "gmail") == []
    with office_at(world.settings(timeout=21.0), tmp_path, "w2") as another:  # which knows of no rest but the row's
        another.send()
    assert delivery_of(message).state == "sent"
    assert len(amaras.ids()) == 1


# Where labels and a history are


@pytest.fixture
def at_google(google: Google, tmp_path: Path, sofia: Member, hannah: Member) -> Iterator[Office]:
    """At the Gmail that has labels, with Hannah's mailbox connected under the address of one that nobody used."""
    address = google.new_address()
    hannah.user.email = address
    hannah.user.save()
    turn_on(sofia, hannah)
    with office_at(google.settings(timeout=21.0 + hash(address) % 1000 / 1000), tmp_path) as office:
        office.connect(hannah, google.tokens(address)["refresh_token"])
        google.door.mend()
        yield office


@pytest.fixture
def hands(at_google: Office, google: Google, hannah: Member) -> Hands:
    return google.hands(google.account(hannah.email))


def test_a_labelled_thread_comes_in_whole_and_later_mails_follow(
    at_google: Office, hands: Hands, hannah: Member, amara: Person
) -> None:
    old = hands.receive(letter(AMARA, hands.address, "Nursing", "I am a nurse.", "Mon, 02 Nov 2020 09:00:00 +0000"))
    thread = hands.thread_of(old)
    hands.receive(
        letter(AMARA, hands.address, "Re: Nursing", "Still.", "Tue, 03 Nov 2020 09:00:00 +0000"), thread=thread
    )
    at_google.look()
    assert not Conversation.objects.exists()
    hands.label_thread(thread, hands.labels()["Hire"])
    at_google.look()
    conversation = Conversation.objects.get(person=amara)
    assert texts(conversation) == [("in", "I am a nurse."), ("in", "Still.")]
    hands.receive(letter(AMARA, hands.address, "Re: Nursing", "And now?"), thread=thread)
    at_google.look()
    assert texts(conversation)[2:] == [("in", "And now?")]


def test_a_history_that_is_lost_costs_nothing(at_google: Office, google: Google, hands: Hands, amara: Person) -> None:
    thread = hands.thread_of(hands.receive(letter(AMARA, hands.address, "Nursing", "I am a nurse.")))
    hands.label_thread(thread, hands.labels()["Hire"])
    at_google.look()
    hands.receive(letter(AMARA, hands.address, "Re: Nursing", "And now?"), thread=thread)
    google.door.fault(HISTORY, 404)
    at_google.look()
    assert texts(Conversation.objects.get()) == [("in", "I am a nurse."), ("in", "And now?")]
    mailbox = Mailbox.objects.get(address=hands.address)
    assert (mailbox.state, mailbox.error) == ("connected", "")
    google.door.mend()
    at_google.look()
    assert google.door.count(r"GET .*/messages\?") == 0  # the fresh history id counts again


def test_what_a_worker_that_died_could_not_tell_is_learnt_from_the_copy_in_sent(
    at_google: Office, hands: Hands, hannah: Member, amara: Person
) -> None:
    message = write(hannah, amara)
    (key,) = deliveries.claim("dead", 10, LEASE, "gmail")
    (mail,) = hand_off.ready("gmail", [key])
    list(at_google.sending.channel.send([mail]))
    deliveries.settle("dead", [])
    assert delivery_of(message).state == "unconfirmed"
    at_google.look()
    assert delivery_of(message).state == "sent"
    at_google.send()
    assert len(hands.ids("SENT")) == 1
    assert message.conversation.messages.count() == 1


def test_a_mailbox_that_lets_us_in_no_more_waits_for_its_member(
    at_google: Office, google: Google, hannah: Member, amara: Person
) -> None:
    message = write(hannah, amara)
    Mailbox.objects.update(since=clock.now() - timedelta(hours=1))
    oauth.revoke(google.settings(), mailbox_work.account_of(Mailbox.objects.get(member=hannah)).credentials)
    google.door.fault(SEND, 401)  # the hour that a token still has
    at_google.send()
    mailbox = Mailbox.objects.get(member=hannah)
    assert (mailbox.state, "Connect it again" in mailbox.reason) == ("reconnect", True)
    assert (delivery_of(message).state, delivery_of(message).attempts) == ("queued", 0)
    at_google.connect(hannah, google.tokens(hannah.email)["refresh_token"])
    at_google.send()
    assert delivery_of(message).state == "sent"
