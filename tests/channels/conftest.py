from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from candidly.channels.contract import Channel, OpenMailbox
from candidly.channels.imap.settings import ImapSettings
from candidly.channels.registry import open_channel, open_mailboxes
from candidly.channels.sms.settings import SmsSettings
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import MailboxAccount
from tests.peers.certificates import Certificate
from tests.peers.emulator import ACCOUNT, NUMBER, TOKEN
from tests.peers.fixtures import (
    bare_office,
    dovecot,
    faulty_provider,
    faulty_server,
    google,
    google_peer,
    imap_door,
    peers,
    plain_dovecot,
    post_office,
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
    "bare_office",
    "dovecot",
    "faulty_provider",
    "faulty_server",
    "google",
    "google_peer",
    "imap_door",
    "peers",
    "plain_dovecot",
    "post_office",
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


@pytest.fixture
def imap_settings(tls_certificate: Certificate) -> ImapSettings:
    return ImapSettings(ca_file=str(tls_certificate.certificate), timeout=20, patience=0.1)


@pytest.fixture
def imap_with(imap_settings: ImapSettings) -> Iterator[Callable[..., Channel]]:
    """Opens the IMAP channel, with further ImapSettings as they are given."""
    opened: list[Channel] = []

    def open_with(**settings: Any) -> Channel:
        opened.append(open_channel("imap", replace(imap_settings, **settings)))
        return opened[-1]

    yield open_with
    for channel in opened:
        channel.close()


@pytest.fixture
def mailbox_of(imap_settings: ImapSettings) -> Iterator[Callable[..., OpenMailbox]]:
    """Opens a mailbox to be read by IMAP, with further ImapSettings as they are given."""
    with ExitStack() as opened:

        def open_it(account: MailboxAccount, **settings: Any) -> OpenMailbox:
            mailboxes = open_mailboxes("imap", replace(imap_settings, **settings))
            opened.callback(mailboxes.close)
            return opened.enter_context(mailboxes.open(account))

        yield open_it
