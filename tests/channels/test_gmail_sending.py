"""Mail out through its sender's own Gmail mailbox."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.channels.gmail import oauth
from candidly.channels.registry import open_channel, open_mailboxes
from candidly.envelope import (
    Failed,
    File,
    PermanentFailure,
    Receipt,
    ReconnectNeeded,
    TemporaryFailure,
    Unconfirmed,
    Withheld,
)
from tests.channels.outgoing import failure, from_mailbox, receipts, the_one
from tests.peers.faulty_google import SEND, TOKEN
from tests.peers.gmail_world import AMARA, HANNAH, World
from tests.peers.google import Google
from tests.peers.hands import letter

MARK = "X-Candidly-Message-ID"


@pytest.fixture
def channel(gmail_with: Callable[..., Channel]) -> Channel:
    """To the stand-in that has labels and a history, by the door that misbehaves as it is told."""
    return gmail_with()


@pytest.fixture
def delivering(world: World) -> Iterator[Channel]:
    """To the stand-in that delivers."""
    channel = open_channel("gmail", world.settings())
    yield channel
    channel.close()


def receipt(results: Any) -> Receipt:
    result = the_one(results)
    assert isinstance(result, Receipt), result
    return result


# It goes, and is there


def test_a_mail_is_in_the_senders_sent_mail_as_it_was_written(channel: Channel, google: Google) -> None:
    account = google.account()
    words = "Zażółć gęślą jaźń 👍\n.a line with a leading dot\n"
    file = File("plan.txt", "text/plain", b"Monday")
    message = from_mailbox(account, text=words, html=f"<p>{words}</p>", subject="Twoja aplikacja ✓", files=(file,))
    taken = receipt(channel.send([message]))
    hands = google.hands(account)
    assert hands.ids("SENT") == [taken.external_id]
    sent = hands.mail(taken.external_id)
    assert sent["From"] == f"Hannah Whitlock <{account.address}>"
    assert sent["Subject"] == "Twoja aplikacja ✓"
    assert sent.get_body(("plain",)).get_content().split() == words.split()  # type: ignore[union-attr]
    assert [part.get_filename() for part in sent.iter_attachments()] == ["plan.txt"]
    assert sent["Return-Path"] is None


def test_it_arrives_from_the_senders_own_address(delivering: Channel, world: World) -> None:
    receipt(delivering.send([from_mailbox(world.account(), to=AMARA)]))
    (there,) = world.hands(AMARA).mails()
    assert there["From"].addresses[0].addr_spec == HANNAH
    assert there["Subject"] == "Your application"


def test_a_large_mail_goes_by_the_way_for_files(delivering: Channel, world: World) -> None:
    large = File("portfolio.bin", "application/octet-stream", b"\x00\xff" * 2_500_000)
    taken = receipt(delivering.send([from_mailbox(world.account(), to=AMARA, files=(large,))]))
    (there,) = world.hands(AMARA).mails()
    (file,) = there.iter_attachments()
    assert file.get_content() == large.content
    answer = from_mailbox(world.account(), taken.thread_id, to=AMARA, files=(large,), delivery_id=2)
    assert receipt(delivering.send([answer])).thread_id == taken.thread_id


def test_one_mailbox_sends_one_after_the_other_and_several_at_once(channel: Channel, google: Google) -> None:
    """Each `taken` waits for the other mailboxes': with one at a time none would ever return."""
    together = threading.Barrier(4, timeout=20)
    four = [from_mailbox(google.account(), delivery_id=n) for n in range(1, 5)]
    assert receipts(channel.send(four, taken=lambda _: meet(together))) == [1, 2, 3, 4]
    alone, under_way = threading.Lock(), []

    def taken(delivery: int) -> None:
        under_way.append(alone.acquire(blocking=False))
        alone.release()

    account = four[0].account
    assert receipts(channel.send([from_mailbox(account, delivery_id=n) for n in range(5)], taken=taken)) == [*range(5)]
    assert all(under_way)


def meet(others: threading.Barrier) -> None:
    others.wait()


# Trap 6: threads


