"""A whole mail server: Postfix takes what the owners of Dovecot’s mailboxes send, and delivers what is for them."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from candidly.envelope import MailboxAccount
from tests.peers.certificates import Certificate
from tests.peers.dovecot import OWNER, Dovecot, dovecot_running
from tests.peers.relay import Relay, postfix_running
from tests.peers.token_server import TokenServer, token_server_running
from tests.support.ports import free_port

#: Mail to all others is refused.
HERE = "northlane.example mail.example"
_LDA = "/usr/lib/dovecot/dovecot-lda"
_NUMBERS = count(1)

_MAIN = """\
mynetworks =
smtpd_tls_cert_file = {certificate.certificate}
smtpd_tls_key_file = {certificate.key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/run/for-postfix
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_client_restrictions =
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{nobody@mail.example=550 5.1.1 no such user}} }}
virtual_mailbox_domains = {here}
virtual_mailbox_maps = static:anybody
virtual_transport = mailboxes
mailboxes_destination_recipient_limit = 1
default_transport = error:5.1.2 nobody beyond
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
mailboxes unix - n n - - pipe flags=R user={owner} argv={lda} -c {dovecot}/dovecot.conf -f ${{sender}} -d ${{recipient}}
"""


@dataclass(frozen=True)
class PostOffice:
    """`port` of `postfix` speaks STARTTLS, `tls_port` TLS from the start; `dovecot` has the mailboxes."""

    dovecot: Dovecot
    postfix: Relay
    tls_port: int
    provider: TokenServer

    def credentials(self, user: str, **changes: str) -> dict[str, str]:
        """What opens this user's mailbox here, as ours keep it."""
        smtp = {"smtp_host": self.dovecot.host, "smtp_port": str(self.tls_port), "smtp_security": "tls"}
        return self.dovecot.credentials(user, **{**smtp, **changes})

    def account(self, user: str = "", **changes: str) -> MailboxAccount:
        """A mailbox that nobody has had, unless it is named."""
        user = user or self.dovecot.user()
        return MailboxAccount(next(_NUMBERS), user, self.credentials(user, **changes))

    def account_without_password(self) -> MailboxAccount:
        """One that is opened by what its provider gives."""
        user = self.dovecot.user()
        return self.account(user, password="", refresh_token=self.provider.let_in(user))

    def deliver(self, sender: str, to: str, raw: bytes) -> None:
        """Somebody's mail from elsewhere arrives, by the door for all."""
        with smtplib.SMTP(self.postfix.host, self.postfix.port, timeout=20) as smtp:
            smtp.sendmail(sender, [to], raw)


@contextmanager
def post_office_running(certificate: Certificate) -> Iterator[PostOffice]:
    with token_server_running() as provider, dovecot_running(certificate, tokens=provider.url) as dovecot:
        port = free_port()
        main = _MAIN.format(certificate=certificate, dovecot=dovecot.folder, here=HERE)
        master = _MASTER.format(port=port, owner=OWNER, lda=_LDA, dovecot=dovecot.folder)
        with postfix_running(main, master) as postfix:
            yield PostOffice(dovecot, postfix, port, provider)
