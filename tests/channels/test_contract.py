"""What every channel promises. A new one joins with a class that arranges its outside, and one line in OUTSIDES."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.channels.registry import CHANNELS, open_channel
from candidly.envelope import (
    Failed,
    MailboxOutgoing,
    OutgoingText,
    PermanentFailure,
    Receipt,
    Result,
    TemporaryFailure,
    Unconfirmed,
    Untouched,
)
from tests.channels.outgoing import from_mailbox, mail, mails, text
from tests.peers.certificates import Certificate
from tests.peers.dovecot import PASSWORD
from tests.peers.emulator import Emulator
from tests.peers.faulty import FaultyServer
from tests.peers.faulty_google import SEND
from tests.peers.google import Google
from tests.peers.post_office import PostOffice
from tests.peers.processes import Place
from tests.peers.provider import FaultyProvider
from tests.support.ports import free_port


class SmtpOutside:
    """An SMTP gateway in every mood, and mails for it."""

    name = "smtp"
    has_one_gateway = True
    messages = staticmethod(mails)
    broken = staticmethod(partial(mail, "not an address"))

    def __init__(self, faulty_server: Callable[..., FaultyServer], channel_to: Callable[..., Channel]) -> None:
        self.faulty_server = faulty_server
        self.channel_to = channel_to

    def takes_all(self) -> Channel:
        return self._channel()

    def refuses(self) -> Channel:
        return self._channel(rcpt="550 5.1.1 no such user")

    def is_busy(self) -> Channel:
        return self._channel(rcpt="451 4.3.0 busy")

    def falls_silent_after_the_hand_over(self) -> Channel:
        return self._channel(dot="drop")

    def is_down(self) -> Channel:
        return self.channel_to(Place("127.0.0.1", free_port()))

    def _channel(self, **script: str) -> Channel:
        return self.channel_to(self.faulty_server(**script))


class SmsOutside:
    """A text message provider in every mood: the emulator where it is in a good one, or knows how to refuse."""

    name = "sms"
    has_one_gateway = True
    broken = staticmethod(partial(text, "not a number"))

    def __init__(
        self, twilio: Emulator, faulty_provider: Callable[..., FaultyProvider], texts_to: Callable[..., Channel]
    ) -> None:
        self.twilio = twilio
        self.faulty_provider = faulty_provider
        self.texts_to = texts_to

    @staticmethod
    def messages(count: int, domains: int = 1) -> list[OutgoingText]:
        return [text(f"+4477009{n:05}", delivery_id=n) for n in range(1, count + 1)]

    def takes_all(self) -> Channel:
        return self.texts_to(self.twilio.url)

    def refuses(self) -> Channel:
        return self.texts_to(self.twilio.url, number="+15550000000")

    def is_busy(self) -> Channel:
        return self.texts_to(self.faulty_provider(status=429, code=20429).url)

    def falls_silent_after_the_hand_over(self) -> Channel:
        return self.texts_to(self.faulty_provider(status=0).url)

    def is_down(self) -> Channel:
        return self.texts_to(f"http://127.0.0.1:{free_port()}")


class GmailOutside:
    """Members' Gmail mailboxes in every mood: a stand-in for Google, and a door before it that misbehaves."""

    name = "gmail"
    has_one_gateway = True

    def __init__(self, google: Google, gmail_with: Callable[..., Channel]) -> None:
        self.google = google
        self.gmail_with = gmail_with
        self.accounts = [google.account() for _ in range(3)]

    def messages(self, count: int, domains: int = 1) -> list[MailboxOutgoing]:
        return [from_mailbox(self.accounts[n % 3], delivery_id=n) for n in range(1, count + 1)]

    def broken(self, delivery_id: int) -> MailboxOutgoing:
        return from_mailbox(self.accounts[0], to="not an address", delivery_id=delivery_id)

    def takes_all(self) -> Channel:
        return self.gmail_with()

    def refuses(self) -> Channel:
        return self._faulty(400)

    def is_busy(self) -> Channel:
        return self._faulty(429)

    def falls_silent_after_the_hand_over(self) -> Channel:
        return self._faulty(0)

    def is_down(self) -> Channel:
        nowhere = f"http://127.0.0.1:{free_port()}"
        return self.gmail_with(token_url=nowhere, api_url=nowhere)

    def _faulty(self, status: int) -> Channel:
        self.google.door.fault(SEND, status, times=1000)
        return self.gmail_with()