def test_an_answer_joins_its_thread(delivering: Channel, world: World) -> None:
    first = receipt(delivering.send([from_mailbox(world.account(), to=AMARA)]))
    answer = from_mailbox(
        world.account(),
        first.thread_id,
        to=AMARA,
        subject="Re: Your application",
        in_reply_to=first.message_id,
        references=(first.message_id,),
        delivery_id=2,
    )
    second = receipt(delivering.send([answer]))
    assert second.thread_id == first.thread_id
    newest, oldest = world.hands(AMARA).ids()
    assert world.hands(AMARA).thread_of(newest) == world.hands(AMARA).thread_of(oldest)
    assert world.hands(HANNAH).mail(second.external_id)["References"] == first.message_id


def test_a_mail_without_the_threads_name_begins_one(delivering: Channel, world: World) -> None:
    first, second = (receipt(delivering.send([from_mailbox(world.account(), to=AMARA)])) for _ in range(2))
    assert first.thread_id != second.thread_id


@pytest.mark.parametrize("status", [404, 400])
def test_a_thread_that_its_owner_deleted_holds_up_no_mail(channel: Channel, google: Google, status: int) -> None:
    account = google.account()
    google.door.fault(SEND, status)
    taken = receipt(channel.send([from_mailbox(account, "deleted")]))
    assert google.hands(account).ids("SENT") == [taken.external_id]


# Trap 7: Gmail gives a mail another Message-ID


def test_the_message_id_that_gmail_gave_is_learnt(delivering: Channel, world: World) -> None:
    message = from_mailbox(world.account(), to=AMARA)
    taken = receipt(delivering.send([message]))
    assert taken.message_id != message.outgoing.message_id
    (there,) = world.hands(AMARA).mails()
    assert there["Message-ID"] == taken.message_id


def test_that_it_could_not_be_learnt_costs_no_receipt(channel: Channel, google: Google) -> None:
    google.door.fault(r"GET .*/messages/", 503)
    assert receipt(channel.send([from_mailbox(google.account())])).message_id == ""


# Trap 8: our own copies come back, and say that they are ours


def test_a_sent_copy_says_which_message_it_is(channel: Channel, google: Google) -> None:
    account = google.account()
    message = from_mailbox(account)
    taken = receipt(channel.send([message]))
    mailboxes = open_mailboxes("gmail", google.settings())
    (copy,) = mailboxes.open(account).mails([taken.external_id])
    mailboxes.close()
    assert copy.seen.is_sent
    assert copy.seen.thread_id == taken.thread_id
    assert f"{MARK}: {message.outgoing.message_id}".encode() in copy.raw


# Trap 10: quota


def test_a_mailbox_that_has_sent_enough_for_a_minute_waits_and_no_other_does(
    google: Google, gmail_with: Callable[..., Channel]
) -> None:
    channel = gmail_with(units_per_minute=300)
    busy, quiet = google.account(), google.account()
    mails = [*(from_mailbox(busy, delivery_id=n) for n in range(1, 6)), from_mailbox(quiet, delivery_id=6)]
    results = {result.delivery_id: result for result in channel.send(mails)}
    assert [pk for pk, result in sorted(results.items()) if isinstance(result, Receipt)] == [1, 2, 6]
    for pk in (3, 4, 5):
        result = results[pk]
        assert isinstance(result, Failed)
        assert isinstance(result.failure, Withheld)
        assert 0 < result.failure.wait <= 60
    assert google.hands(busy).ids("SENT").__len__() == 2


@pytest.mark.parametrize(
    ("headers", "message", "least", "most"),
    [
        ({"Retry-After": "120"}, "Too many.", 120, 120),
        ({"Retry-After": "Wed, 21 Oct 2065 07:28:00 GMT"}, "Too many.", 86_400, 86_400),
        ({"Retry-After": "soon"}, "Too many.", 1.6, 2.4),
        ({}, "Too many.", 1.6, 2.4),
        ({}, "User-rate limit exceeded.  Retry after 2065-10-21T07:28:00.000Z", 86_400, 86_400),
    ],
)
def test_too_many_requests_rest_as_long_as_google_wants(
    channel: Channel, google: Google, headers: dict[str, str], message: str, least: float, most: float
) -> None:
    account = google.account()
    google.door.fault(SEND, 429, headers=headers, body={"error": {"code": 429, "message": message}})
    resting = failure(channel.send([from_mailbox(account)]), Withheld)
    assert least <= resting.wait <= most
    assert resting.reply.startswith("429")
    failure(channel.send([from_mailbox(account)]), Withheld)
    assert google.door.count(SEND) == 1
    assert receipts(channel.send([from_mailbox(google.account())])) == [1]


