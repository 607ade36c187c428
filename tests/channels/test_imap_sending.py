"""Mail out through its sender's own mail server, which a real Postfix and a real Dovecot are together."""

import base64
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.envelope import (
    Failed,
    File,
    MailboxAccount,
    MailboxOutgoing,
    PermanentFailure,
    Receipt,
    ReconnectNeeded,
    TemporaryFailure,
    Unconfirmed,
    Withheld,
)
from candidly.mail.compose import compose, marked
from tests.channels.outgoing import failure, from_mailbox, receipts, the_one
from tests.peers.certificates import Certificate
from tests.peers.dovecot import PASSWORD
from tests.peers.faulty import FaultyServer
from tests.peers.imap_door import ImapDoor, imap_door_running
from tests.peers.imap_hands import ImapHands, at_work
from tests.peers.post_office import PostOffice
from tests.peers.processes import wait_until
from tests.peers.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer
from tests.support.ports import free_port

_NUMBERS = count(1)


@pytest.fixture
def channel(imap_with: Callable[..., Channel]) -> Channel:
    return imap_with()


@pytest.fixture
def account(post_office: PostOffice) -> MailboxAccount:
    return post_office.account()


@pytest.fixture
def hands(post_office: PostOffice, account: MailboxAccount) -> Iterator[ImapHands]:
    with at_work(post_office.dovecot, account.address) as owner:
        yield owner


@pytest.fixture
def smtp(faulty_server: Callable[..., FaultyServer], tls_certificate: Certificate) -> Callable[..., FaultyServer]:
    """A mail server of our own that takes mail from `account`, and fails as it is told."""

    def start(account: MailboxAccount, **script: Any) -> FaultyServer:
        login = (account.credentials["username"], PASSWORD)
        return faulty_server(**{"certificate": tls_certificate, "tls_from_the_start": True, "login": login, **script})

    return start


@pytest.fixture
def door(post_office: PostOffice) -> Iterator[ImapDoor]:
    with imap_door_running(post_office.dovecot) as running:
        yield running


def at_door(account: MailboxAccount, door: ImapDoor) -> MailboxAccount:
    """The mailbox, which is reached by the door that misbehaves as it is told."""
    return replace(account, credentials={**account.credentials, "imap_port": str(door.port)})


def by(account: MailboxAccount, server: FaultyServer, **changes: str) -> MailboxAccount:
    """The mailbox, which sends by this server."""
    return replace(account, credentials={**account.credentials, "smtp_port": str(server.port), **changes})


def receipt(results: Any) -> Receipt:
    result = the_one(results)
    assert isinstance(result, Receipt), result
    return result


# It goes, and is there


def test_a_mail_is_among_the_sent_mails_as_it_was_written(
    channel: Channel, account: MailboxAccount, hands: ImapHands
) -> None:
    words = "Zażółć gęślą jaźń 👍\n.a line with a leading dot\n"
    file = File("plan.txt", "text/plain", b"Monday")
    message = from_mailbox(account, text=words, html=f"<p>{words}</p>", subject="Twoja aplikacja ✓", files=(file,))
    receipt(channel.send([message]))
    (sent,) = hands.mails("Sent")
    assert sent["From"] == f"Hannah Whitlock <{account.address}>"
    assert sent["Subject"] == "Twoja aplikacja ✓"
    assert sent.get_body(("plain",)).get_content().split() == words.split()  # type: ignore[union-attr]
    assert [part.get_filename() for part in sent.iter_attachments()] == ["plan.txt"]
    assert hands.unread("Sent") == 0


def test_it_arrives_from_the_senders_own_address(
    channel: Channel, account: MailboxAccount, post_office: PostOffice
) -> None:
    candidate = post_office.dovecot.user("amara")
    taken = receipt(channel.send([from_mailbox(account, to=candidate)]))
    with at_work(post_office.dovecot, candidate) as theirs:
        wait_until(lambda: bool(theirs.subjects()), "the mail arrives")
        (there,) = theirs.mails()
    assert there["From"].addresses[0].addr_spec == account.address
    assert there["Return-Path"] == f"<{account.address}>"
    assert there["Message-ID"] == taken.message_id


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_both_kinds_of_security_do(channel: Channel, post_office: PostOffice, security: str) -> None:
    is_tls = security == "tls"
    account = post_office.account(
        imap_security=security,
        imap_port=str(post_office.dovecot.port if is_tls else post_office.dovecot.starttls_port),
        smtp_security=security,
        smtp_port=str(post_office.tls_port if is_tls else post_office.postfix.port),
    )
    receipt(channel.send([from_mailbox(account)]))


