"""The mail sandbox's server: real SMTP, on loopback, that keeps every mail so that nothing leaves the machine."""

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
        accepts=has_mailbox,
        max_bytes=config.inbound_max_bytes,
        hostname="sandbox.candidly.localhost",
    )


def has_mailbox(address: str) -> bool:
    """Everybody has a mailbox here, apart from the addresses made for trying out a refusal."""
    return not address.lower().startswith(NO_SUCH_MAILBOX)


def keep(mail: ReceivedMail) -> None:
    """Stores the mail once a recipient. Raises DatabaseError, which the sender is told as "try again later"."""
    subject = subject_of(mail.raw)
    try:
        SandboxMail.objects.bulk_create(
            SandboxMail(
                envelope_from=mail.envelope_from[:320], recipient=recipient[:320], subject=subject, raw=mail.raw
            )
            for recipient in mail.recipients
        )
    except (OperationalError, InterfaceError):
        connection.close()  # it may be broken: the next mail gets a new one
        raise
