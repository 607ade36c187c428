from collections.abc import Callable, Iterator
from typing import Any

import pytest

from candidly.channels.contract import Channel
from candidly.channels.registry import open_channel
from candidly.channels.sms.settings import SmsSettings
from candidly.channels.smtp.settings import RelaySettings
from tests.peers.emulator import ACCOUNT, NUMBER, TOKEN
from tests.peers.fixtures import (
    faulty_provider,
    faulty_server,
    google,
    google_peer,
    peers,
    postfix_relay,
    smtp_sink,
    tls_certificate,
    twilio,
    world,
    worlds,
)
from tests.peers.google import Google
from tests.peers.processes import Peer

__all__ = [
    "faulty_provider",
    "faulty_server",
    "google",
    "google_peer",
    "peers",
    "postfix_relay",
    "smtp_sink",
    "tls_certificate",
    "twilio",
    "world",
    "worlds",
]


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


@pytest.fixture
def gmail_with(google: Google) -> Iterator[Callable[..., Channel]]:
    """Opens the Gmail channel to the stand-in for Google, with further GmailSettings as they are given."""
    opened: list[Channel] = []

    def open_with(**settings: Any) -> Channel:
        channel = open_channel("gmail", google.settings(**{"units_per_minute": 100_000, **settings}))
        opened.append(channel)
        return channel

    yield open_with
    for channel in opened:
        channel.close()


@pytest.fixture
def texts_to() -> Iterator[Callable[..., Channel]]:
    """Opens the SMS channel to a provider's address, with further SmsSettings as they are given."""
    opened: list[Channel] = []

    def open_to(url: str, **settings: Any) -> Channel:
        chosen = {"account": ACCOUNT, "token": TOKEN, "number": NUMBER, "status_url": "https://us.example/status/"}
        channel = open_channel("sms", SmsSettings(**{**chosen, "api_url": url, **settings}))
        opened.append(channel)
        return channel

    yield open_to
    for channel in opened:
        channel.close()