# Trap 11: being let in


def test_a_mailbox_that_lets_us_in_no_more_holds_up_nobody_else(channel: Channel, google: Google) -> None:
    gone, there = google.account(), google.account()
    oauth.revoke(google.settings(), gone.credentials)
    results = {
        result.delivery_id: result for result in channel.send([from_mailbox(gone), from_mailbox(there, delivery_id=2)])
    }
    assert isinstance(results[2], Receipt)
    assert isinstance(results[1], Failed)
    assert isinstance(results[1].failure, ReconnectNeeded)
    assert not results[1].gateway_down


def test_a_token_that_ended_early_costs_nothing(channel: Channel, google: Google) -> None:
    account = google.account()
    google.door.fault(SEND, 401)
    taken = receipt(channel.send([from_mailbox(account)]))
    assert google.hands(account).ids("SENT") == [taken.external_id]


def test_no_token_means_that_the_mail_never_left(channel: Channel, google: Google) -> None:
    google.door.fault(TOKEN, 503)
    refused = failure(channel.send([from_mailbox(google.account())]), TemporaryFailure)
    assert not refused.gateway_down
    google.door.fault(TOKEN)
    failure(channel.send([from_mailbox(google.account())]), TemporaryFailure)
    assert google.door.count(SEND) == 0


# Trap 12: no answer after the hand-over


def test_a_mail_that_was_taken_though_no_answer_came_is_found(channel: Channel, google: Google) -> None:
    account = google.account()
    noted: list[int] = []
    google.door.fault(SEND, passed_on=True)
    taken = receipt(channel.send([from_mailbox(account)], taken=noted.append))
    assert google.hands(account).ids("SENT") == [taken.external_id]
    assert noted == [1]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 302])
def test_a_servers_fault_may_come_after_it_took_the_mail(channel: Channel, google: Google, status: int) -> None:
    account = google.account()
    google.door.fault(SEND, status)
    failure(channel.send([from_mailbox(account)]), Unconfirmed)
    assert google.hands(account).ids("SENT") == []


@pytest.mark.parametrize("body", [{}, [], b"<html>Welcome to our network</html>"])
def test_a_yes_that_is_not_googles_is_no_receipt(channel: Channel, google: Google, body: object) -> None:
    google.door.fault(SEND, 200, body=body)
    failure(channel.send([from_mailbox(google.account())]), Unconfirmed)


def test_no_answer_in_time_is_unconfirmed(google: Google, gmail_with: Callable[..., Channel]) -> None:
    account = google.account()
    receipt(gmail_with(timeout=19.5).send([from_mailbox(account)]))
    google.door.fault(r"GET .*/messages\b")
    google.door.fault(SEND, passed_on=True)
    failure(gmail_with(timeout=19.5).send([from_mailbox(account, delivery_id=2)]), Unconfirmed)


def test_what_is_in_doubt_is_looked_for_before_it_is_sent_again(channel: Channel, google: Google) -> None:
    """The process died after the hand-over, or the look itself found no answer."""
    account = google.account()
    message = from_mailbox(account)
    first = receipt(channel.send([message]))
    google.door.mend()
    again = receipt(channel.send([replace(message, in_doubt=True)]))
    assert (again.external_id, again.thread_id, again.message_id) == (
        first.external_id,
        first.thread_id,
        first.message_id,
    )
    assert google.door.count(SEND) == 0


def test_what_is_in_doubt_and_not_there_is_sent(channel: Channel, google: Google) -> None:
    account = google.account()
    taken = receipt(channel.send([from_mailbox(account, in_doubt=True)]))
    assert google.hands(account).ids("SENT") == [taken.external_id]


def test_a_mail_is_not_taken_for_another_to_the_same_person(channel: Channel, google: Google) -> None:
    """Same recipient, same subject, same words, seconds apart: the mark tells them apart."""
    account = google.account()
    receipt(channel.send([from_mailbox(account)]))
    receipt(channel.send([from_mailbox(account, delivery_id=2, in_doubt=True)]))
    assert len(google.hands(account).ids("SENT")) == 2


