"""Lists by key: a page begins after (or ends before) the last row seen, however long the list has become."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from candidly.models import Reminder, ScheduledMessage
from candidly.rules.numbers import number_in

#: As many rows as a list shows at most when it is drawn anew.
MOST = 300
FORMAT = "%Y%m%d%H%M%S%f"

#: What rows are ordered by that have a time.
type Place = tuple[datetime, int]


@dataclass(frozen=True)
class Page[Row: Model]:
    """`previous` and `next` are what the addresses of the neighbours say ("before=7"), empty at the ends."""

    rows: list[Row]
    previous: str
    next: str


def page_of[Row: Model](
    rows: QuerySet[Row], asked: Mapping[str, str], size: int, *, newest_first: bool = False
) -> Page[Row]:
    """The page of `rows`, in the order of their ids, that `after=` or `before=` in `asked` names; else the first."""
    if before := key_in(asked, "before"):
        found, has_more = _walk(rows, before, size, upwards=newest_first)
        return _page(found[::-1], has_previous=has_more, has_next=True)
    after = key_in(asked, "after")
    found, has_more = _walk(rows, after, size, upwards=not newest_first)
    return _page(found, has_previous=bool(after), has_next=has_more)


def due_page[Row: (Reminder, ScheduledMessage)](
    rows: QuerySet[Row], asked: Mapping[str, str], size: int
) -> tuple[list[Row], str]:
    """The page of `rows`, the first due first, that `after=` in `asked` names, and the key of the next ("" at the end).

    Without `after` it is as long as `rows=` in `asked` says, where a list is drawn anew of which more had been loaded.
    Http404 for a key that is none.
    """
    after = asked.get("after", "")
    length = size if after else min(max(size, key_in(asked, "rows")), MOST)
    found = list(_due_after(rows, after).order_by("due_at", "pk")[: length + 1])
    last = found[length - 1] if len(found) > length else None
    return found[:length], write((last.due_at, last.pk)) if last else ""


def _due_after[Row: (Reminder, ScheduledMessage)](rows: QuerySet[Row], key: str) -> QuerySet[Row]:
    if not key:
        return rows
    since, last = read(key)
    # The first condition says it all again in the form that an index can follow.
    return rows.filter(due_at__gte=since).filter(Q(due_at__gt=since) | Q(pk__gt=last))


def write(place: Place) -> str:
    """The place as a key."""
    moment, pk = place
    return f"{moment.astimezone(UTC):{FORMAT}}-{pk}"


def read(key: str) -> Place:
    """The place that a key names. Http404 where it names none."""
    moment, _, pk = key.partition("-")
    try:
        return datetime.strptime(moment, FORMAT).replace(tzinfo=UTC), int(pk)
    except ValueError as error:
        raise Http404 from error


def key_in(asked: Mapping[str, str], name: str) -> int:
    """The id, or other whole number, that `asked` gives under `name`; 0 when it gives none."""
    return number_in(asked.get(name, ""))


def _walk[Row: Model](rows: QuerySet[Row], key: int, size: int, *, upwards: bool) -> tuple[list[Row], bool]:
    if key:
        rows = rows.filter(pk__gt=key) if upwards else rows.filter(pk__lt=key)
    found = list(rows.order_by("pk" if upwards else "-pk")[: size + 1])
    return found[:size], len(found) > size


def _page[Row: Model](rows: list[Row], *, has_previous: bool, has_next: bool) -> Page[Row]:
    return Page(
        rows,
        previous=f"before={rows[0].pk}" if rows and has_previous else "",
        next=f"after={rows[-1].pk}" if rows and has_next else "",
    )
