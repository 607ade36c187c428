"""The door for mail, open for a test, and a mail server that hands in what comes from outside."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from candidly.actions import receive
from candidly.channels.smtp.listener import Listener
from candidly.worker import door


@contextmanager
def open_door() -> Iterator[Listener]:
    """Needs `transactional_db`: the listener's threads have connections of their own."""
    listener = Listener(
        "127.0.0.1", 0, keep=and_hang_up(door.keep), accepts=and_hang_up(door.accepts), hostname="mx.example"
    )
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def hand_in(listener: Listener, raw: bytes, to: str, path: str = "") -> None:
    """By SMTP, from the return path; then everything that came in is read. Raises SMTPRecipientsRefused."""
    with smtplib.SMTP(listener.host, listener.port, timeout=30) as server:
        server.sendmail(path, [to], raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    read_all()


def read_all() -> None:
    while receive.read_some():
        pass


def and_hang_up[**P, R](ask: Callable[P, R]) -> Callable[P, R]:
    """The listener's threads give their connections back, so that the test's database can be dropped."""

    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        finally:
            connection.close()

    return asked
