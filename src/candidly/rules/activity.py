"""What happened with one person, as one list from several tables: newest first, a page at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet

from candidly.models import Member, Person
from candidly.rules import activity_sources as sources
from candidly.rules.numbers import number_in

SIZE = 30
FORMAT = "%Y%m%d%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Source:
    """`find` gives the rows that a member may see of a person, and `at` names the column that says when it happened.

    `is_long`: there may be thousands, with much in each, so that which ones it will be is asked first.
    """

    name: str
    find: Callable[[Member, Person], QuerySet[Any]]
    at: str
    is_long: bool = False


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source("message", sources.messages, "created_at", is_long=True),
        Source("agency_message", sources.agency_messages, "created_at"),
        Source("application", sources.applications, "applied_at"),
        Source("move", sources.moves, "at"),
        Source("campaign", sources.campaigns, "added_at"),
        Source("response", sources.responses, "responded_at"),
        Source("reminder", sources.reminders, "created_at"),
        Source("reminder_end", sources.ended_reminders, "ended_at"),
        Source("consent", sources.consent, "at"),
        Source("person", sources.people, "created_at"),
    )
}


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of one of the SOURCES, by its name there."""

    source: str
    at: datetime
    row: Model

    @property
    def place(self) -> tuple[datetime, str, int]:
        """What the list is ordered by, the highest first: of one moment, source after source."""
        return self.at, self.source, self.row.pk


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is the key of the page that follows, empty at the end."""

    happened: list[Happened]
    older: str


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The place of the last row that was shown."""

    at: datetime
    source: str
    pk: int

    def precedes(self, source: Source) -> Q:
        """What of a source comes after this place in the list."""
        up_to, earlier = Q(**{f"{source.at}__lte": self.at}), Q(**{f"{source.at}__lt": self.at})
        if source.name == self.source:
            return up_to & (earlier | Q(pk__lt=self.pk))
        return up_to if source.name < self.source else earlier


def page(member: Member, person: Person, after: str = "", size: int = SIZE) -> Page:
    """The page that the key `after` names; a key that cannot be read names the first. The number of queries is fixed:
    each source is asked for one page at most, whatever it holds."""
    cursor = _read(after)
    runs = [_run(source, source.find(member, person), cursor, size + 1) for source in SOURCES.values()]
    found = list(islice(merge(*runs, key=lambda happened: happened.place, reverse=True), size + 1))
    shown = found[:size]
    return Page(shown, _write(shown[-1]) if len(found) > size else "")


def _run(source: Source, rows: QuerySet[Any], cursor: _Cursor | None, limit: int) -> Iterator[Happened]:
    if cursor:
        rows = rows.filter(cursor.precedes(source))
    rows = rows.order_by(f"-{source.at}", "-pk")
    if source.is_long:
        rows = rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:limit]))
    for row in rows[:limit]:
        yield Happened(source.name, getattr(row, source.at), row)


def _write(last: Happened) -> str:
    return f"{last.at.astimezone(UTC):{FORMAT}}-{last.row.pk}-{last.source}"


def _read(key: str) -> _Cursor | None:
    """None for no key, and for one that was cut or made up."""
    moment, _, rest = key.partition("-")
    pk, _, source = rest.partition("-")
    if source not in SOURCES or not number_in(pk):
        return None
    try:
        return _Cursor(datetime.strptime(moment, FORMAT).replace(tzinfo=UTC), source, int(pk))
    except ValueError:
        return None
