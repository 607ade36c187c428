"""The folders of a mailbox, and what each is for (RFC 6154, or by the names that mail programs give)."""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from candidly.channels.imap.session import Listed, Session, State
from candidly.envelope import TemporaryFailure

INBOX = "INBOX"
NO_INBOX = (
    "The mail server {place} let us in, but shows no inbox. Check the user name, and that the server is in order."
)
#: More folders than these are not looked into.
_MOST = 300


class Use(StrEnum):
    """As a server flags them, in lower case."""

    SENT = "\\sent"
    DRAFTS = "\\drafts"
    JUNK = "\\junk"
    TRASH = "\\trash"
    ALL = "\\all"
    FLAGGED = "\\flagged"
    IMPORTANT = "\\important"


_NAMES: dict[str, Use] = {
    **dict.fromkeys(
        (
            *("sent", "sent items", "sent messages", "sent mail", "sent-mail"),
            *("gesendet", "gesendete objekte", "gesendete elemente", "éléments envoyés", "messages envoyés", "envoyés"),
            *("elementos enviados", "enviados", "itens enviados", "posta inviata", "inviata", "verzonden"),
            *("verzonden items", "wysłane", "elementy wysłane", "skickat", "sendt", "отправленные"),
        ),
        Use.SENT,
    ),
    **dict.fromkeys(("drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten"), Use.DRAFTS),
    **dict.fromkeys(("junk", "junk e-mail", "spam", "bulk mail", "junk-e-mail", "indésirables"), Use.JUNK),
    **dict.fromkeys(
        (
            *("trash", "deleted items", "deleted messages", "bin", "papierkorb", "gelöschte elemente", "gelöscht"),
            *("corbeille", "éléments supprimés", "papelera", "elementos eliminados", "cestino", "prullenbak"),
        ),
        Use.TRASH,
    ),
}
# Views of mails that lie elsewhere, and what is none of our business.
_LEFT_OUT = {Use.DRAFTS, Use.JUNK, Use.TRASH, Use.FLAGGED, Use.IMPORTANT, Use.ALL}


_RANK = {name: rank for rank, name in enumerate(_NAMES)}


class Folder(NamedTuple):
    name: str
    delimiter: str
    use: Use | None
    state: State | None

    def holds(self, other: "Folder") -> bool:
        """Whether `other` is this one or below it."""
        return other.name == self.name or bool(self.delimiter and other.name.startswith(self.name + self.delimiter))


class Folders:
    """Those of a mailbox at one moment. `prefix` is what names of its owner's own begin with."""

    def __init__(self, listed: Iterable[Listed], prefix: str, foreign: Collection[str]) -> None:
        own = [one for one in listed if not one.name.startswith(tuple(foreign))]
        self.prefix = prefix
        told = {use for one in own for use in Use if use in one.flags}
        found = (Folder(_name(one), one.delimiter, self._use(one, told), one.state) for one in own)
        self._all = {folder.name: folder for folder in found}

    def __getitem__(self, name: str) -> Folder:
        return self._all[name]

    def get(self, name: str) -> Folder | None:
        return self._all.get(name)

    def for_use(self, use: Use) -> Folder | None:
        """The likeliest: a server may have several whose names would do."""
        found = [folder for folder in self._all.values() if folder.use is use]
        return min(found, key=lambda folder: _RANK.get(self.shown(folder).casefold(), len(_RANK)), default=None)

    def called(self, name: str) -> Folder | None:
        """The folder that people see under this name, whatever the case of its letters."""
        wanted = {name.casefold(), self.full(name).casefold()}
        return next((folder for folder in self._all.values() if folder.name.casefold() in wanted), None)

    def full(self, name: str) -> str:
        """By which name the server knows what people call `name`."""
        return name if name.startswith(self.prefix) else f"{self.prefix}{name}"

    def shown(self, folder: Folder) -> str:
        return folder.name.removeprefix(self.prefix) or folder.name

    def of_validity(self, validity: int) -> Folder | None:
        """The only one whose numbers began then; a folder keeps that when it is renamed."""
        found = [folder for folder in self._all.values() if folder.state and folder.state.validity == validity]
        return found[0] if len(found) == 1 else None

    def watched(self, first: Sequence[str]) -> list[Folder]:
        """Those to look into: the inbox, what was sent, those in `first`; then the one that has everything, where
        there is such a thing, and otherwise all others."""
        sent, everything = self.for_use(Use.SENT), self.for_use(Use.ALL)
        names = dict.fromkeys((INBOX, *([sent.name] if sent else ()), *first))
        if everything:
            names[everything.name] = None
        else:
            closed = [folder for folder in self._all.values() if folder.use in _LEFT_OUT]
            others = (folder for folder in self._all.values() if not any(one.holds(folder) for one in closed))
            names |= {folder.name: None for folder in others}
        return [self._all[name] for name in names if name in self._all and self._all[name].state][:_MOST]

    def _use(self, one: Listed, told: Collection[Use]) -> Use | None:
        """What the server says counts before names."""
        for use in Use:
            if use in one.flags:
                return use
        by_name = _NAMES.get(_name(one).removeprefix(self.prefix).casefold())
        return by_name if by_name not in told else None


def _name(one: Listed) -> str:
    """The inbox is called so in any case of its letters (RFC 9051, 5.1)."""
    return INBOX if one.name.upper() == INBOX else one.name


def folders_of(session: Session) -> Folders:
    """Raises TemporaryFailure where there is no inbox: then the server is not in order, or the wrong one."""
    prefix, foreign = session.prefixes
    folders = Folders(session.folders(), prefix, foreign)
    inbox = folders.get(INBOX)
    if inbox is None or inbox.state is None:
        raise TemporaryFailure(NO_INBOX.format(place=session.server.place))
    return folders
