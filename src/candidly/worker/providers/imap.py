"""Any mail server's mailboxes, by what their member entered. Nobody else vouches for the address."""

from collections.abc import Mapping

from candidly.channels.imap.check import check
from candidly.channels.imap.settings import KEYS, ImapSettings, imap_settings
from candidly.channels.registry import open_mailboxes
from candidly.config import Config
from candidly.envelope import MailboxAccount
from candidly.worker.providers import Let


def provided(config: Config) -> "Imap":
    return Imap(imap_settings(config))


class Imap:
    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self.mailboxes = open_mailboxes("imap", settings)

    def connect(self, attempt: Mapping[str, str]) -> Let:
        credentials = {name: attempt[name] for name in KEYS if attempt.get(name)}
        check(self._settings, credentials)
        return Let(attempt.get("address", ""), credentials)

    def withdraw(self, account: MailboxAccount) -> None:
        """A password is not given back; it is forgotten here."""
