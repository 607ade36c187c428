"""To which thread a mail belongs: that of the oldest mail before it that is known by name (RFC 5322, 3.6.4)."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Protocol

from candidly.channels.imap.folders import INBOX, Folders, Use
from candidly.channels.imap.mails import Found

_LONGEST = 200


class Mailbox(Protocol):
    """Where the mails are."""

    @property
    def folders(self) -> Folders: ...

    @property
    def is_gmail(self) -> bool: ...

    def named(self, folder: str, field: str, names: Collection[str]) -> Iterator[Found]: ...


class Beginnings:
    """Of the threads of one mailbox, as far as it was looked at. Message-IDs have their angle brackets."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._above: dict[str, str] = {}  # by Message-ID, the oldest mail that it names as answered, or nothing
        self._of_thread: dict[str, str] = {}  # by thread id, the Message-ID that it begins with

    def note(self, found: Found) -> None:
        if found.message_id:
            self._above[found.message_id] = found.ancestors[0] if found.ancestors else ""

    def thread_of(self, found: Found) -> str:
        """How the thread is called that the mail is in."""
        if found.gmail_thread:
            return f"g.{found.gmail_thread}"
        return self.thread_from(found.ancestors[0] if found.ancestors else found.message_id) or found.external_id

    def thread_from(self, message_id: str) -> str:
        """How the thread is called that the mail of this name is in, or would be."""
        first = self._first(message_id)
        name = f"r.{first[1:-1]}" if first else ""
        if len(name) > _LONGEST:
            name = f"h.{hashlib.sha256(first.encode()).hexdigest()}"
        self._of_thread[name] = first
        return name

    def first_of(self, thread_id: str) -> str:
        """The Message-ID that the thread begins with; empty where it has none, or none that is known any more."""
        kind, _, rest = thread_id.partition(".")
        return f"<{rest}>" if kind == "r" else self._of_thread.get(thread_id, "")

    def _first(self, message_id: str) -> str:
        first, passed = message_id, {message_id}
        while (above := self._above.get(first, "")) and above not in passed:
            passed.add(above)
            first = above
        return first

    def look_up(self, some: Collection[Found]) -> None:
        """A mail that names no more than the one it answers may stand in the middle of a thread: where that one is
        here, it says how the thread begins. Others name all before them."""
        if self._mailbox.is_gmail:
            return
        for folder, answered in self._unknown(some).items():
            for name in dict.fromkeys([*self._likely(), folder]):
                if missing := [one for one in answered if one not in self._above]:
                    for found in self._mailbox.named(name, "Message-ID", missing):
                        self.note(found)
            for one in answered:
                self._above.setdefault(one, "")

    def _unknown(self, some: Collection[Found]) -> dict[str, list[str]]:
        """By folder, whom the mails there answer that nobody has seen."""
        unknown: defaultdict[str, list[str]] = defaultdict(list)
        for found in some:
            if len(found.ancestors) == 1 and found.ancestors[0] not in self._above:
                unknown[found.place.folder].append(found.ancestors[0])
        return unknown

    def _likely(self) -> list[str]:
        """Where earlier mails of a thread mostly lie."""
        folders = self._mailbox.folders
        everything, sent = folders.for_use(Use.ALL), folders.for_use(Use.SENT)
        return [everything.name] if everything else [INBOX, *([sent.name] if sent else [])]
