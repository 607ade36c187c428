"""What becomes of one mail, whatever the gateway does at each step."""

from collections.abc import Callable
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.envelope import PermanentFailure, Receipt, TemporaryFailure, Unconfirmed
from tests.channels.outgoing import failure, mail, mails, receipts, the_one
from tests.peers.faulty import FaultyServer
from tests.peers.sink import Sink

type Open = Callable[..., Channel]
type Start = Callable[..., FaultyServer]
type StartSink = Callable[..., Sink]


def test_a_mail_arrives_as_it_was_composed(smtp_sink: StartSink, channel_to: Open) -> None:
    sink = smtp_sink()
    receipt = the_one(channel_to(sink).send([mail("amara@mail.example", return_path="bounces@northlane.example")]))
    assert isinstance(receipt, Receipt)
    (kept,) = sink.mails()
    assert sink.recipients() == ["amara@mail.example"]
    assert str(kept["X-Mail-Args"]).startswith("<bounces@northlane.example>")
    assert kept["Message-ID"] == "<1@northlane.example>"
    body = kept.get_body()
    assert body is not None
    assert ".a line with a leading dot" in body.get_content().splitlines()


@pytest.mark.parametrize("pipelining", [True, False])
def test_content_keeps_its_leading_dots_and_its_end(faulty_server: Start, channel_to: Open, pipelining: bool) -> None:
    server = faulty_server(pipelining=pipelining)
    assert isinstance(the_one(channel_to(server).send([mail(text="a\n.\n..\n.b")])), Receipt)
    (taken,) = server.mails
    assert b"\r\na\r\n.\r\n..\r\n.b\r\n" in taken.raw.replace(b"=2E", b".")


def test_the_receipt_carries_the_gateways_name_for_the_mail(faulty_server: Start, channel_to: Open) -> None:
    receipt = the_one(channel_to(faulty_server(dot="250 2.0.0 Ok: queued as 4FQ7Zx1")).send([mail()]))
    assert receipt == Receipt(1, "4FQ7Zx1", "250 2.0.0 Ok: queued as 4FQ7Zx1")


