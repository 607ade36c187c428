"""How far a mailbox was read, as text: which labels were looked for, and for each folder what it had counted up to."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from candidly.channels.imap.session import State
from candidly.envelope import FullResyncNeeded


@dataclass(frozen=True, slots=True)
class Cursor:
    """`marks` tell, for folders without a modseq, which mails had a label's keyword."""

    at: datetime
    labels: frozenset[str]
    folders: Mapping[str, State] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises FullResyncNeeded for what is none of ours."""
        try:
            kept = json.loads(text)
            folders = {name: State(*map(int, state)) for name, state in kept["folders"].items()}
            at = datetime.fromtimestamp(int(kept["at"]), UTC)
            return cls(at, frozenset(kept["labels"]), folders, dict(kept["marks"]))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FullResyncNeeded from error

    def text(self) -> str:
        kept = {
            "at": int(self.at.timestamp()),
            "labels": sorted(self.labels),
            "folders": self.folders,
            "marks": self.marks,
        }
        return json.dumps(kept, separators=(",", ":"))

    def at_folder(self, name: str, state: State, mark: str = "") -> Self:
        """The same, with this folder read up to `state`."""
        marks = {**self.marks, name: mark} if mark else self.marks
        return replace(self, folders={**self.folders, name: state}, marks=marks)


def marked(uids: Collection[int]) -> str:
    """A mark by which the same mails are known again."""
    return hashlib.sha256(",".join(map(str, uids)).encode()).hexdigest()[:16]
