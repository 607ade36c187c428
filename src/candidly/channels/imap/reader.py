"""A mailbox while it is open: its folders, and where each mail lies that was seen."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from imapclient.datetime_util import format_criteria_date

from candidly.channels.imap import mails
from candidly.channels.imap.beginnings import Beginnings
from candidly.channels.imap.folders import INBOX, Folder, Folders, Use, folders_of
from candidly.channels.imap.labels import Target, of, targets
from candidly.channels.imap.mails import Found, Place
from candidly.channels.imap.session import Selected, Session, State, quoted
from candidly.envelope import PermanentFailure, SeenMail, TemporaryFailure

GMAIL = "X-GM-EXT-1"
_BEGUN_ANEW = "A folder of the mailbox was made anew while it was read. It is read again."
_TELLS_NOTHING = "The mail server does not tell of news by itself."
#: So many mails are asked for at once, so many names looked for in one question.
PAGE, NAMES = 100, 20

type Said = Mapping[bytes, Any]


class Reader:
    """Asks one session. Raises DeliveryFailure."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.wanted: list[Target] = []
        self.beginnings = Beginnings(self)
        self._folders: Folders | None = None
        self._examined: tuple[str, Selected] | None = None
        self._heard = 0  # how far the inbox was when it was last looked at or listened to
        self._places: defaultdict[str, list[Place]] = defaultdict(list)

    @property
    def folders(self) -> Folders:
        """Which there are and how far each is, at the last look."""
        return self._folders or self.refresh()

    def refresh(self) -> Folders:
        """Look anew."""
        self._folders = folders_of(self.session)
        inbox = self._folders[INBOX].state
        self._heard = inbox.following if inbox else 0
        self._examined = None
        self._places.clear()
        return self._folders

    def watch(self, labels: Collection[str]) -> dict[str, State]:
        """How far each folder is at this moment that is to be looked into, with these labels (ids) in mind."""
        self.refresh()
        self.wanted = targets(self.folders, labels)
        return {folder.name: folder.state for folder in self.watched() if folder.state}

    def watched(self) -> list[Folder]:
        return self.folders.watched([target.folder for target in self.wanted if target.folder])

    @property
    def is_gmail(self) -> bool:
        return self.session.knows(GMAIL)

    @property
    def sent(self) -> str:
        """The folder of what was sent; empty where there is none."""
        folder = self.folders.for_use(Use.SENT)
        return folder.name if folder else ""

    # Folder by folder

    def examine(self, folder: str) -> Selected:
        """Ask about this folder from now on."""
        if self._examined and self._examined[0] == folder:
            return self._examined[1]
        known = self.folders.get(folder)  # first of all: to look at all folders leaves the one that is examined
        selected = self.session.examine(folder)
        if known and known.state and known.state.validity != selected.validity:
            raise TemporaryFailure(_BEGUN_ANEW)
        self._examined = folder, selected
        return selected

    def look_again(self) -> None:
        """What the server told of the examined folder may be old: others work in it too."""
        self._examined = None

    def search(self, folder: str, criteria: str) -> list[int]:
        self.examine(folder)
        return sorted(self.session.search(criteria))

    def read(self, folder: str, uids: Sequence[int]) -> list[Found]:
        """These mails, a page of them at most, as far as they are there and any business of ours."""
        said = self.fetch(folder, uids, mails.asked_for(mails.NAMING))
        there = [mails.found(place, told) for place, told in said.items()]
        there = [found for found in there if not found.is_hidden]
        for found in there:
            self._note(found)
        return there

    def named(self, folder: str, field: str, names: Collection[str]) -> Iterator[Found]:
        """Mails in whose `field` one of these Message-IDs stands, perhaps as a part of another."""
        for some in batched(names, NAMES, strict=False):
            uids = self.search(folder, either([f"HEADER {field} {quoted(name)}" for name in some]))
            for page in batched(uids, PAGE, strict=False):
                yield from self.read(folder, page)

    def listen(self, seconds: float) -> bool:
        """See OpenMailbox.listen. What came since the last look, or since it was last listened to, counts."""
        if not self.session.knows("IDLE"):
            raise PermanentFailure(_TELLS_NOTHING)
        before, now = self._heard, self._following()
        if now > before > 0:
            return True
        has_changed = self.session.listen(seconds)
        if has_changed:
            self._following()
        return has_changed

    def _following(self) -> int:
        """How far the inbox is at this moment."""
        self.look_again()
        self._heard = self.examine(INBOX).following
        return self._heard

    def fetch(self, folder: str, uids: Sequence[int], *items: str) -> dict[Place, Said]:
        """What the server says of these mails, as far as they are there; the items have header fields among them."""
        validity = self.examine(folder).validity
        more = [mails.GMAIL_THREAD] if self.is_gmail else []
        said = self.session.fetch(uids, "FLAGS", "INTERNALDATE", *more, *items)
        return {Place(folder, validity, uid): told for uid, told in sorted(said.items()) if mails.is_there(told)}

    def _note(self, found: Found) -> None:
        places = self._places[found.external_id]
        if found.place not in places:
            places.append(found.place)
        self.beginnings.note(found)

    # Mails by name

    def ask(self, external_ids: Iterable[str], at_once: int, *items: str) -> Iterator[tuple[Found, Said]]:
        """What the server says of these mails, of so many `at_once`, without those that are gone. The items have the
        NAMING fields among them."""
        self.look_again()
        by_folder: defaultdict[str, list[int]] = defaultdict(list)
        wanted = dict.fromkeys(external_ids)
        for external_id in wanted:
            for place in self._places_of(external_id)[:1]:
                by_folder[place.folder].append(place.uid)
        for folder, uids in by_folder.items():
            for page in batched(uids, at_once, strict=False):
                for place, said in self.fetch(folder, page, *items).items():
                    found = mails.found(place, said)
                    wanted.pop(found.external_id, None)
                    yield found, said
        for external_id in wanted:  # moved meanwhile, or gone
            yield from self._ask_again(external_id, *items)

    def _ask_again(self, external_id: str, *items: str) -> Iterator[tuple[Found, Said]]:
        self._places.pop(external_id, None)
        for place in self._places_of(external_id)[:1]:
            for there, said in self.fetch(place.folder, [place.uid], *items).items():
                yield mails.found(there, said), said

    def _places_of(self, external_id: str) -> list[Place]:
        """Where the mail lies, as far as it was seen; else it is looked for."""
        if external_id not in self._places:
            for folder, uids in self._likely_places(external_id):
                self.read(folder, uids)
        return self._places[external_id]

    def alone(self, external_id: str) -> list[Found]:
        """The mail of this name, wherever it lies."""
        return [found for place in self._places_of(external_id) for found in self.read(place.folder, [place.uid])]

    def _likely_places(self, external_id: str) -> Iterator[tuple[str, Sequence[int]]]:
        for folder in self.watched():
            if message_id := mails.message_id_of(external_id):
                uids = self.search(folder.name, f"HEADER Message-ID {quoted(message_id)}")
                yield folder.name, uids[:PAGE]
            elif folder.state and (uid := mails.uid_of(external_id, folder.name, folder.state.validity)):
                yield folder.name, [uid]

    # In the words of the envelope

    def seen(self, found: Found, *, is_new: bool, thread_id: str = "") -> SeenMail:
        folders = {found.place.folder, *(place.folder for place in self._places.get(found.external_id, ()))}
        return SeenMail(
            external_id=found.external_id,
            thread_id=thread_id or self.beginnings.thread_of(found),
            labels=of(folders, found.flags, self.wanted),
            in_inbox=INBOX in folders,
            is_sent=self.sent in folders,
            is_new=is_new,
        )

    @property
    def keywords(self) -> str:
        """A search for mails that have the keyword of a label; empty when there is none."""
        names = [f"KEYWORD {target.keyword}" for target in self.wanted if target.keyword]
        return either(names) if names else ""


def since(moment: datetime) -> str:
    """A search for what came there at this moment or later, and for some of what came up to two days before: servers
    compare days, and each by its own clock."""
    return f"SINCE {format_criteria_date(moment - timedelta(days=1)).decode()}"


def either(criteria: Sequence[str]) -> str:
    """A search for what fits one of these (RFC 9051, 6.4.4)."""
    first, *others = criteria
    return f"OR {first} {either(others)}" if others else first
