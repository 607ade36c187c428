"""Real peers as fixtures. A conftest imports those it needs; each is stopped, by its own process id, after the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.peers.certificates import Certificate, make_certificate
from tests.peers.dovecot import Dovecot, dovecot_running
from tests.peers.emulator import Emulator, emulator_running
from tests.peers.faulty import FaultyServer, faulty_server_running
from tests.peers.gmail_world import World, Worlds, worlds_running
from tests.peers.google import Google, google_running
from tests.peers.imap_door import ImapDoor, imap_door_running
from tests.peers.post_office import PostOffice, post_office_running
from tests.peers.provider import FaultyProvider, faulty_provider_running
from tests.peers.relay import Relay, postfix_relay_running
from tests.peers.sink import Sink, smtp_sink_running


@pytest.fixture
def peers() -> Iterator[ExitStack]:
    """Where the factories below register what they start."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def smtp_sink(peers: ExitStack) -> Callable[..., Sink]:
    """Starts smtp-sink with the given options."""
    return lambda *options, port=None: peers.enter_context(smtp_sink_running(*options, port=port))


@pytest.fixture
def postfix_relay(peers: ExitStack) -> Callable[[str, int, int], Relay]:
    """Starts Postfix: (reply domain, our listener's port, the capture server's port)."""
    return lambda domain, listener, capture: peers.enter_context(postfix_relay_running(domain, listener, capture))


@pytest.fixture
def faulty_server(peers: ExitStack) -> Callable[..., FaultyServer]:
    """Starts a FaultyServer with the given script."""

    def start(**script: Any) -> FaultyServer:
        return peers.enter_context(faulty_server_running(FaultyServer(**script)))

    return start


@pytest.fixture
def faulty_provider(peers: ExitStack) -> Callable[..., FaultyProvider]:
    """Starts a FaultyProvider with the given script."""
    return lambda **script: peers.enter_context(faulty_provider_running(**script))


@pytest.fixture(scope="session")
def twilio() -> Iterator[Emulator]:
    """One for all tests, so each looks for its own texts; it calls nobody for texts that come in."""
    with emulator_running() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def google_peer() -> Iterator[Google]:
    """One for all tests, each of which takes mailboxes of its own."""
    with google_running() as running:
        yield running


@pytest.fixture
def google(google_peer: Google) -> Google:
    """With nothing wrong, and nothing asked yet."""
    google_peer.door.mend()
    return google_peer


@pytest.fixture(scope="session")
def worlds() -> Iterator[Worlds]:
    with worlds_running() as running:
        yield running


@pytest.fixture
def world(worlds: Worlds) -> World:
    """Hannah's and Amara's mailboxes at a Gmail that delivers, both empty."""
    return worlds.new()


@pytest.fixture(scope="session")
def post_office(tls_certificate: Certificate) -> Iterator[PostOffice]:
    """One for all tests, each of which takes users of its own."""
    with post_office_running(tls_certificate) as running:
        yield running


@pytest.fixture(scope="session")
def bare_office(post_office: PostOffice) -> Iterator[PostOffice]:
    """One whose mailboxes have an inbox and nothing else."""
    with dovecot_running(post_office.dovecot.certificate, folders="") as running:
        yield replace(post_office, dovecot=running)


@pytest.fixture(scope="session")
def dovecot(tls_certificate: Certificate) -> Iterator[Dovecot]:
    """As above, where nothing is sent."""
    with dovecot_running(tls_certificate) as running:
        yield running


@pytest.fixture(scope="session")
def plain_dovecot(tls_certificate: Certificate) -> Iterator[Dovecot]:
    """One that offers little more than RFC 3501 asks of every server."""
    with dovecot_running(tls_certificate, "imap_capability = IMAP4rev1 UIDPLUS MOVE UNSELECT") as running:
        yield running


@pytest.fixture
def imap_door(dovecot: Dovecot) -> Iterator[ImapDoor]:
    """Before Dovecot, with nothing wrong yet."""
    with imap_door_running(dovecot) as running:
        yield running


@pytest.fixture(scope="session")
def tls_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Self-signed, for the host “localhost”."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    return make_certificate(folder)
