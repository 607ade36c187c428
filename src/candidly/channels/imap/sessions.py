"""Sessions with mailboxes, opened when they are needed and kept open for the next look."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import partial

from candidly.channels.imap.kept import Kept
from candidly.channels.imap.session import Session
from candidly.channels.imap.settings import ImapSettings, access_to
from candidly.channels.imap.tokens import tokens_of
from candidly.envelope import MailboxAccount

_MOST = 200


class Sessions:
    """Used by many threads at once; each session by one."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._tokens = tokens_of(settings)
        self._kept = Kept(_MOST, Session.leave)

    def open(self, account: MailboxAccount) -> Session:
        """One that was given back, or a new one. Raises DeliveryFailure."""
        session = self._kept.take(key_of(account))
        if session is not None:
            if session.is_alive():
                return session
            session.drop()
        return self._tokens.letting_in(account, partial(Session, access_to(account), self._settings))

    def give_back(self, account: MailboxAccount, session: Session) -> None:
        if session.is_broken:
            session.drop()
        else:
            self._kept.give_back(key_of(account), session)

    @contextmanager
    def using(self, account: MailboxAccount) -> Iterator[Session]:
        session = self.open(account)
        try:
            yield session
        finally:
            self.give_back(account, session)

    def renewed(self, account: MailboxAccount) -> MailboxAccount:
        """The account as it is to be kept."""
        return self._tokens.renewed(account)

    def close(self) -> None:
        self._kept.close()


def key_of(account: MailboxAccount) -> Hashable:
    """What is open with other credentials is of no use."""
    return account.mailbox_id, frozenset(account.credentials.items())