def test_an_international_domain_goes_in_its_ascii_form(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server()
    assert isinstance(the_one(channel_to(server).send([mail("kwame@bücher.example")])), Receipt)
    assert server.mails[0].recipients == ("kwame@xn--bcher-kva.example",)


@pytest.mark.parametrize(
    ("options", "kind", "reply"),
    [
        (["-r", "mail"], TemporaryFailure, "450 4.3.0"),
        (["-r", "rcpt"], TemporaryFailure, "450 4.3.0"),
        (["-r", "data"], TemporaryFailure, "450 4.3.0"),
        (["-r", "."], TemporaryFailure, "450 4.3.0"),
        (["-b", "451 4.7.1 greylisted", "-r", "rcpt"], TemporaryFailure, "451 4.7.1 greylisted"),
        (["-f", "mail"], PermanentFailure, "500 5.3.0"),
        (["-f", "rcpt"], PermanentFailure, "500 5.3.0"),
        (["-f", "data"], PermanentFailure, "500 5.3.0"),
        (["-f", "."], PermanentFailure, "500 5.3.0"),
        (["-B", "550 5.1.1 no such user", "-f", "rcpt"], PermanentFailure, "550 5.1.1 no such user"),
        (["-q", "mail"], TemporaryFailure, ""),
        (["-q", "rcpt"], TemporaryFailure, ""),
        (["-q", "data"], TemporaryFailure, ""),
        (["-q", "."], Unconfirmed, ""),
        (["-Q", "mail"], TemporaryFailure, "421"),
        (["-Q", "rcpt"], TemporaryFailure, "421"),
        (["-Q", "data"], TemporaryFailure, "421"),
        (["-Q", "."], TemporaryFailure, "421"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_each_fault_of_a_real_server_has_one_outcome(
    smtp_sink: StartSink, channel_to: Open, options: list[str], kind: type, reply: str
) -> None:
    failed = failure(channel_to(smtp_sink(*options)).send([mail()]), kind)
    assert failed.reply.startswith(reply)
    assert not getattr(failed, "gateway_down", False)


@pytest.mark.parametrize("option", [["-p"], ["-e"], ["-w", "1"]], ids=["no pipelining", "no ESMTP", "slow"])
def test_a_plain_or_slow_server_gets_its_mail(smtp_sink: StartSink, channel_to: Open, option: list[str]) -> None:
    sink = smtp_sink(*option)
    assert receipts(channel_to(sink).send(mails(3))) == [1, 2, 3]
    assert len(sink.mails()) == 3


def test_a_server_that_aborts_within_the_content_never_counts_as_taken(smtp_sink: StartSink, channel_to: Open) -> None:
    sink = smtp_sink("-A", "0")
    result = the_one(channel_to(sink).send([mail(text="a long letter\n" * 100_000)]))
    assert not isinstance(result, Receipt)
    assert not isinstance(result.failure, Unconfirmed)  # type: ignore[union-attr]


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "lock-step"])
@pytest.mark.parametrize(
    ("step", "action", "kind"),
    [
        ("mail", "drop", TemporaryFailure),
        ("mail", "hang", TemporaryFailure),
        ("mail", "garbage", TemporaryFailure),
        ("mail", "451 4.1.8 not now", TemporaryFailure),
        ("mail", "553 5.1.8 no", PermanentFailure),
        ("rcpt", "drop", TemporaryFailure),
        ("rcpt", "hang", TemporaryFailure),
        ("rcpt", "garbage", TemporaryFailure),
        ("rcpt", "421 4.3.2 going down", TemporaryFailure),
        ("rcpt", "354 what", TemporaryFailure),
        ("data", "drop", TemporaryFailure),
        ("data", "hang", TemporaryFailure),
        ("data", "garbage", TemporaryFailure),
        ("data", "554 5.7.1 no", PermanentFailure),
        ("content", "drop", TemporaryFailure),
        ("dot", "drop", Unconfirmed),
        ("dot", "hang", Unconfirmed),
        ("dot", "garbage", Unconfirmed),
        ("dot", "354 go on", Unconfirmed),
        ("dot", "421 4.3.2 going down", TemporaryFailure),
        ("dot", "452 4.3.1 disk full", TemporaryFailure),
        ("dot", "554 5.7.1 spam", PermanentFailure),
    ],
)
def test_each_step_has_one_outcome_and_the_next_mail_goes(
    faulty_server: Start, channel_to: Open, *, pipelining: bool, step: str, action: str, kind: type
) -> None:
    server = faulty_server(pipelining=pipelining, **{step: [action]})
    # A large mail for the step within the content: the server is gone before all of it has left.
    text = "a long letter\n" * (2_000_000 if step == "content" else 1)
    channel = channel_to(server, connections=1, timeout=1.5 if action == "hang" else 20, acceptance_timeout=1.5)
    failed = failure(channel.send([mail(text=text)]), kind)
    assert failed.reason.endswith(".")
    assert server.mails == []
    assert isinstance(the_one(channel.send([mail()])), Receipt)
    assert len(server.mails) == 1


def test_a_go_ahead_after_a_refused_recipient_gets_a_lone_dot(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(rcpt=["550 5.1.1 no such user"], data=["354 go ahead all the same"])
    channel = channel_to(server, connections=1)
    assert failure(channel.send([mail()]), PermanentFailure).reply == "550 5.1.1 no such user"
    assert isinstance(the_one(channel.send([mail("kwame@mail.example")])), Receipt)
    assert [taken.recipients for taken in server.mails] == [("kwame@mail.example",)]
    assert server.connections == 1


def test_a_refused_envelope_is_reset(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(pipelining=False, rcpt=["550 5.1.1 no such user"])
    assert receipts(channel_to(server, connections=1).send(mails(3))) == [2, 3]
    assert server.verbs.count("RSET") == 1
    assert server.connections == 1


@pytest.mark.parametrize("reset", ["drop", "hang", "500 what?", "421 enough"])
def test_a_failing_reset_costs_the_connection_and_no_mail(faulty_server: Start, channel_to: Open, reset: str) -> None:
    server = faulty_server(rcpt=["550 5.1.1 no such user"], rset=reset)
    assert receipts(channel_to(server, connections=1, timeout=1.5).send(mails(3))) == [2, 3]
    assert server.connections == 2


def test_a_mail_larger_than_the_server_announces_is_not_sent(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(features=["SIZE 5000"])
    failed = failure(channel_to(server).send([mail(text="much to say\n" * 1000)]), PermanentFailure)
    assert "takes at most 5,000. Send a smaller attachment." in failed.reason
    assert "MAIL" not in server.verbs


def test_a_server_that_wants_a_sign_in_holds_all_mail_and_refuses_none(faulty_server: Start, channel_to: Open) -> None:
    results: list[Any] = list(channel_to(faulty_server(login=("hub", "secret"))).send(mails(20)))
    assert all(result.gateway_down and "user name" in result.failure.reason for result in results)
