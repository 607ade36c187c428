"""What has changed in a mailbox.

New mails are those above the last number that a folder had given (UIDNEXT). Of what was there before, only those are
of concern that got the keyword of a label: the server searches them by its count of changes (CONDSTORE, RFC 7162), or,
where it does not count, tells all that have the keyword.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import batched

from candidly.channels.imap.cursor import Cursor, marked
from candidly.channels.imap.folders import INBOX
from candidly.channels.imap.mails import Found
from candidly.channels.imap.reader import PAGE, Reader, since
from candidly.channels.imap.session import State
from candidly.envelope import FullResyncNeeded, SeenMail, SyncPage

#: What came so long before the last look may have been delivered late, and counts as new. Clocks differ, too.
_LATELY = timedelta(days=1)


def changes(reader: Reader, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
    """See OpenMailbox.changes."""
    yield from _Changes(reader, Cursor.read(cursor), labels).pages()


class _Changes:
    """Since `was`. Each page says how far its reader has come with it."""

    def __init__(self, reader: Reader, was: Cursor, labels: Collection[str]) -> None:
        self._reader = reader
        self._was = was
        self._began = datetime.now(UTC)
        self._watched = reader.watch(labels)
        kept = {folder: state for folder, state in was.folders.items() if folder in self._watched}
        self._reached = Cursor(was.at, frozenset(labels), kept, was.marks)
        self._told: dict[str, SeenMail] = {}

    def pages(self) -> Iterator[SyncPage]:
        self._compare()
        for folder, state in self._watched.items():
            before = self._was.folders.get(folder)
            if before is None or before != state or self._keeps_no_count(folder, state):
                yield from self._in(folder, before, state)
        yield SyncPage(replace(self._reached, at=self._began).text())

    def _compare(self) -> None:
        """Raises FullResyncNeeded when numbers mean others than they did, or a label was not looked for before."""
        for folder, state in self._watched.items():
            before = self._was.folders.get(folder)
            if before and before.validity != state.validity:
                raise FullResyncNeeded
        if not self._reached.labels <= self._was.labels:
            raise FullResyncNeeded

    def _keeps_no_count(self, folder: str, state: State) -> bool:
        """Then it has to be looked into to hear of keywords; only where they are mostly given, for it takes time."""
        return not state.modseq and folder in (INBOX, self._reader.sent)

    def _in(self, folder: str, before: State | None, state: State) -> Iterator[SyncPage]:
        following, modseq = state.following, before.modseq if before else 0
        for uids in batched(self._new(folder, before, state), PAGE, strict=False):
            following = max(following, uids[-1] + 1)
            mails = self._mails(folder, uids)
            self._reach(folder, State(state.validity, uids[-1] + 1, modseq))
            yield SyncPage(self._reached.text(), mails)
        labelled, mark = self._labelled(folder, before, state)
        for uids in batched(labelled, PAGE, strict=False):
            yield SyncPage(self._reached.text(), self._mails(folder, uids))
        self._reach(folder, State(state.validity, following, state.modseq), mark)

    def _reach(self, folder: str, state: State, mark: str = "") -> None:
        self._reached = self._reached.at_folder(folder, state, mark)

    def _new(self, folder: str, before: State | None, state: State) -> list[int]:
        """Above the last number; in a folder that is new to us, what came lately."""
        if before is None:
            return self._reader.search(folder, since(self._was.at - _LATELY))
        if before.following == state.following:
            return []
        found = self._reader.search(folder, f"UID {before.following}:*")
        return [uid for uid in found if uid >= before.following]  # the last one is told in any case

    def _labelled(self, folder: str, before: State | None, state: State) -> tuple[Sequence[int], str]:
        """Those that were there and may have got a keyword, and what to know them by the next time."""
        keywords = self._reader.keywords
        if before is None or not keywords:
            return [], ""
        if before.modseq and state.modseq:
            changed = before.modseq < state.modseq
            found = self._reader.search(folder, f"MODSEQ {before.modseq + 1} {keywords}") if changed else []
            return [uid for uid in found if uid < before.following], ""
        found = self._reader.search(folder, keywords)
        mark = marked(found)
        return ([] if mark == self._was.marks.get(folder) else found), mark

    def _mails(self, folder: str, uids: Sequence[int]) -> tuple[SeenMail, ...]:
        found = read(self._reader, folder, uids)
        lately = self._was.at - _LATELY
        seen = [self._reader.seen(one, is_new=one.received_at >= lately) for one in found]
        return tuple(one for one in seen if self._is_news(one))

    def _is_news(self, seen: SeenMail) -> bool:
        """A mail may lie in several folders: it is told again only where that says more."""
        before = self._told.get(seen.external_id)
        self._told[seen.external_id] = seen
        return before is None or not (
            seen.labels <= before.labels and seen.in_inbox <= before.in_inbox and seen.is_sent <= before.is_sent
        )


def everything(reader: Reader, labels: Collection[str], lately: datetime | None) -> Iterator[SyncPage]:
    """See OpenMailbox.everything; `lately` is its `since`."""
    began, watched = datetime.now(UTC), reader.watch(labels)
    uncounted = [folder for folder, state in watched.items() if not state.modseq]
    marks = {folder: marked(_with_keyword(reader, folder)) for folder in uncounted}
    cursor = Cursor(began, frozenset(labels), watched, marks).text()
    yield SyncPage(cursor)
    for folder, uids in _labelled(reader, watched):
        for found in _pages(reader, folder, uids):
            yield SyncPage(cursor, tuple(reader.seen(one, is_new=False) for one in found))
    if lately:
        yield from (SyncPage(cursor, mails) for mails in _news(reader, lately))


def _news(reader: Reader, lately: datetime) -> Iterator[tuple[SeenMail, ...]]:
    """What came in or was sent since this moment."""
    for folder in (INBOX, *([reader.sent] if reader.sent else [])):
        for found in _pages(reader, folder, reader.search(folder, since(lately))):
            yield tuple(reader.seen(one, is_new=True) for one in found if one.received_at >= lately)


def _labelled(reader: Reader, watched: Iterable[str]) -> Iterator[tuple[str, list[int]]]:
    """By folder, the mails that have a label."""
    folders = {target.folder for target in reader.wanted}
    for folder in watched:
        yield folder, reader.search(folder, "ALL") if folder in folders else _with_keyword(reader, folder)


def _with_keyword(reader: Reader, folder: str) -> list[int]:
    return reader.search(folder, reader.keywords) if reader.keywords else []


def _pages(reader: Reader, folder: str, uids: Iterable[int]) -> Iterator[list[Found]]:
    return (read(reader, folder, some) for some in batched(uids, PAGE, strict=False))


def read(reader: Reader, folder: str, uids: Sequence[int]) -> list[Found]:
    """These mails, of which it is known how their threads begin."""
    found = reader.read(folder, uids)
    reader.beginnings.look_up(found)
    return found
