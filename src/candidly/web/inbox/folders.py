"""The tabs of the list."""

from collections.abc import Mapping
from dataclasses import dataclass

from candidly.models import Participation
from candidly.models.literals import Literal


@dataclass(frozen=True)
class Folder:
    """A tab of the list. `only` is the condition of an index of Participation, word for word.

    `keeps_open`: a conversation that no longer belongs here stays for as long as it is open, so that it does not
    vanish from under the eyes of its reader.
    """

    name: str
    label: str
    only: Mapping[str, object]
    keeps_open: bool = False


FOLDERS = {
    folder.name: folder
    for folder in (
        Folder("all", "All", {"archived_at": None}),
        Folder("unread", "Unread", {"is_unread": True, "archived_at": None}, keeps_open=True),
        Folder("mine", "Mine", {"role": Literal(Participation.Role.OWNER.value), "archived_at": None}),
        Folder("waiting", "Waiting on us", {"is_waiting": True, "archived_at": None}, keeps_open=True),
        Folder("archived", "Archived", {"archived_at__isnull": False}),
    )
}
ALL = FOLDERS["all"]
