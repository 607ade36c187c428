"""What the provider's answers mean, against the emulator and against one that misbehaves."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from candidly.channels.contract import Channel
from candidly.channels.sms.errors import REASONS
from candidly.envelope import Failed, PermanentFailure, Receipt, TemporaryFailure, Unconfirmed
from tests.channels.outgoing import failure, receipts, text, the_one
from tests.peers.emulator import NUMBER, Emulator
from tests.peers.provider import FaultyProvider
from tests.support.ports import free_port

type TextsTo = Callable[..., Channel]


def test_a_text_arrives_as_it_was_written(twilio: Emulator, texts_to: TextsTo) -> None:
    words = "Zażółć gęślą jaźń & see you at 9 + 1 = 10 👍\nhttps://us.example/p/x/"
    taken = the_one(texts_to(twilio.url).send([text("+447700900555", text=words)]))
    assert isinstance(taken, Receipt)
    (there,) = [message for message in twilio.messages() if message["sid"] == taken.external_id]
    assert (there["to"], there["from"], there["body"]) == ("+447700900555", NUMBER, words)


def test_a_text_may_name_its_own_sender(twilio: Emulator, texts_to: TextsTo) -> None:
    refused = failure(texts_to(twilio.url).send([text(sender="+15550000001")]), PermanentFailure)
    assert refused.reason == REASONS[21606]
    assert refused.reply.startswith("400 21606: ")


def test_a_wrong_token_stops_everything_and_costs_no_attempt(twilio: Emulator, texts_to: TextsTo) -> None:
    results = list(texts_to(twilio.url, token="wrong").send([text(delivery_id=n) for n in range(1, 20)]))
    assert len(results) == 19
    for result in results:
        assert isinstance(result, Failed)
        assert result.gateway_down
        assert "CANDIDLY_SMS_TOKEN" in result.failure.reason


def test_the_status_address_names_our_delivery(
    faulty_provider: Callable[..., FaultyProvider], texts_to: TextsTo
) -> None:
    provider = faulty_provider()
    list(texts_to(provider.url).send([text(delivery_id=77)]))
    assert provider.asked[0]["StatusCallback"] == "https://us.example/status/?delivery=77"


@pytest.mark.parametrize("code", [21211, 21214, 21408, 21610, 21612, 21614, 21617])
def test_a_refusal_is_told_in_plain_words(
    faulty_provider: Callable[..., FaultyProvider], texts_to: TextsTo, code: int
) -> None:
    refused = failure(texts_to(faulty_provider(status=400, code=code).url).send([text()]), PermanentFailure)
    assert refused.reason == REASONS[code]
    assert str(code) not in refused.reason
    assert str(code) in refused.reply


@pytest.mark.parametrize(
    ("answer", "kind", "down"),
    [
        ({"status": 400, "code": 29999}, PermanentFailure, False),
        ({"status": 429, "code": 20429}, TemporaryFailure, False),
        ({"status": 400, "code": 21611}, TemporaryFailure, False),
        ({"status": 500, "code": 20500}, TemporaryFailure, False),
        ({"status": 503, "body": "<html>Unavailable</html>"}, TemporaryFailure, False),
        ({"status": 504, "body": "<html>Gateway time-out</html>"}, Unconfirmed, False),
        ({"status": 401, "code": 20003}, TemporaryFailure, True),
        ({"status": 403, "code": 20005}, TemporaryFailure, True),
        ({"status": 404, "code": 20404}, TemporaryFailure, True),
        ({"status": 201, "body": "<html>Welcome to our network</html>"}, Unconfirmed, False),
        ({"status": 201, "body": "{}"}, Unconfirmed, False),
        ({"status": 400, "body": '"nothing"'}, PermanentFailure, False),
        ({"status": 0}, Unconfirmed, False),
    ],
)
def test_each_answer_has_one_meaning(
    faulty_provider: Callable[..., FaultyProvider],
    texts_to: TextsTo,
    answer: dict[str, object],
    kind: type,
    down: bool,
) -> None:
    (result,) = texts_to(faulty_provider(**answer).url).send([text()])
    assert isinstance(result, Failed)
    assert isinstance(result.failure, kind), repr(result.failure)
    assert result.gateway_down is down


def test_a_name_that_leads_nowhere_is_a_gateway_that_is_down(texts_to: TextsTo) -> None:
    for url in ("http://nowhere.invalid", f"https://127.0.0.1:{free_port()}"):
        assert failure(texts_to(url).send([text()]), TemporaryFailure).gateway_down


def test_no_answer_in_time_is_unconfirmed(texts_to: TextsTo, silent_port: int) -> None:
    failure(texts_to(f"http://127.0.0.1:{silent_port}", timeout=0.2).send([text()]), Unconfirmed)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_connections_stay_open(faulty_provider: Callable[..., FaultyProvider], texts_to: TextsTo) -> None:
    provider = faulty_provider()
    channel = texts_to(provider.url, connections=3)
    for _ in range(3):
        assert receipts(channel.send([text(delivery_id=n) for n in range(1, 11)])) == list(range(1, 11))
    assert len(provider.asked) == 30
    assert len(provider.connections) <= 3


def test_several_are_under_way_at_once(faulty_provider: Callable[..., FaultyProvider], texts_to: TextsTo) -> None:
    """Each `taken` waits for the others: with one at a time none would ever return."""
    together = threading.Barrier(4, timeout=20)
    channel = texts_to(faulty_provider().url, connections=4)
    four = [text(delivery_id=n) for n in range(1, 5)]
    assert receipts(channel.send(four, taken=lambda _: meet(together))) == [1, 2, 3, 4]


def meet(others: threading.Barrier) -> None:
    others.wait()


def test_nothing_of_a_text_is_logged(twilio: Emulator, texts_to: TextsTo, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        list(texts_to(twilio.url).send([text("+447700900556", text="A secret.")]))
    assert "secret" not in caplog.text
    assert "447700900556" not in caplog.text
