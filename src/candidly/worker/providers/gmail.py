"""Google's mailboxes, by its sign-in."""

from collections.abc import Mapping

from candidly.channels.gmail import oauth
from candidly.channels.gmail.settings import GmailSettings, gmail_settings
from candidly.channels.registry import open_mailboxes
from candidly.config import Config
from candidly.envelope import MailboxAccount, PermanentFailure
from candidly.worker.providers import Let

UNTICKED = "Google was not allowed to {missing}. Connect again, and leave all permissions ticked."


def provided(config: Config) -> "Gmail":
    return Gmail(gmail_settings(config))


class Gmail:
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
