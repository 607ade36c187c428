"""A real Postfix in front of the listener: what it retries, what it bounces, and how our channel speaks to it."""

from collections.abc import Callable, Sequence

import pytest

from candidly.channels.contract import Channel
from candidly.channels.smtp.listener import Listener, ReceivedMail
from candidly.envelope import Receipt
from tests.channels.outgoing import mail, mails, receipts, the_one
from tests.peers.processes import wait_until
from tests.peers.relay import Relay
from tests.peers.sink import Sink

REPLY_DOMAIN = "reply.hub.test"
TOKEN = f"r.abc234@{REPLY_DOMAIN}"

type StartRelay = Callable[[str, int, int], Relay]


@pytest.mark.timeout(180)
def test_postfix_retries_what_could_not_be_kept_bounces_what_is_unknown_and_relays_the_rest(
    smtp_sink: Callable[..., Sink], postfix_relay: StartRelay, channel_to: Callable[..., Channel]
) -> None:
    asked: list[str] = []
    kept: list[ReceivedMail] = []

    def keep(received: Sequence[ReceivedMail]) -> list[bool]:
        asked.extend(recipient for each in received for recipient in each.recipients)
        if len(asked) == 1:
            raise ConnectionError("the database is away")
        kept.extend(received)
        return [True for _ in received]

    def accepts(addresses: Sequence[str]) -> list[bool]:
        return [address == TOKEN for address in addresses]

    listener = Listener("127.0.0.1", 0, keep=keep, accepts=accepts)
    listener.start()
    try:
        capture = smtp_sink()
        relay = postfix_relay(REPLY_DOMAIN, listener.port, capture.port)
        channel = channel_to(relay)

        receipt = the_one(channel.send([mail(TOKEN)]))
        assert isinstance(receipt, Receipt)
        assert receipt.external_id
        wait_until(lambda: bool(kept), "Postfix has tried again", 60)
        assert "451 4.3.0" in relay.log()
        assert asked == [TOKEN, TOKEN]

        assert isinstance(the_one(channel.send([mail(f"r.nobody@{REPLY_DOMAIN}")])), Receipt)
        wait_until(lambda: bool(capture.mails()), "Postfix has sent a bounce", 60)
        (bounce,) = capture.mails()
        assert bounce.get_content_type() == "multipart/report"
        assert "5.1.1" in bounce.as_string()
        assert capture.recipients() == ["hannah@northlane.example"]

        assert len(receipts(channel.send(mails(20, domains=5)))) == 20
        wait_until(lambda: len(capture.mails()) == 21, "Postfix has relayed the rest", 60)
        assert len(kept) == 1
        assert kept[0].envelope_from == "hannah@northlane.example"
        assert b"Message-ID: <1@northlane.example>" in kept[0].raw
    finally:
        listener.stop()