def test_one_mailbox_sends_one_after_the_other_and_several_at_once(channel: Channel, post_office: PostOffice) -> None:
    """Each `taken` waits for the other mailboxes': with one at a time none would ever return."""
    together = threading.Barrier(4, timeout=20)
    four = [from_mailbox(post_office.account(), delivery_id=n) for n in range(1, 5)]
    assert receipts(channel.send(four, taken=lambda _: meet(together))) == [1, 2, 3, 4]
    assert receipts(channel.send([from_mailbox(four[0].account, delivery_id=n) for n in range(5)])) == [*range(5)]


def meet(others: threading.Barrier) -> None:
    others.wait()


def test_connections_stay_open_from_mail_to_mail(
    channel: Channel, post_office: PostOffice, smtp: Callable[..., FaultyServer], door: ImapDoor
) -> None:
    account = at_door(post_office.account(), door)
    server = smtp(account)
    mails = [from_mailbox(by(account, server), delivery_id=n) for n in range(1, 4)]
    assert receipts(channel.send(mails)) == [1, 2, 3]
    assert receipts(channel.send(mails)) == [1, 2, 3]
    assert server.connections == 1
    assert door.count("AUTHENTICATE") == 1


# Its thread


def test_an_answer_joins_its_thread_and_an_answer_to_that_too(
    channel: Channel, account: MailboxAccount, hands: ImapHands, mailbox_of: Callable[..., Any]
) -> None:
    first = receipt(channel.send([from_mailbox(account)]))
    chain = (first.message_id,)
    answer = from_mailbox(account, first.thread_id, in_reply_to=chain[0], references=chain, delivery_id=2)
    second = receipt(channel.send([answer]))
    assert second.thread_id == first.thread_id
    assert [seen.external_id for seen in mailbox_of(account).thread(first.thread_id)] == [
        first.external_id,
        second.external_id,
    ]


def test_a_sent_copy_says_which_message_it_is(
    channel: Channel, account: MailboxAccount, mailbox_of: Callable[..., Any]
) -> None:
    message = from_mailbox(account)
    taken = receipt(channel.send([message]))
    (copy,) = mailbox_of(account).mails([taken.external_id])
    assert copy.seen.is_sent
    assert copy.seen.thread_id == taken.thread_id
    assert f"X-Candidly-Message-ID: {message.outgoing.message_id}".encode() in copy.raw


# The copy among the sent mails, once


def kept_by_the_server(message: MailboxOutgoing, hands: ImapHands, name: str = "") -> Callable[[int], None]:
    """The server puts what it takes among the sent mails by itself, under a Message-ID of its own if it is named."""
    raw = compose(marked(message.outgoing))
    if name:
        ours = f"\r\nMessage-ID: {message.outgoing.message_id}\r\n"
        raw = raw.replace(ours.encode(), f"\r\nMessage-ID: {name}\r\n".encode())
    return lambda _: keep(hands, raw)


def keep(hands: ImapHands, raw: bytes) -> None:
    hands.receive(raw, "Sent")


def test_what_the_server_keeps_by_itself_is_not_kept_twice(
    channel: Channel, account: MailboxAccount, hands: ImapHands
) -> None:
    for number in (1, 2):
        message = from_mailbox(account, delivery_id=number)
        receipt(channel.send([message], taken=kept_by_the_server(message, hands)))
    assert len(hands.mails("Sent")) == 2


def test_a_server_that_takes_its_time_to_keep_it_is_found_out(
    imap_with: Callable[..., Channel], account: MailboxAccount, hands: ImapHands
) -> None:
    """Its first copy comes when we have put ours there; from then on we leave it to the server."""
    channel = imap_with(patience=0)
    first = from_mailbox(account)
    receipt(channel.send([first]))
    keep(hands, compose(marked(first.outgoing)))
    for number in (2, 3):
        receipt(channel.send([from_mailbox(account, delivery_id=number)]))
    assert len(hands.mails("Sent")) == 2


