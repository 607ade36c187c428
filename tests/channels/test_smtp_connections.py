"""How connections are opened, kept, shared out and given up."""

import itertools
from collections.abc import Callable, Iterator
from threading import Timer
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.envelope import Failed, Outgoing, Receipt, TemporaryFailure, Unconfirmed
from tests.channels.outgoing import failure, mail, mails, receipts, the_one
from tests.peers.faulty import FaultyServer
from tests.peers.processes import Place
from tests.peers.sink import smtp_sink_running
from tests.support.ports import free_port

type Open = Callable[..., Channel]
type Start = Callable[..., FaultyServer]


def test_a_connection_serves_mail_after_mail_and_batch_after_batch(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server()
    channel = channel_to(server, connections=1)
    for _ in range(3):
        assert len(receipts(channel.send(mails(20)))) == 20
    assert server.connections == 1
    assert len(server.mails) == 60


def test_no_more_connections_are_open_than_allowed(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(dot="slow")
    assert len(receipts(channel_to(server, connections=3).send(mails(30, domains=10)))) == 30
    assert server.connections == 3


def test_no_domain_ever_gets_more_at_once_than_allowed(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(dot="slow")
    batch = [*mails(20), mail("kwame@elsewhere.example", delivery_id=21)]
    taken = list(channel_to(server, connections=6, domain_connections=2).send(batch))
    assert receipts(taken) == list(range(1, 22))
    assert server.peak["mail0.example"] == 2
    assert [result.delivery_id for result in taken].index(21) < 6, "one large domain does not hold up the others"


def test_upper_case_makes_no_other_domain(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(dot="slow")
    batch = [mail(f"c{n}@{'MAIL' if n % 2 else 'mail'}.example", delivery_id=n) for n in range(8)]
    assert len(receipts(channel_to(server, domain_connections=1).send(batch))) == 8
    assert server.peak == {"mail.example": 1}


def test_a_connection_is_renewed_after_its_share_of_mails(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server()
    channel = channel_to(server, connections=1, messages_per_connection=10)
    assert len(receipts(channel.send(mails(25)))) == 25
    assert server.connections == 3
    assert server.verbs.count("QUIT") == 2


@pytest.mark.parametrize("action", ["drop", "hang", "garbage"])
def test_a_connection_that_breaks_leaves_at_most_one_mail_in_doubt(
    faulty_server: Start, channel_to: Open, action: str
) -> None:
    """Although the envelope of the next mail was said behind its content."""
    server = faulty_server(dot=["ok", "ok", action])
    results = list(channel_to(server, connections=1, acceptance_timeout=1.5).send(mails(9)))
    uncertain = [result.delivery_id for result in results if isinstance(result, Failed)]
    assert [type(result.failure) for result in results if isinstance(result, Failed)] == [Unconfirmed]
    assert receipts(results) == [n for n in range(1, 10) if n not in uncertain]
    assert len(server.mails) == 8
    assert server.connections == 2


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("action", ["drop", "421 4.4.2 enough for now", "garbage"])
def test_a_mail_whose_envelope_met_a_broken_connection_goes_over_another(
    faulty_server: Start, channel_to: Open, step: str, action: str
) -> None:
    server = faulty_server(**{step: ["ok", "ok", action]})
    assert receipts(channel_to(server, connections=1).send(mails(5))) == [1, 2, 3, 4, 5]
    assert server.connections == 2


def test_a_mail_that_breaks_every_connection_fails_alone(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(rcpt=["ok", "ok", "drop", "drop"])
    results = list(channel_to(server, connections=1).send(mails(5)))
    assert [result.delivery_id for result in results if isinstance(result, Failed)] == [3]
    assert receipts(results) == [1, 2, 4, 5]
    assert server.connections == 3


def test_a_message_that_cannot_be_prepared_by_our_own_fault_fails_alone(
    faulty_server: Start, channel_to: Open, caplog: pytest.LogCaptureFixture
) -> None:
    broken = mail(delivery_id=7, date="not a date")
    results = list(channel_to(faulty_server(), connections=1).send([*mails(2), broken]))
    assert receipts(results) == [1, 2]
    failed = failure([result for result in results if result.delivery_id == 7], TemporaryFailure)
    assert "Nothing was sent" in failed.reason
    assert "delivery 7 broke off with" in caplog.text
    assert "not a date" not in caplog.text


def test_a_batch_is_read_as_it_is_sent_and_not_all_before(faulty_server: Start, channel_to: Open) -> None:
    read: list[int] = []

    def endless() -> Iterator[Outgoing]:
        for number in itertools.count(1):
            read.append(number)
            yield mail(f"c{number}@mail{number % 9}.example", delivery_id=number)

    on_its_way: Any = channel_to(faulty_server()).send(endless())
    taken = [next(on_its_way).delivery_id for _ in range(700)]
    on_its_way.close()
    assert len(set(taken)) == 700
    assert len(read) <= 700 + 2000


def test_a_batch_that_fails_itself_ends_what_was_begun(faulty_server: Start, channel_to: Open) -> None:
    def failing() -> Iterator[Outgoing]:
        yield from mails(120)
        raise ConnectionError("the database is away")

    server = faulty_server()
    channel = channel_to(server)
    with pytest.raises(ConnectionError):
        list(channel.send(failing()))
    handed_over = len(server.mails)
    assert receipts(channel.send(mails(3))) == [1, 2, 3]
    assert len(server.mails) == handed_over + 3


def test_what_is_taken_is_told_at_once_and_only_that(faulty_server: Start, channel_to: Open) -> None:
    told: list[int] = []
    results = channel_to(faulty_server(dot=["ok", "554 no"]), connections=1).send(mails(5), taken=told.append)
    assert receipts(results) == sorted(told) == [1, 3, 4, 5]


def test_a_connection_that_the_server_closed_while_idle_is_replaced_silently(
    faulty_server: Start, channel_to: Open
) -> None:
    server = faulty_server()
    channel = channel_to(server, connections=2)
    assert len(receipts(channel.send(mails(4, domains=4)))) == 4
    server.hang_up_on_all()
    assert len(receipts(channel.send(mails(4, domains=4)))) == 4


def test_a_421_for_idleness_is_followed_by_a_silent_new_connection(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(mail=["ok", "421 4.4.2 timeout exceeded"])
    channel = channel_to(server, connections=1)
    assert receipts(channel.send(mails(2))) == [1, 2]
    assert server.connections == 2


def test_a_gateway_that_is_down_is_tried_once_and_holds_all(channel_to: Open, faulty_server: Start) -> None:
    server = faulty_server(greeting="554 5.3.2 closed for repair")
    results = list(channel_to(server).send(mails(100, domains=10)))
    assert len(results) == 100
    assert all(isinstance(result, Failed) and result.gateway_down for result in results)
    assert server.connections == 1


def test_a_gateway_that_goes_down_on_the_way_is_not_hammered(faulty_server: Start, channel_to: Open) -> None:
    greeting = ["220 hello"] * 4 + ["421 4.3.2 shutting down"] * 1000
    server = faulty_server(greeting=greeting, dot=["ok"] * 6 + ["421 4.3.2 shutting down"] * 1000)
    results = list(channel_to(server, connections=4).send(mails(200, domains=50)))
    assert len(results) == 200
    assert receipts(results)
    assert server.connections <= 8


def test_a_gateway_that_grants_fewer_connections_gets_all_mail_over_those(
    faulty_server: Start, channel_to: Open
) -> None:
    server = faulty_server(greeting=["220 hello", "220 hello", *["421 4.7.0 too many connections"] * 1000])
    assert len(receipts(channel_to(server, connections=4).send(mails(40, domains=10)))) == 40


def test_mail_flows_again_when_the_gateway_is_back(channel_to: Open) -> None:
    port = free_port()
    channel = channel_to(Place("127.0.0.1", port))
    assert failure(channel.send([mail()]), TemporaryFailure).gateway_down
    with smtp_sink_running(port=port) as sink:
        assert isinstance(the_one(channel.send([mail()])), Receipt)
        assert len(sink.mails()) == 1
    with smtp_sink_running("-r", "rcpt", port=port):
        failure(channel.send([mail()]), TemporaryFailure)
    with smtp_sink_running(port=port):
        assert isinstance(the_one(channel.send([mail()])), Receipt)


def test_stopping_lets_mails_under_way_finish(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(dot="slow")
    channel = channel_to(server)
    Timer(0.15, channel.stop).start()
    results = list(channel.send(mails(100)))
    assert len(results) == 100
    assert not [result for result in results if isinstance(result, Failed)]
    assert len(receipts(results)) == len(server.mails)


@pytest.mark.parametrize("name", ["connections", "domain_connections", "messages_per_connection", "timeout"])
def test_settings_with_which_no_mail_could_go_are_refused(channel_to: Open, name: str) -> None:
    with pytest.raises(ValueError, match=f"“{name}” is 0. Set it to 1 or more."):
        channel_to(Place("127.0.0.1", 25), **{name: 0})


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("127.0.0.1", "Nothing answers at 127.0.0.1:"),
        ("no-such-host.invalid", "could not be found. Check the host name"),
        ("bad..name", "plain ASCII letters"),
    ],
)
def test_a_gateway_that_is_not_there_is_explained(channel_to: Open, host: str, sentence: str) -> None:
    failed = failure(channel_to(Place(host, free_port())).send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert sentence in failed.reason


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [
        ("drop", "broke the connection off, or did not answer in time"),
        ("hang", "broke the connection off, or did not answer in time"),
        ("garbage", "does not want to talk to us"),
        ("554 5.7.1 your address is listed", "does not want to talk to us"),
    ],
)
def test_a_gateway_that_does_not_greet_is_explained(
    faulty_server: Start, channel_to: Open, greeting: str, sentence: str
) -> None:
    server = faulty_server(greeting=greeting)
    failed = failure(channel_to(server, timeout=1.0).send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert sentence in failed.reason
    assert f"localhost:{server.port}" in failed.reason