@pytest.mark.parametrize(("mark", "is_it"), [("<1@northlane.example>", True), ("<77@northlane.example>", False)])
def test_where_gmail_tells_the_mark_nothing_else_is_read(
    channel: Channel, google: Google, mark: str, is_it: bool
) -> None:
    account = google.account()
    first = receipt(channel.send([from_mailbox(account)]))
    google.door.mend()
    told = [{"name": MARK, "value": mark}, {"name": "Subject", "value": "Your application"}]
    outside = {"id": first.external_id, "threadId": first.thread_id, "payload": {"headers": told}}
    google.door.fault(f"GET .*/messages/{first.external_id}", 200, body=outside)
    again = receipt(channel.send([from_mailbox(account, in_doubt=True)]))
    assert (again.external_id == first.external_id) is is_it
    assert google.door.count("GET .*format=raw") == 0


def test_while_nobody_can_look_nothing_is_sent(channel: Channel, google: Google) -> None:
    google.door.fault(r"GET .*/messages", 503)
    failure(channel.send([from_mailbox(google.account(), in_doubt=True)]), TemporaryFailure)
    assert google.door.count(SEND) == 0


def test_a_gmail_that_keeps_no_mark_is_looked_through_by_words(delivering: Channel, world: World) -> None:
    message = from_mailbox(world.account(), to=AMARA, subject="Zażółć: your offer ✓", text="It is 40 hours.\n\nHannah")
    first = receipt(delivering.send([message]))
    assert receipt(delivering.send([replace(message, in_doubt=True)])).external_id == first.external_id
    other = replace(message, in_doubt=True, outgoing=replace(message.outgoing, text="It is 30 hours.\n\nHannah"))
    assert receipt(delivering.send([other])).external_id != first.external_id
    assert len(world.hands(AMARA).ids()) == 2


def test_a_reply_that_was_lost_on_the_way_is_found_where_mail_is_delivered(delivering: Channel, world: World) -> None:
    world.fault("messages.send", "timeout_after_commit")
    taken = receipt(delivering.send([from_mailbox(world.account(), to=AMARA)]))
    assert world.hands(HANNAH).ids("SENT") == [taken.external_id]
    assert len(world.hands(AMARA).ids()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("rate_limit", Withheld), ("server_error", Unconfirmed), ("transport_error", Unconfirmed)],
)
def test_the_faults_of_the_one_that_delivers(
    delivering: Channel, world: World, fault: str, kind: type[Exception]
) -> None:
    world.fault("messages.send", fault)
    failure(delivering.send([from_mailbox(world.account(), to=AMARA)]), kind)
    assert world.hands(AMARA).ids() == []


# Refusals


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (400, "Invalid To header", "recipient's address is not valid"),
        (413, "Request Entity Too Large", "too large for Gmail"),
        (400, "Something else", "said why in its answer"),
    ],
)
def test_a_refusal_is_told_in_plain_words(
    channel: Channel, google: Google, status: int, message: str, words: str
) -> None:
    google.door.fault(SEND, status, body={"error": {"code": status, "message": message}})
    refused = failure(channel.send([from_mailbox(google.account())]), PermanentFailure)
    assert words in refused.reason
    assert refused.reply == f"{status} {message}"


def test_nothing_of_a_mail_or_a_secret_is_logged(
    channel: Channel, google: Google, caplog: pytest.LogCaptureFixture
) -> None:
    account = google.account()
    with caplog.at_level(logging.INFO):
        google.door.fault(SEND, passed_on=True)
        list(channel.send([from_mailbox(account, to="amara@mail.example", text="A secret.")]))
    for word in ("secret", "amara", account.credentials["refresh_token"]):
        assert word not in caplog.text
    assert account.credentials["refresh_token"] not in repr(from_mailbox(account))


def test_a_mail_from_elsewhere_with_the_same_words_is_not_ours(channel: Channel, google: Google) -> None:
    """Its owner wrote it by hand: it bears no mark, and other words."""
    account = google.account()
    now = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    google.hands(account).write(letter(account.address, "amara@mail.example", "Your application", "Other words", now))
    receipt(channel.send([from_mailbox(account, in_doubt=True)]))
    assert len(google.hands(account).ids("SENT")) == 2
