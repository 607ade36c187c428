"""The mail sandbox's server: real SMTP, on loopback, that keeps every mail so that nothing leaves the machine."""

from collections.abc import Iterator, Sequence

from django.db import InterfaceError, OperationalError, connection

from candidly.channels.smtp.listener import Listener, ReceivedMail
from candidly.config import Config
from candidly.models import SandboxMail
from candidly.sandbox.reading import subject_of

HOST = "127.0.0.1"
#: Mail to an address that begins so is refused, to see what a bounce looks like.
NO_SUCH_MAILBOX = "bounce."


def sandbox_server(config: Config) -> Listener:
    """The server, not started yet; it must only run while `config.sandbox` is true."""
    return Listener(
        HOST,
        config.sandbox_port,
        keep=keep,
        accepts=have_mailboxes,
        max_bytes=config.inbound_max_bytes,
        hostname="sandbox.candidly.localhost",
    )


def have_mailboxes(addresses: Sequence[str]) -> Sequence[bool]:
    """Everybody has a mailbox here, apart from the addresses made for trying out a refusal."""
    return [not address.lower().startswith(NO_SUCH_MAILBOX) for address in addresses]


def keep(mails: Sequence[ReceivedMail]) -> Sequence[bool]:
    """Stores each mail once a recipient. Raises DatabaseError, which the sender is told as "try again later"."""
    try:
        SandboxMail.objects.bulk_create(row for mail in mails for row in _rows(mail))
    except (OperationalError, InterfaceError):
        connection.close()  # it may be broken: the next mail gets a new one
        raise
    return [True for _ in mails]


def _rows(mail: ReceivedMail) -> Iterator[SandboxMail]:
    subject = subject_of(mail.raw)
    for recipient in mail.recipients:
        yield SandboxMail(
            envelope_from=mail.envelope_from[:320], recipient=recipient[:320], subject=subject, raw=mail.raw
        )