class ImapOutside:
    """Members' mailboxes at a mail server in every mood: Postfix and Dovecot where it is in a good one. Each has a
    server of its own, so one that is down says nothing of the others."""

    name = "imap"
    has_one_gateway = False

    def __init__(
        self,
        post_office: PostOffice,
        imap_with: Callable[..., Channel],
        faulty_server: Callable[..., FaultyServer],
        tls_certificate: Certificate,
    ) -> None:
        self.post_office = post_office
        self.imap_with = imap_with
        self.faulty_server = faulty_server
        self.certificate = tls_certificate
        self.accounts = [post_office.account() for _ in range(3)]

    def messages(self, count: int, domains: int = 1) -> list[MailboxOutgoing]:
        accounts = cycle(self.accounts)
        return [from_mailbox(next(accounts), delivery_id=n) for n in range(1, count + 1)]

    def broken(self, delivery_id: int) -> MailboxOutgoing:
        return from_mailbox(self.accounts[0], to="not an address", delivery_id=delivery_id)

    def takes_all(self) -> Channel:
        return self.imap_with()

    def refuses(self) -> Channel:
        return self._faulty(rcpt="550 5.1.1 no such user")

    def is_busy(self) -> Channel:
        return self._faulty(rcpt="451 4.3.0 busy")

    def falls_silent_after_the_hand_over(self) -> Channel:
        return self._faulty(dot="drop")

    def is_down(self) -> Channel:
        self.accounts = [self.post_office.account(imap_port=str(free_port()))]
        return self.imap_with()

    def _faulty(self, **script: str) -> Channel:
        account = self.post_office.account()
        login = (account.address, PASSWORD)
        server = self.faulty_server(certificate=self.certificate, tls_from_the_start=True, login=login, **script)
        self.accounts = [self.post_office.account(account.address, smtp_port=str(server.port))]
        return self.imap_with()


OUTSIDES: list[Any] = [SmtpOutside, SmsOutside, GmailOutside, ImapOutside]


@pytest.fixture(params=OUTSIDES, ids=lambda outside: str(outside.name))
def outside(request: pytest.FixtureRequest) -> Any:
    names = request.param.__init__.__annotations__.keys() - {"return"}
    return request.param(**{name: request.getfixturevalue(name) for name in names})


def ids(results: list[Result]) -> list[int]:
    return sorted(result.delivery_id for result in results)


def test_every_channel_takes_the_tests() -> None:
    assert {outside.name for outside in OUTSIDES} == set(CHANNELS)


def test_an_unknown_channel_is_refused_in_words() -> None:
    with pytest.raises(LookupError, match=r"no channel called “pigeon”\. Use one of: .*smtp"):
        open_channel("pigeon", None)


def test_each_message_gets_exactly_one_receipt(outside: Any) -> None:
    results = list(outside.takes_all().send(outside.messages(30, domains=7)))
    assert ids(results) == list(range(1, 31))
    assert all(isinstance(result, Receipt) for result in results)


def test_what_was_taken_is_told_before_its_result_and_nothing_else_is(outside: Any) -> None:
    noted: list[int] = []
    for result in outside.takes_all().send(outside.messages(30, domains=7), taken=noted.append):
        assert result.delivery_id in noted
    assert sorted(noted) == list(range(1, 31))
    noted.clear()
    assert list(outside.refuses().send(outside.messages(3), taken=noted.append))
    assert noted == []


def test_an_empty_batch_has_no_results(outside: Any) -> None:
    assert list(outside.takes_all().send([])) == []


def test_one_channel_sends_batch_after_batch(outside: Any) -> None:
    channel = outside.takes_all()
    assert [ids(list(channel.send(outside.messages(3)))) for _ in range(3)] == [[1, 2, 3]] * 3


