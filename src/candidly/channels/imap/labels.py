"""A label is a folder of its name; a keyword of its name on a mail, in any folder, says the same.

An id is the folder's UIDVALIDITY and the name that it had when it was found, so that its owner may rename it; without a
number it is a keyword alone.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from candidly.channels.imap.folders import INBOX, Folder, Folders
from candidly.channels.imap.session import Selected, Session
from candidly.envelope import Label, PermanentFailure

NOT_A_NAME = "The mail server does not let a folder be called so. Choose another name for the label."
# What no atom may have (RFC 9051, 9); mail programs put the same in its place.
_UNSAYABLE = re.compile(r'[^!-~]|[(){%*"\\\]]')
_LONGEST_ID = 200


class Target(NamedTuple):
    """Where mails with a label are: in a folder, if there is one, and wherever they have its keyword."""

    id: str
    folder: str
    keyword: str


def keyword_of(name: str) -> str:
    return _UNSAYABLE.sub("_", name).casefold()


def targets(folders: Folders, ids: Iterable[str]) -> list[Target]:
    """Of labels with these ids, however they are called by now."""
    return [_target(folders, one) for one in ids]


def _target(folders: Folders, label_id: str) -> Target:
    folder = _folder_of(folders, label_id)
    return Target(label_id, folder.name if folder else "", keyword_of(label_id.partition("/")[2]))


def _folder_of(folders: Folders, label_id: str) -> Folder | None:
    """By its number and name, or by either: it may have been renamed, or begun anew."""
    number, _, name = label_id.partition("/")
    validity = int(number) if number.isdecimal() else 0
    named = folders.called(name)
    if validity and not (named and named.state and named.state.validity == validity):
        return folders.of_validity(validity) or named
    return named


class Mailbox(Protocol):
    """Where the folders are."""

    session: Session

    @property
    def folders(self) -> Folders: ...

    def refresh(self) -> Folders: ...

    def examine(self, folder: str) -> Selected: ...


def find(mailbox: Mailbox, name: str) -> Label | None:
    """See OpenMailbox.label."""
    folder = mailbox.folders.called(name)
    if folder:
        return _label(mailbox.folders, folder)
    is_keyword = keyword_of(name) in mailbox.examine(INBOX).flags
    return Label(f"/{name}"[:_LONGEST_ID], name) if is_keyword else None


def ensure(mailbox: Mailbox, name: str, known_id: str) -> Label:
    """See OpenMailbox.ensure_label."""
    folders = mailbox.refresh()
    folder = folders.called(name)
    return _known(folders, known_id) or (_label(folders, folder) if folder else _make(mailbox, name))


def _known(folders: Folders, known_id: str) -> Label | None:
    """The label of this id, if it still is what it was."""
    folder = _folder_of(folders, known_id) if known_id else None
    number = known_id.partition("/")[0]
    is_same = folder and folder.state and number == str(folder.state.validity)
    return Label(known_id, folders.shown(folder)) if folder and is_same else None


def _make(mailbox: Mailbox, name: str) -> Label:
    """A keyword alone where the server does not let us make folders."""
    is_made = mailbox.session.create(mailbox.folders.full(name))
    if is_made and (folder := mailbox.refresh().called(name)):
        return _label(mailbox.folders, folder)
    if mailbox.examine(INBOX).takes_keywords:
        return Label(f"/{name}"[:_LONGEST_ID], name)
    raise PermanentFailure(NOT_A_NAME)


def _label(folders: Folders, folder: Folder) -> Label:
    validity = folder.state.validity if folder.state else 0
    return Label(_id(validity, folders.shown(folder)), folders.shown(folder))


def _id(validity: int, name: str) -> str:
    return f"{validity}/{name}"[:_LONGEST_ID]


def of(folders: Collection[str], flags: Collection[str], wanted: Iterable[Target]) -> frozenset[str]:
    """Which labels a mail has that lies in these folders and has these flags (lower case)."""
    return frozenset(one.id for one in wanted if one.folder in folders or one.keyword in flags)
