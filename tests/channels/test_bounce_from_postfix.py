"""A real Postfix that cannot deliver a mail of ours, and sends it back to the return path that it came with."""

from collections.abc import Callable

import pytest

from candidly.actions import conversations, outgoing
from candidly.channels.contract import Channel
from candidly.envelope import Receipt
from candidly.models import Delivery, InboundMail, Member, Person, Suppression
from tests.channels.outgoing import the_one
from tests.peers.processes import wait_until
from tests.peers.relay import Relay
from tests.peers.sink import Sink
from tests.support.door import open_door, read_all


@pytest.mark.timeout(180)
@pytest.mark.django_db(transaction=True)
def test_what_postfix_sends_back_bounces_the_delivery_and_suppresses_the_address(
    smtp_sink: Callable[..., Sink],
    postfix_relay: Callable[[str, int, int], Relay],
    channel_to: Callable[..., Channel],
    hannah: Member,
    amara: Person,
) -> None:
    delivery = conversations.start(hannah, amara, subject="Interview", text="Tuesday?").deliveries.get()
    Delivery.objects.update(state="sent")
    elsewhere = smtp_sink("-f", "rcpt", "-B", "550 5.1.1 no such user here")
    with open_door() as listener:
        relay = postfix_relay("reply.candidly.localhost", listener.port, elsewhere.port)
        assert isinstance(the_one(channel_to(relay).send(outgoing.build([delivery.pk]))), Receipt)
        wait_until(InboundMail.objects.exists, "the bounce came in", 60)
        read_all()
    bounced = Delivery.objects.get(pk=delivery.pk)
    assert (bounced.state, bounced.is_soft_bounce) == ("bounced", False)
    assert bounced.reason == "The mail server of mail.example says there is no such mailbox. Check the address."
    assert "no such user here" in bounced.reply
    assert Suppression.objects.get().address == "amara@mail.example"
