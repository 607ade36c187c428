"""Who provides members' mailboxes: how each lets us in, and what it takes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from candidly.channels.contract import Mailboxes
from candidly.channels.gmail import oauth
from candidly.channels.gmail.settings import GmailSettings, gmail_settings
from candidly.channels.imap.check import check
from candidly.channels.imap.settings import KEYS, ImapSettings, imap_settings
from candidly.channels.registry import open_mailboxes
from candidly.config import Config
from candidly.envelope import MailboxAccount, PermanentFailure

UNTICKED = "Google was not allowed to {missing}. Connect again, and leave all permissions ticked."


@dataclass(frozen=True, slots=True)
class Let:
    """A mailbox lets us in: its `address`, and the `credentials` to keep."""

    address: str
    credentials: Mapping[str, str] = field(repr=False)


class Provider(Protocol):
    """One kind of mailbox, beside what its `mailboxes` promise."""

    @property
    def mailboxes(self) -> Mailboxes: ...

    def connect(self, attempt: Mapping[str, str]) -> Let:
        """What an attempt leads to. Raises DeliveryFailure with a sentence for the member."""
        ...

    def withdraw(self, account: MailboxAccount) -> None:
        """Give our access back, as far as the provider knows such a thing. Raises DeliveryFailure when it did not hear
        it."""
        ...


class Gmail:
    """Google's, by its sign-in."""

    def __init__(self, settings: GmailSettings) -> None:
        self._settings = settings
        self.mailboxes = open_mailboxes("gmail", settings)

    def connect(self, attempt: Mapping[str, str]) -> Let:
        made = oauth.Secrets(attempt.get("state", ""), attempt.get("nonce", ""), attempt.get("verifier", ""))
        consent = oauth.exchange(self._settings, attempt.get("code", ""), made)
        if consent.missing:
            raise PermanentFailure(UNTICKED.format(missing=" and ".join(consent.missing)))
        return Let(consent.address, consent.credentials)

    def withdraw(self, account: MailboxAccount) -> None:
        oauth.revoke(self._settings, account.credentials)


class Imap:
    """Any mail server's, by what its member entered. Nobody else vouches for the address."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self.mailboxes = open_mailboxes("imap", settings)

    def connect(self, attempt: Mapping[str, str]) -> Let:
        credentials = {name: attempt[name] for name in KEYS if attempt.get(name)}
        check(self._settings, credentials)
        return Let(attempt.get("address", ""), credentials)

    def withdraw(self, account: MailboxAccount) -> None:
        """A password is not given back; it is forgotten here."""


def providers_of(config: Config) -> dict[str, Provider]:
    """By name, those that this installation is set up for."""
    found: dict[str, Provider] = {}
    if config.gmail:
        found["gmail"] = Gmail(gmail_settings(config))
    if config.imap:
        found["imap"] = Imap(imap_settings(config))
    return found
