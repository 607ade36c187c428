"""Ask the full-text index of the database that is there: which messages hold these words, the newest first.

It says nothing of who may read them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from candidly.models import search
from candidly.models.search import lexeme
from candidly.rules.search_words import Term

#: Above every id.
LATEST = 2**62


@dataclass(frozen=True)
class Wanted:
    """What a document must hold: every one of `terms`, and one of `times` unless any time will do.

    `is_short` where most of the past is not of these times: then it is worth to ask first what is.
    """

    terms: Sequence[Term]
    times: Sequence[Term] = ()
    is_short: bool = False

    @property
    def groups(self) -> list[Sequence[Term]]:
        """Of each it must hold one."""
        return [*([term] for term in self.terms), *([self.times] if self.times else [])]


@dataclass(frozen=True)
class Batch:
    """Ids, the highest first. Those that follow are below `below`; 0 when there are none."""

    ids: list[int]
    below: int


def newest(wanted: Wanted, below: int, limit: int) -> Batch:
    """The newest messages with an id under `below`: up to `limit`, fewer also when it took long enough to find them."""
    if connection.vendor == "postgresql":
        return _PostgreSQL(wanted, limit).newest(below)
    words = " AND ".join(f"({' OR '.join(map(_fts5, group))})" for group in wanted.groups)
    found = [row[0] for row in _rows(SQLITE, [words, below, limit])]
    return Batch(found, found[-1] if len(found) == limit else 0)


# FTS5 keeps the messages of each word in the order of their ids, and walks them backwards as far as it is asked.
SQLITE = (
    "SELECT rowid FROM candidly_messagewords WHERE candidly_messagewords MATCH %s AND rowid < %s"
    " ORDER BY rowid DESC LIMIT %s"
)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_beginning else ""}'


class _PostgreSQL:
    """GIN knows no order, and to sort all that hold a frequent word would take long. So the newest messages are walked
    through, where a frequent word is found at once; then the index is asked for one era after the other, sixteen in one
    question, which ends with the era that holds enough. A phrase is read in every message that holds its words: one era
    at a time.
    """

    WALKED = 1_024
    #: Eras asked for in one question.
    WIDTH = 16
    #: Seconds after which no other part of the past is looked into.
    PATIENCE = 0.05

    def __init__(self, wanted: Wanted, limit: int) -> None:
        self.wanted = wanted
        self.limit = limit
        self.width = 1 if any(len(term.words) > 1 for term in wanted.terms) else self.WIDTH

    def newest(self, below: int) -> Batch:
        began = time.monotonic()
        oldest, newest = _rows(ENDS, [])[0]
        top = min(below, (newest or 0) + 1)
        bottom = max(top - self.WALKED, oldest or top)
        found = self._walk(bottom, top)
        while len(found) < self.limit and bottom > (oldest or 0) and time.monotonic() - began < self.PATIENCE:
            last = (bottom - 1) >> search.ERA_BITS
            first = max(0, last - self.width + 1)
            found += self._in_eras(range(last, first - 1, -1), bottom, self.limit - len(found))
            bottom = first << search.ERA_BITS
        return Batch(found, found[-1] if len(found) == self.limit else bottom if bottom > (oldest or 0) else 0)

    def _walk(self, bottom: int, top: int) -> list[int]:
        if bottom >= top:
            return []
        eras = range(bottom >> search.ERA_BITS, ((top - 1) >> search.ERA_BITS) + 1)
        query = " | ".join(f"({self._query(era)})" for era in eras)
        return [row[0] for row in _rows(WALK, [bottom, top, query, self.limit])]

    def _in_eras(self, eras: Sequence[int], top: int, limit: int) -> list[int]:
        """Those under `top`, of the eras in their order; none is read behind the one that fills the limit."""
        queries = [self._query(era) for era in eras]
        times = [_any(self.wanted.times, era) for era in eras] if self.wanted.is_short else None
        return [row[0] for row in _rows(IN_ERAS, [queries, times, top, limit, limit])]

    def _query(self, era: int) -> str:
        return " & ".join(_any(group, era) for group in self.wanted.groups)


ENDS = "SELECT min(message_id), max(message_id) FROM candidly_messagedocument"
# In the subquery, so that the planner walks along the key however rare it thinks the words are.
WALK = (
    "SELECT message_id FROM (SELECT message_id, document FROM candidly_messagedocument"
    " WHERE message_id >= %s AND message_id < %s ORDER BY message_id DESC OFFSET 0) AS walked"
    " WHERE document @@ %s::tsquery LIMIT %s"
)
# By a sum, so that the planner does not walk along the key. An era in which nothing is of the time is passed over
# before the words are looked up, which for the beginning of a word takes longer. Materialized, so that the planner asks
# the index for it: to find one it would read the table, all of it where there is none.
IN_ERAS = (
    "SELECT found.message_id FROM unnest(%s::tsquery[], %s::tsquery[]) AS era(query, times), LATERAL ("
    "SELECT message_id FROM candidly_messagedocument WHERE message_id + 0 < %s AND document @@ era.query"
    " AND (era.times IS NULL OR (WITH of_then AS MATERIALIZED ("
    "SELECT FROM candidly_messagedocument WHERE document @@ era.times) SELECT EXISTS (SELECT FROM of_then)))"
    " ORDER BY message_id + 0 DESC LIMIT %s) AS found LIMIT %s"
)


def _any(group: Sequence[Term], era: int) -> str:
    return f"({' | '.join(_tsquery(term, era) for term in group)})"


def _tsquery(term: Term, era: int) -> str:
    return " <-> ".join(lexeme(era, word) for word in term.words) + (":*" if term.is_beginning else "")


def _rows(sql: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
    return found
