"""Mailboxes at any provider, to be read by IMAP; see Mailboxes and OpenMailbox for what they promise."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from candidly.channels.imap import changes, labels, mails, threads
from candidly.channels.imap.reader import PAGE, Reader
from candidly.channels.imap.sessions import Sessions
from candidly.channels.imap.settings import ImapSettings
from candidly.envelope import Label, MailboxAccount, MailboxMail, MailHead, SeenMail, SyncPage


class ImapMailboxes:
    name = "imap"
    can_listen = True

    def __init__(self, settings: ImapSettings) -> None:
        self._sessions = Sessions(settings)

    def open(self, account: MailboxAccount) -> "ImapMailbox":
        return ImapMailbox(self._sessions, account)

    def close(self) -> None:
        self._sessions.close()


class ImapMailbox:
    def __init__(self, sessions: Sessions, account: MailboxAccount) -> None:
        self._sessions = sessions
        self._given = account
        self._opened: Reader | None = None

    @property
    def account(self) -> MailboxAccount:
        return self._sessions.renewed(self._given)

    @property
    def _reader(self) -> Reader:
        if self._opened is None:
            self._opened = Reader(self._sessions.open(self._given))
        return self._opened

    def own_addresses(self) -> frozenset[str]:
        """Nobody tells of others; the user name is one mostly."""
        username = self._given.credentials.get("username", "").lower()
        return frozenset({self._given.address, *([username] if "@" in username else [])})

    def label(self, name: str) -> Label | None:
        return labels.find(self._reader, name)

    def ensure_label(self, name: str, known_id: str = "") -> Label:
        return labels.ensure(self._reader, name, known_id)

    def changes(self, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
        return changes.changes(self._reader, cursor, labels)

    def everything(self, labels: Collection[str], since: datetime | None) -> Iterator[SyncPage]:
        return changes.everything(self._reader, labels, since)

    def heads(self, external_ids: Iterable[str]) -> Iterator[MailHead]:
        for found, said in self._reader.ask(external_ids, PAGE, mails.asked_for(mails.OUTSIDE)):
            if not found.is_hidden:
                yield mails.head(self._reader.seen(found, is_new=False), said)

    def mails(self, external_ids: Iterable[str]) -> Iterator[MailboxMail]:
        """One after the other: each may be as large as mails are."""
        for found, said in self._reader.ask(external_ids, 1, mails.asked_for(mails.NAMING), "BODY.PEEK[]"):
            if not found.is_hidden:
                yield mails.whole(self._reader.seen(found, is_new=False), said)

    def thread(self, thread_id: str) -> tuple[SeenMail, ...]:
        return threads.thread(self._reader, thread_id)

    def watch(self) -> datetime | None:
        return None

    def listen(self, seconds: float) -> bool:
        return self._reader.listen(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        reader, self._opened = self._opened, None
        if reader is not None:
            self._sessions.give_back(self._given, reader.session)