def test_a_batch_may_be_a_generator(outside: Any) -> None:
    assert ids(list(outside.takes_all().send(message for message in outside.messages(4)))) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        ("refuses", PermanentFailure),
        ("is_busy", TemporaryFailure),
        ("falls_silent_after_the_hand_over", Unconfirmed),
        ("is_down", TemporaryFailure),
    ],
)
def test_each_message_that_fails_gets_exactly_one_reason_in_words(outside: Any, mood: str, kind: type) -> None:
    results = list(getattr(outside, mood)().send(outside.messages(9, domains=3)))
    assert ids(results) == list(range(1, 10))
    for result in results:
        assert isinstance(result, Failed)
        assert isinstance(result.failure, kind)
        assert result.failure.reason.endswith(".")
        assert "@" not in result.failure.reason


def test_only_a_gateway_that_is_down_says_so(outside: Any) -> None:
    assert {result.gateway_down for result in outside.is_down().send(outside.messages(5))} == {outside.has_one_gateway}
    assert not any(result.gateway_down for result in outside.is_busy().send(outside.messages(5)))


def test_a_message_that_cannot_be_addressed_fails_alone(outside: Any) -> None:
    results = {
        result.delivery_id: result
        for result in outside.takes_all().send([*outside.messages(2), outside.broken(delivery_id=3)])
    }
    assert isinstance(results[3].failure, PermanentFailure)
    assert isinstance(results[1], Receipt)
    assert isinstance(results[2], Receipt)


def test_a_stopped_channel_touches_nothing(outside: Any) -> None:
    channel = outside.takes_all()
    channel.stop()
    assert list(channel.send(outside.messages(2))) == [Untouched(1), Untouched(2)]


def test_a_channel_stopped_on_the_way_leaves_the_rest_untouched(outside: Any) -> None:
    channel = outside.takes_all()
    results = []
    for result in channel.send(outside.messages(200)):
        channel.stop()
        results.append(result)
    assert ids(results) == list(range(1, 201))
    assert {type(result) for result in results} == {Receipt, Untouched}


def test_a_batch_may_grow_while_it_is_being_sent(outside: Any) -> None:
    """None: nothing more at the moment. What was given is sent meanwhile, so that the batch hears of it."""
    heard: list[int] = []

    def growing() -> Iterator[Any]:
        for message in outside.messages(3):
            yield message
            while message.delivery_id not in heard:
                yield None

    for result in outside.takes_all().send(growing()):
        assert isinstance(result, Receipt)
        heard.append(result.delivery_id)
    assert heard == [1, 2, 3]


def test_a_channel_that_is_stopped_does_not_wait_for_a_batch_that_might_grow(outside: Any) -> None:
    channel = outside.takes_all()

    def growing() -> Iterator[Any]:
        yield from outside.messages(1)
        channel.stop()
        yield None
        yield outside.messages(2)[1]

    assert ids(list(channel.send(growing()))) == [1, 2]


def test_nothing_is_begun_after_the_caller_leaves(outside: Any) -> None:
    channel = outside.takes_all()
    on_its_way = channel.send(outside.messages(200))
    first = next(on_its_way)
    on_its_way.close()
    assert isinstance(first, Receipt)
    assert ids(list(channel.send(outside.messages(3)))) == [1, 2, 3]


def test_closing_twice_does_no_harm(outside: Any) -> None:
    channel = outside.takes_all()
    list(channel.send(outside.messages(2)))
    channel.close()
    channel.close()


def test_what_is_written_to_one_goes_before_what_is_part_of_a_mailing(outside: Any) -> None:
    *of_mailing, single = outside.messages(31)
    results = list(outside.takes_all().send([*map(one_of_many, of_mailing), single]))
    order = [result.delivery_id for result in results]
    assert len(order) == 31
    assert order.index(31) < 10


def one_of_many(message: Any) -> Any:
    """The same, as part of a mailing."""
    match message:
        case MailboxOutgoing():
            return replace(message, outgoing=one_of_many(message.outgoing))
        case OutgoingText():
            return replace(message, is_one_of_many=True)
    return replace(message, list_id="mailing.7")