def test_the_message_id_that_the_server_gave_is_learnt(
    channel: Channel, account: MailboxAccount, hands: ImapHands, mailbox_of: Callable[..., Any]
) -> None:
    message = from_mailbox(account)
    taken = receipt(channel.send([message], taken=kept_by_the_server(message, hands, "<given@server.example>")))
    assert taken.message_id == "<given@server.example>"
    (copy,) = mailbox_of(account).mails([taken.external_id])
    assert (copy.seen.is_sent, copy.seen.thread_id) == (True, taken.thread_id)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"^(.*CAPABILITY .*) IDLE", r"\1 X-GM-EXT-1 IDLE"),
        (r"^\* OK (\[.*\])[^\r]*", r"* OK \1 The Microsoft Exchange IMAP4"),
    ],
)
def test_servers_that_are_known_to_keep_it_are_not_waited_for(
    imap_with: Callable[..., Channel], post_office: PostOffice, door: ImapDoor, pattern: str, replacement: str
) -> None:
    door.says(pattern, replacement)
    door.hears("X-GM-THRID ", "")
    account = at_door(post_office.account(), door)
    receipt(imap_with(patience=0).send([from_mailbox(account)]))
    with at_work(post_office.dovecot, account.address) as hands:
        assert hands.mails("Sent") == []


@pytest.mark.parametrize("name", ["Sent Items", "Gesendete Objekte", "sent"])
def test_the_folder_is_found_by_its_usual_name_where_the_server_does_not_tell(
    channel: Channel, bare_office: PostOffice, name: str
) -> None:
    account = bare_office.account()
    with at_work(bare_office.dovecot, account.address) as hands:
        hands.client.create_folder(name)
        receipt(channel.send([from_mailbox(account)]))
        assert len(hands.mails(name)) == 1


def test_the_folder_is_made_where_there_is_none(channel: Channel, bare_office: PostOffice) -> None:
    account = bare_office.account()
    receipt(channel.send([from_mailbox(account)]))
    with at_work(bare_office.dovecot, account.address) as hands:
        assert len(hands.mails("Sent")) == 1


@pytest.mark.parametrize("action", ["drop", "NO [OVERQUOTA] full"])
def test_what_cannot_be_kept_at_once_is_tried_once_more_and_never_costs_the_receipt(
    channel: Channel, post_office: PostOffice, door: ImapDoor, action: str
) -> None:
    account = at_door(post_office.account(), door)
    door.fault(" APPEND ", action)
    receipt(channel.send([from_mailbox(account)]))
    door.fault(" APPEND ", action, times=10)
    receipt(channel.send([from_mailbox(account, delivery_id=2)]))
    with at_work(post_office.dovecot, account.address) as hands:
        assert len(hands.mails("Sent")) == 1


def test_a_copy_whose_answer_was_lost_is_not_put_there_again(
    channel: Channel, post_office: PostOffice, door: ImapDoor
) -> None:
    account = at_door(post_office.account(), door)
    door.says(r"^\w+ OK \[APPENDUID.*", "* BYE")
    receipt(channel.send([from_mailbox(account)]))
    with at_work(post_office.dovecot, account.address) as hands:
        assert len(hands.mails("Sent")) == 1


# Nothing is sent that could not be kept


def test_while_the_mailbox_cannot_be_opened_nothing_is_sent(
    channel: Channel, account: MailboxAccount, smtp: Callable[..., FaultyServer]
) -> None:
    server = smtp(account)
    failure(channel.send([from_mailbox(by(account, server, imap_port=str(free_port())))]), Withheld)
    assert server.connections == 0


# No answer after the hand-over


def test_a_mail_that_was_taken_though_no_answer_came_is_found_where_the_server_keeps_it(
    channel: Channel, account: MailboxAccount, hands: ImapHands, smtp: Callable[..., FaultyServer]
) -> None:
    server = smtp(account, dot=["drop"])
    message = from_mailbox(by(account, server))
    server.before_dot = lambda: keep(hands, compose(marked(message.outgoing)))
    noted: list[int] = []
    taken = receipt(channel.send([message], taken=noted.append))
    assert taken.message_id == message.outgoing.message_id
    assert noted == [1]
    assert len(hands.mails("Sent")) == 1


