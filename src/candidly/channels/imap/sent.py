"""The folder of what was sent: whether a mail is there, and put there where its server does not do it by itself."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import batched
from time import monotonic, sleep
from typing import Any

from candidly.channels.imap import mails
from candidly.channels.imap.folders import Folder, Use
from candidly.channels.imap.mails import Found
from candidly.channels.imap.reader import PAGE, Reader, since
from candidly.channels.imap.session import quoted
from candidly.envelope import Outgoing, TemporaryFailure
from candidly.mail.compose import MARK
from candidly.mail.parse import ids_in

NO_FOLDER = "The mailbox has no folder for sent mail, and its server lets none be made. Make one called Sent."
_USUAL = "Sent"
_FIELDS = mails.asked_for((*mails.NAMING, MARK))
# Before a mail was written it cannot have been sent; clocks differ.
_CLOCKS = timedelta(minutes=10)
_ASK_EVERY = 0.2  # seconds


class Sent:
    """Of one mailbox, from this moment on. Raises DeliveryFailure."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._folder = reader.refresh().for_use(Use.SENT) or self._make()
        self._following = self._folder.state.following if self._folder.state else 0

    def find(self, mail: Outgoing) -> Found | None:
        """The copy of a mail that may have been sent at some time."""
        uids = self._reader.search(self._folder.name, since(mail.date - _CLOCKS))
        pages = batched(reversed(uids), PAGE, strict=False)
        return next((found for page in pages for found in self._copies(mail, page)), None)

    def copies(self, mail: Outgoing) -> list[Found]:
        """The copies of a mail that came here since."""
        self._reader.look_again()
        uids = self._reader.search(self._folder.name, f"UID {self._following}:*")
        return self._copies(mail, [uid for uid in uids if uid >= self._following])

    def appears(self, mail: Outgoing, seconds: float) -> Found | None:
        """The copy that the server put here by itself, if it does so in this time."""
        give_up = monotonic() + seconds
        while not (found := self.copies(mail)) and monotonic() < give_up:
            sleep(_ASK_EVERY)
        return found[0] if found else None

    def count(self, mail: Outgoing) -> int:
        """How many copies of a mail there are."""
        return len(self._reader.search(self._folder.name, f"HEADER Message-ID {quoted(mail.message_id)}"))

    def put(self, content: bytes) -> None:
        self._reader.session.append(self._folder.name, content)

    def _copies(self, mail: Outgoing, uids: Sequence[int]) -> list[Found]:
        said = self._reader.fetch(self._folder.name, uids, _FIELDS) if uids else {}
        return [mails.found(place, told) for place, told in said.items() if _is_it(mail, told)]

    def _make(self) -> Folder:
        folders = self._reader.folders
        made = self._reader.session.create(folders.full(_USUAL)) and self._reader.refresh().called(_USUAL)
        if not made:
            raise TemporaryFailure(NO_FOLDER)
        return made


def _is_it(mail: Outgoing, said: Mapping[bytes, Any]) -> bool:
    """By our mark; by our Message-ID where a server keeps no fields that it does not know."""
    fields = mails.fields_in(said)
    mark = fields.first(MARK.lower()).strip()
    return mark == mail.message_id if mark else mail.message_id in ids_in(fields.first("message-id"))
