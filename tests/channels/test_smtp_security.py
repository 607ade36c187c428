"""TLS is verified, nothing goes in the clear unasked, and a failed sign-in holds the mail."""

from collections.abc import Callable

import pytest

from candidly.channels.contract import Channel
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import Receipt, TemporaryFailure
from tests.channels.outgoing import failure, mail, mails, receipts, the_one
from tests.peers.certificates import Certificate
from tests.peers.faulty import FaultyServer

type Open = Callable[..., Channel]
type Start = Callable[..., FaultyServer]


@pytest.fixture(params=["starttls", "tls"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def secure_server(security: str, faulty_server: Start, tls_certificate: Certificate) -> FaultyServer:
    return faulty_server(certificate=tls_certificate, tls_from_the_start=security == "tls")


def test_mail_goes_over_tls_that_the_ca_file_vouches_for(
    security: str, secure_server: FaultyServer, channel_to: Open, tls_certificate: Certificate
) -> None:
    channel = channel_to(secure_server, security=security, ca_file=str(tls_certificate.certificate))
    assert len(receipts(channel.send(mails(10, domains=5)))) == 10
    assert secure_server.verbs.count("STARTTLS") == (4 if security == "starttls" else 0)


def test_a_certificate_that_nobody_vouches_for_holds_the_mail(
    security: str, secure_server: FaultyServer, channel_to: Open
) -> None:
    failed = failure(channel_to(secure_server, security=security).send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "could not be verified" in failed.reason
    assert "CA file" in failed.reason
    assert "MAIL" not in secure_server.verbs


def test_a_certificate_for_another_name_holds_the_mail(
    security: str, secure_server: FaultyServer, channel_to: Open, tls_certificate: Certificate
) -> None:
    channel = channel_to(secure_server, host="127.0.0.1", security=security, ca_file=str(tls_certificate.certificate))
    failed = failure(channel.send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "Use the host name that the certificate carries" in failed.reason


def test_a_ca_file_that_cannot_be_read_is_named(secure_server: FaultyServer, security: str, channel_to: Open) -> None:
    channel = channel_to(secure_server, security=security, ca_file="/nowhere/ca.pem")
    failed = failure(channel.send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "The CA file /nowhere/ca.pem" in failed.reason


def test_without_starttls_nothing_goes_in_the_clear(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server()
    channel = channel_to(server, security="starttls", username="hub", password="secret")
    failed = failure(channel.send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "offers no STARTTLS, so nothing was sent in the clear" in failed.reason
    assert set(server.verbs) == {"EHLO"}


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "drop", "garbage"])
def test_a_refused_starttls_holds_the_mail(
    faulty_server: Start, channel_to: Open, tls_certificate: Certificate, answer: str
) -> None:
    server = faulty_server(certificate=tls_certificate, starttls=answer)
    failed = failure(channel_to(server, security="starttls").send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "MAIL" not in server.verbs


def test_tls_at_a_port_that_speaks_plain_smtp_is_explained(faulty_server: Start, channel_to: Open) -> None:
    failed = failure(channel_to(faulty_server(), security="tls").send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "Check that the port expects TLS from the start." in failed.reason


def test_a_sign_in_opens_the_gateway(faulty_server: Start, channel_to: Open, tls_certificate: Certificate) -> None:
    server = faulty_server(login=("hub", "secret"), certificate=tls_certificate)
    settings = {"security": "starttls", "ca_file": str(tls_certificate.certificate)}
    channel = channel_to(server, username="hub", password="secret", **settings)
    assert isinstance(the_one(channel.send([mail()])), Receipt)


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN", "CRAM-MD5", "NTLM CRAM-MD5", "XOAUTH2 LOGIN PLAIN"])
@pytest.mark.parametrize("password", ["secret", "pässwort"])
def test_each_way_to_sign_in_works(faulty_server: Start, channel_to: Open, way: str, password: str) -> None:
    server = faulty_server(login=("hub", password), ways=way)
    assert isinstance(the_one(channel_to(server, username="hub", password=password).send([mail()])), Receipt)
    refused = failure(channel_to(server, username="hub", password="other").send([mail()]), TemporaryFailure)
    assert refused.gateway_down
    assert refused.reply == "535 5.7.8 wrong user name or password"
    assert "did not accept the user name and password" in refused.reason


def test_without_tls_the_way_that_does_not_show_the_password_is_taken(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(login=("hub", "secret"), ways="PLAIN LOGIN CRAM-MD5", auth="504 5.5.4 only that one")
    failed = failure(channel_to(server, username="hub", password="secret").send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert server.arguments["AUTH"] == ["CRAM-MD5"]


def test_a_sign_in_that_nobody_here_knows_is_named(faulty_server: Start, channel_to: Open) -> None:
    server = faulty_server(login=("hub", "secret"), ways="NTLM GSSAPI")
    failed = failure(channel_to(server, username="hub", password="secret").send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "only NTLM, GSSAPI" in failed.reason


def test_what_is_slipped_in_before_the_handshake_counts_for_nothing(
    faulty_server: Start, channel_to: Open, tls_certificate: Certificate
) -> None:
    """RFC 3207, 6: somebody between us and the server could say it for the server."""
    slipped_in = "220 go ahead\r\n250-faulty.test\r\n250 AUTH PLAIN"
    server = faulty_server(certificate=tls_certificate, starttls=slipped_in)
    channel = channel_to(server, security="starttls", ca_file=str(tls_certificate.certificate))
    assert failure(channel.send([mail()]), TemporaryFailure).gateway_down
    assert "MAIL" not in server.verbs


@pytest.mark.parametrize("password", ["wrong", "pässwort"])
def test_a_failed_sign_in_is_tried_once_and_holds_all_mail(
    faulty_server: Start, channel_to: Open, password: str
) -> None:
    server = faulty_server(login=("hub", "secret"))
    results = list(channel_to(server, username="hub", password=password).send(mails(10)))
    assert all(result.gateway_down and "user name" in result.failure.reason for result in results)  # type: ignore[union-attr]
    assert server.connections == 1
    assert "MAIL" not in server.verbs


def test_a_server_without_sign_in_is_explained(faulty_server: Start, channel_to: Open) -> None:
    failed = failure(channel_to(faulty_server(), username="hub", password="secret").send([mail()]), TemporaryFailure)
    assert failed.gateway_down
    assert "offers no sign-in" in failed.reason


def test_settings_never_show_the_password() -> None:
    assert "secret" not in repr(RelaySettings("relay.example", 587, "starttls", "hub", "secret"))