def test_a_mail_of_which_nothing_is_found_is_unconfirmed_and_not_kept(
    channel: Channel, account: MailboxAccount, hands: ImapHands, smtp: Callable[..., FaultyServer]
) -> None:
    noted: list[int] = []
    server = smtp(account, dot=["drop"])
    failure(channel.send([from_mailbox(by(account, server))], taken=noted.append), Unconfirmed)
    assert noted == []
    assert hands.mails("Sent") == []


def test_what_is_in_doubt_is_looked_for_before_it_is_sent_again(
    channel: Channel, account: MailboxAccount, hands: ImapHands, smtp: Callable[..., FaultyServer]
) -> None:
    """The process died after the hand-over, or the look itself found no answer."""
    message = from_mailbox(account)
    first = receipt(channel.send([message]))
    server = smtp(account)
    again = receipt(channel.send([replace(message, account=by(account, server), in_doubt=True)]))
    assert (again.external_id, again.thread_id, again.message_id) == (
        first.external_id,
        first.thread_id,
        first.message_id,
    )
    assert server.connections == 0
    assert len(hands.mails("Sent")) == 1


def test_what_is_in_doubt_and_not_there_is_sent(channel: Channel, account: MailboxAccount, hands: ImapHands) -> None:
    receipt(channel.send([from_mailbox(account, delivery_id=2)]))
    receipt(channel.send([from_mailbox(account, in_doubt=True)]))
    assert len(hands.mails("Sent")) == 2


def test_while_nobody_can_look_nothing_is_sent(
    channel: Channel, account: MailboxAccount, smtp: Callable[..., FaultyServer], door: ImapDoor
) -> None:
    server = smtp(account)
    door.fault("UID SEARCH", "NO [SERVERBUG] no")
    failure(channel.send([from_mailbox(by(at_door(account, door), server), in_doubt=True)]), TemporaryFailure)
    assert server.connections == 0


# Being let in


def test_a_mailbox_that_lets_us_in_no_more_holds_up_nobody_else(channel: Channel, post_office: PostOffice) -> None:
    gone, there = post_office.account(password="old"), post_office.account()
    sent = channel.send([from_mailbox(gone), from_mailbox(there, delivery_id=2)])
    results = {result.delivery_id: result for result in sent}
    assert isinstance(results[2], Receipt)
    assert isinstance(results[1], Failed)
    assert isinstance(results[1].failure, ReconnectNeeded)
    assert not results[1].gateway_down


def test_a_wrong_password_is_tried_once_and_another_at_once(
    channel: Channel, post_office: PostOffice, door: ImapDoor
) -> None:
    account = at_door(post_office.account(password="old"), door)
    results = list(channel.send([from_mailbox(account, delivery_id=n) for n in range(5)]))
    assert all(isinstance(result, Failed) and isinstance(result.failure, ReconnectNeeded) for result in results)
    assert door.count("AUTHENTICATE") == 1
    right = replace(account, credentials={**account.credentials, "password": PASSWORD})
    receipt(channel.send([from_mailbox(right)]))


@pytest.mark.parametrize(
    ("auth", "kind"),
    [("535 5.7.8 no", ReconnectNeeded), ("534 5.7.9 app password", ReconnectNeeded), ("454 4.7.0 later", Withheld)],
)
def test_a_server_that_takes_no_mail_from_us_says_so_in_its_own_way(
    channel: Channel, account: MailboxAccount, smtp: Callable[..., FaultyServer], auth: str, kind: type
) -> None:
    refused = failure(channel.send([from_mailbox(by(account, smtp(account, auth=auth)))]), Withheld)
    assert isinstance(refused, ReconnectNeeded) == (kind is ReconnectNeeded)
    assert refused.reply.startswith(auth[:3])
    assert not refused.gateway_down


def test_a_server_that_is_away_keeps_back_its_own_mail_and_asks_to_be_left_alone(
    channel: Channel, post_office: PostOffice
) -> None:
    away = post_office.account(smtp_port=str(free_port()))
    sent = channel.send(
        [*(from_mailbox(away, delivery_id=n) for n in range(3)), from_mailbox(post_office.account(), delivery_id=3)]
    )
    results = {result.delivery_id: result for result in sent}
    assert isinstance(results[3], Receipt)
    for number in range(3):
        result = results[number]
        assert isinstance(result, Failed)
        assert type(result.failure) is Withheld
        assert 0 < result.failure.wait <= 60


