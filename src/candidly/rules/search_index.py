"""Ask the full-text index of the database that is there: which messages hold these words, the newest first.

It says nothing of who may read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from candidly.rules.search_document import ERA_BITS, of_era
from candidly.rules.search_words import Term

#: What a document must hold: of each group at least one.
type Wanted = Sequence[Sequence[Term]]

#: Above every id.
LATEST = 2**62


@dataclass(frozen=True)
class Batch:
    """Ids, the highest first. Those that follow are below `below`; 0 when there are none."""

    ids: list[int]
    below: int


def newest(wanted: Wanted, below: int, limit: int) -> Batch:
    """The newest messages with an id under `below`: up to `limit`, fewer also when the search took long enough."""
    if connection.vendor == "postgresql":
        return _PostgreSQL(wanted, limit).newest(below)
    found = _ids(SQLITE, [" AND ".join(f"({' OR '.join(map(_fts5, group))})" for group in wanted), below, limit])
    return _batch(found, limit)


# FTS5 keeps the messages of each word in the order of their ids, and walks them backwards as far as it is asked.
SQLITE = (
    "SELECT rowid FROM candidly_messagewords WHERE candidly_messagewords MATCH %s AND rowid < %s"
    " ORDER BY rowid DESC LIMIT %s"
)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_beginning else ""}'


class _PostgreSQL:
    """GIN knows no order, so that a frequent word would have to be sorted. Three ways, each of them bounded:

    the newest messages are walked through, where a frequent word is found at once; then the whole index is asked,
    which gives all there is of a rare one; then, for what was frequent long ago, one age after the other.
    """

    WALKED = 4_096
    RARE = 2_000
    #: Eras that are asked for together, and how often in one search.
    ERAS, WINDOWS = 4, 16

    def __init__(self, wanted: Wanted, limit: int) -> None:
        self.words = " & ".join(f"({' | '.join(map(_tsquery, group))})" for group in wanted)
        self.limit = limit

    def newest(self, below: int) -> Batch:
        top = min(below, _ids("SELECT max(message_id) + 1 FROM candidly_messagedocument", [])[0] or 0)
        found = _ids(WALK, [max(0, top - self.WALKED), top, self.words, self.limit])
        if len(found) < self.limit and top > self.WALKED:
            everything = _ids(ALL, [self.words, top, self.RARE + 1])
            if len(everything) > self.RARE:
                return self._by_age(top)
            found = sorted(everything, reverse=True)[: self.limit]
        return _batch(found, self.limit)

    def _by_age(self, top: int) -> Batch:
        found: list[int] = []
        bottom = top
        for _ in range(self.WINDOWS):
            last = (bottom - 1) >> ERA_BITS
            first = max(0, last - self.ERAS + 1)
            eras = " | ".join(f"'{of_era(era)}'" for era in range(first, last + 1))
            missing = self.limit - len(found)
            found += _ids(WINDOW, [f"{self.words} & ({eras})", bottom, missing])
            bottom = first << ERA_BITS
            if len(found) == self.limit or not bottom:
                return _batch(found, self.limit)
        return Batch(found, bottom)


# In the subquery, so that the planner walks along the key however rare it thinks the words are.
WALK = (
    "SELECT message_id FROM (SELECT message_id, document FROM candidly_messagedocument"
    " WHERE message_id >= %s AND message_id < %s ORDER BY message_id DESC OFFSET 0) AS walked"
    " WHERE document @@ %s::tsquery LIMIT %s"
)
ALL = "SELECT message_id FROM candidly_messagedocument WHERE document @@ %s::tsquery AND message_id < %s LIMIT %s"
# By a sum, so that the planner does not walk along the key.
WINDOW = (
    "SELECT message_id FROM candidly_messagedocument WHERE document @@ %s::tsquery AND message_id < %s"
    " ORDER BY message_id + 0 DESC LIMIT %s"
)


def _tsquery(term: Term) -> str:
    return " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.is_beginning else "")


def _batch(found: list[int], limit: int) -> Batch:
    return Batch(found, found[-1] if len(found) == limit else 0)


def _ids(sql: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
