from collections.abc import Callable, Iterator
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.channels.registry import open_channel
from candidly.channels.smtp.settings import RelaySettings
from tests.peers.fixtures import faulty_server, peers, postfix_relay, smtp_sink, tls_certificate
from tests.peers.processes import Peer

__all__ = ["faulty_server", "peers", "postfix_relay", "smtp_sink", "tls_certificate"]


@pytest.fixture
def channel_to() -> Iterator[Callable[..., Channel]]:
    """Opens the SMTP channel to a peer, with further RelaySettings as they are given."""
    opened: list[Channel] = []

    def open_to(peer: Peer, **settings: Any) -> Channel:
        chosen = {"host": peer.host, "port": peer.port, "timeout": 20.0, **settings}
        channel = open_channel("smtp", RelaySettings(**chosen))
        opened.append(channel)
        return channel

    yield open_to
    for channel in opened:
        channel.close()
