"""The door for mail: a listener that says 250 only when the mail is in the database."""

import ssl
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, connection

from candidly.actions import arrivals
from candidly.channels.smtp.listener import Listener, ReceivedMail
from candidly.config import Config


def inbound_door(config: Config) -> Listener:
    """The listener as the settings describe it, not started yet. OSError when its certificate cannot be read."""
    return Listener(
        config.inbound_host,
        config.inbound_port,
        keep=keep,
        accepts=accepts,
        max_bytes=config.inbound_max_bytes,
        hostname=config.inbound_domain,
        tls_context=_tls_context(config),
    )


def accepts(recipients: Sequence[str]) -> Sequence[arrivals.Place | None]:
    """Raises DatabaseError when the database is away: the sender tries again."""
    return _insist(lambda: arrivals.places(recipients))


def keep(mails: Sequence[ReceivedMail]) -> Sequence[bool]:
    """Store the mails durably. Raises DatabaseError as above."""
    letters = [arrivals.Letter(mail.envelope_from, mail.recipients, mail.places, mail.raw) for mail in mails]
    _insist(lambda: arrivals.keep(letters))
    return [True for _ in mails]


def _insist[T](ask: Callable[[], T]) -> T:
    """Once more over a new connection, where the database has closed ours: to look at it each time before it is used
    would take a tenth of what a mail takes."""
    try:
        return ask()
    except (OperationalError, InterfaceError):
        connection.close()
        return ask()


def _tls_context(config: Config) -> ssl.SSLContext | None:
    if config.inbound_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(config.inbound_certificate, config.inbound_key)
    return context