def test_a_refusal_is_told_in_plain_words(channel: Channel, account: MailboxAccount, hands: ImapHands) -> None:
    refused = failure(channel.send([from_mailbox(account, to="nobody@mail.example")]), PermanentFailure)
    assert "says there is no such mailbox" in refused.reason
    assert hands.mails("Sent") == []


def test_nothing_of_a_mail_or_a_secret_is_logged(
    channel: Channel, account: MailboxAccount, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        list(channel.send([from_mailbox(account, to="amara@mail.example", text="A secret.")]))
        list(channel.send([from_mailbox(replace(account, credentials={**account.credentials, "imap_port": "1"}))]))
    signed_in_with = base64.b64encode(f"\0{account.credentials['username']}\0{PASSWORD}".encode()).decode()
    for word in ("secret", "amara", PASSWORD, signed_in_with):
        assert word not in caplog.text
    assert PASSWORD not in repr(from_mailbox(account))


# Without a password


@pytest.fixture
def provider(post_office: PostOffice) -> TokenServer:
    """With nothing wrong, and nothing asked yet."""
    post_office.provider.mend()
    return post_office.provider


@pytest.fixture
def oauth(imap_with: Callable[..., Channel], provider: TokenServer) -> Channel:
    """The channel as it is set up for mailboxes without a password. Each test has settings of its own, so that none has
    another's tokens."""
    return imap_with(
        token_url=f"{provider.token_url}?{next(_NUMBERS)}", client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )


def test_a_mailbox_is_opened_by_a_token_that_is_asked_for_once(
    oauth: Channel, post_office: PostOffice, provider: TokenServer
) -> None:
    account = post_office.account_without_password()
    assert receipts(oauth.send([from_mailbox(account, delivery_id=n) for n in (1, 2)])) == [1, 2]
    assert len(provider.asked) == 1
    assert CLIENT_SECRET not in repr(account) + repr(provider.asked[0]["refresh_token"])


def test_a_token_that_was_taken_back_costs_nothing(
    oauth: Channel, post_office: PostOffice, provider: TokenServer
) -> None:
    account = post_office.account_without_password()
    receipt(oauth.send([from_mailbox(account)]))
    provider.good.clear()
    moved = replace(account, credentials={**account.credentials, "smtp_host": "LOCALHOST"})  # nothing is open there yet
    receipt(oauth.send([from_mailbox(moved, delivery_id=2)]))
    assert len(provider.asked) == 2


def test_what_the_provider_gives_in_its_place_is_used_and_kept(
    oauth: Channel, post_office: PostOffice, provider: TokenServer, mailbox_of: Callable[..., Any]
) -> None:
    provider.renews = True
    account = post_office.account_without_password()
    receipt(oauth.send([from_mailbox(account)]))
    settings = {"token_url": provider.token_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    fresh = post_office.account_without_password()
    mailbox = mailbox_of(fresh, **settings)
    mailbox.label("Hire")
    assert mailbox.account.credentials["refresh_token"] in provider.lasting
    assert mailbox.account != fresh
    again = mailbox_of(mailbox.account, **settings)
    again.label("Hire")
    assert again.account == mailbox.account


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, b'{"error": "invalid_grant"}'), ReconnectNeeded),
        ((401, b'{"error": "invalid_client"}'), TemporaryFailure),
        ((503, b"<html>"), TemporaryFailure),
        ((200, b"[]"), TemporaryFailure),
    ],
)
def test_no_token_means_that_nothing_is_sent(
    oauth: Channel, post_office: PostOffice, provider: TokenServer, answer: tuple[int, bytes], kind: type
) -> None:
    account = post_office.account_without_password()
    provider.answer = answer
    refused = failure(oauth.send([from_mailbox(account)]), kind)
    assert isinstance(refused, ReconnectNeeded) == (kind is ReconnectNeeded)
    assert not refused.gateway_down
    with at_work(post_office.dovecot, account.address) as hands:
        assert hands.mails("Sent") == []
