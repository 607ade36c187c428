"""What a member is told of what they entered for their mailbox, before anything is kept of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from candidly.channels.imap.check import check
from candidly.channels.imap.settings import ImapSettings
from candidly.envelope import DeliveryFailure, TemporaryFailure
from tests.peers.certificates import Certificate
from tests.peers.dovecot import PASSWORD
from tests.peers.faulty import FaultyServer
from tests.peers.imap_door import imap_door_running
from tests.peers.post_office import PostOffice
from tests.support.ports import free_port


def refused(settings: ImapSettings, credentials: dict[str, str]) -> DeliveryFailure:
    with pytest.raises(DeliveryFailure) as caught:
        check(settings, credentials)
    assert caught.value.reason.endswith(".")
    assert PASSWORD not in caught.value.reason + caught.value.reply
    return caught.value


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_what_opens_both_is_accepted(post_office: PostOffice, imap_settings: ImapSettings, security: str) -> None:
    is_tls = security == "tls"
    check(
        imap_settings,
        post_office.credentials(
            post_office.dovecot.user(),
            imap_security=security,
            imap_port=str(post_office.dovecot.port if is_tls else post_office.dovecot.starttls_port),
            smtp_security=security,
            smtp_port=str(post_office.tls_port if is_tls else post_office.postfix.port),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"imap_host": " "}, "Write the name of the IMAP server"),
        ({"smtp_host": "two words"}, "Write the name of the SMTP server"),
        ({"imap_port": "many"}, "port of the IMAP server must be a number"),
        ({"smtp_port": "99999"}, "port of the SMTP server must be a number"),
        ({"imap_security": "none"}, "Choose how the IMAP server is secured"),
        ({"username": ""}, "Write the user name"),
        ({"username": "hannah\r\nA1 LOGOUT"}, "Write the user name"),
        ({"password": ""}, "Write the password"),
        ({"password": "a\r\nb"}, "Write the password"),
        ({"imap_host": "no-such-host.invalid"}, "could not be found. Check the host name"),
        ({"imap_host": "é" * 70 + ".example"}, "Use plain ASCII letters"),
    ],
)
def test_what_cannot_be_is_told_in_plain_words(
    post_office: PostOffice, imap_settings: ImapSettings, changes: dict[str, str], words: str
) -> None:
    credentials = post_office.credentials(post_office.dovecot.user(), **changes)
    assert words in refused(imap_settings, credentials).reason


def test_a_wrong_password_is_told_of_for_each_server(
    post_office: PostOffice,
    imap_settings: ImapSettings,
    faulty_server: Callable[..., FaultyServer],
    tls_certificate: Certificate,
) -> None:
    user = post_office.dovecot.user()
    wrong = refused(imap_settings, post_office.credentials(user, password="wrong"))
    assert f"localhost:{post_office.dovecot.port} did not accept the user name and password" in wrong.reason
    smtp = faulty_server(certificate=tls_certificate, tls_from_the_start=True, login=(user, "another"))
    wrong = refused(imap_settings, post_office.credentials(user, smtp_port=str(smtp.port)))
    assert f"localhost:{smtp.port} did not accept the user name and password" in wrong.reason


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_a_server_that_is_not_there_is_told_of(post_office: PostOffice, imap_settings: ImapSettings, kind: str) -> None:
    changes = {f"{kind}_port": str(free_port())}
    away = refused(imap_settings, post_office.credentials(post_office.dovecot.user(), **changes))
    assert f"Nothing answers at localhost:{changes[f'{kind}_port']}" in away.reason


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    post_office: PostOffice, imap_settings: ImapSettings, kind: str
) -> None:
    credentials = post_office.credentials(post_office.dovecot.user(), **{f"{kind}_host": "127.0.0.1"})
    assert "certificate of the mail server 127.0.0.1" in refused(imap_settings, credentials).reason
    unknown = refused(replace(imap_settings, ca_file=None), post_office.credentials(post_office.dovecot.user()))
    assert "could not be verified" in unknown.reason


def test_the_wrong_kind_of_server_or_security_is_told_of(post_office: PostOffice, imap_settings: ImapSettings) -> None:
    user = post_office.dovecot.user()
    smtp = post_office.credentials(user, imap_port=str(post_office.tls_port))
    assert "does not want to talk to us in IMAP" in refused(imap_settings, smtp).reason
    plain = post_office.credentials(user, imap_port=str(post_office.dovecot.starttls_port))
    assert "Check that the port expects TLS from the start" in refused(imap_settings, plain).reason


def test_without_starttls_nothing_is_said_in_the_clear(imap_settings: ImapSettings, post_office: PostOffice) -> None:
    with imap_door_running(post_office.dovecot, in_the_clear=True) as door:
        door.says(" STARTTLS", "")
        changes = {"imap_port": str(door.port), "imap_security": "starttls"}
        away = refused(imap_settings, post_office.credentials(post_office.dovecot.user(), **changes))
        assert "offers no STARTTLS" in away.reason
        assert door.count("AUTHENTICATE|LOGIN ") == 0


def test_only_the_servers_that_are_allowed_can_be_named(post_office: PostOffice, imap_settings: ImapSettings) -> None:
    settings = replace(imap_settings, hosts=frozenset({"mail.northlane.example"}))
    not_allowed = refused(settings, post_office.credentials(post_office.dovecot.user()))
    assert "allows no mailboxes at localhost" in not_allowed.reason
    check(replace(imap_settings, hosts=frozenset({"localhost"})), post_office.credentials(post_office.dovecot.user()))


def test_without_a_password_it_must_be_set_up(post_office: PostOffice, imap_settings: ImapSettings) -> None:
    account = post_office.account_without_password()
    not_set_up = refused(imap_settings, dict(account.credentials))
    assert isinstance(not_set_up, TemporaryFailure)
    assert "not set up for mailboxes without a password" in not_set_up.reason
