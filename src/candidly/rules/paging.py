"""The candidates list page by page, by key: page 5,000 costs what page 1 does."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from candidly.models import Person
from candidly.rules.audience import SORT_COLUMNS, CandidateFilter
from candidly.rules.moments import YEARS

SIZE = 20

#: A run of rows in which no key is null, and the columns that put it in order.
type Segment = tuple[Q, tuple[str, ...]]


@dataclass(frozen=True)
class Page:
    """`number` counts from 1, for display; the cursors are empty where there is no such page."""

    people: list[Person]
    number: int
    previous: str
    next: str


@dataclass(frozen=True)
class _Cursor:
    """Between which rows the page lies: after (or, backwards, before) the row with these keys."""

    keys: list[Any]
    is_backwards: bool
    number: int


def page(chosen: CandidateFilter, people: QuerySet[Person], cursor: str = "", size: int = SIZE) -> Page:
    """The page of `people` (already narrowed) that `cursor` names; one that cannot be read names the first page."""
    at = _read(chosen.sort, cursor)
    rows = list(_walk(chosen.sort, people, at, size + 1))
    has_more = len(rows) > size
    rows = rows[:size]
    if at and at.is_backwards:
        if len(rows) < size or (not has_more and at.number > 1):
            return page(chosen, people, size=size)  # the rows before it have shrunk: this is the first page
        rows.reverse()
        return _page(chosen.sort, rows, at.number, has_previous=has_more, has_next=True)
    return _page(chosen.sort, rows, at.number if at else 1, has_previous=at is not None, has_next=has_more)


def _page(sort: str, rows: list[Person], number: int, *, has_previous: bool, has_next: bool) -> Page:
    before = _write(sort, rows[0], is_backwards=True, number=number - 1) if rows and has_previous else ""
    after = _write(sort, rows[-1], is_backwards=False, number=number + 1) if rows and has_next else ""
    return Page(rows, number, before, after)


def _walk(sort: str, people: QuerySet[Person], at: _Cursor | None, limit: int) -> Iterator[Person]:
    """Up to `limit` rows from the cursor on, through the segments in their order."""
    is_descending = sort.startswith("-") != (at is not None and at.is_backwards)
    keys = at.keys if at else None
    for condition, columns in _segments(sort.lstrip("-"), is_descending=is_descending):
        if keys is not None and len(keys) != len(columns):
            continue  # the cursor lies in a later segment
        rows = people.filter(condition, _beyond(columns, keys, is_descending=is_descending))
        found = list(rows.order_by(*(f"-{column}" if is_descending else column for column in columns))[:limit])
        yield from found
        limit -= len(found)
        if limit <= 0:
            return
        keys = None


def _segments(sort: str, *, is_descending: bool) -> list[Segment]:
    """Null is no key: who was never written to is a segment of its own, older than the oldest message."""
    columns = SORT_COLUMNS[sort]
    if sort != "last_message":
        return [(Q(), columns)]
    written: Segment = (Q(last_message_at__isnull=False), columns)
    never: Segment = (Q(last_message_at__isnull=True), columns[1:])
    return [written, never] if is_descending else [never, written]


def _beyond(columns: tuple[str, ...], keys: list[Any] | None, *, is_descending: bool) -> Q:
    """Rows after `keys`: (a, b) > (x, y), written out, with a >= x in front for the index."""
    if keys is None:
        return Q()
    than = "lt" if is_descending else "gt"
    further = Q()
    for at, column in enumerate(columns):
        same = dict(zip(columns[:at], keys[:at], strict=True))
        further |= Q(**same, **{f"{column}__{than}": keys[at]})
    return Q(**{f"{columns[0]}__{than}e": keys[0]}) & further


def _write(sort: str, person: Person, *, is_backwards: bool, number: int) -> str:
    keys = [getattr(person, column) for column in SORT_COLUMNS[sort.lstrip("-")]]
    written = [key.isoformat() if isinstance(key, datetime) else key for key in keys if key is not None]
    packed = json.dumps([written, is_backwards, number], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read(sort: str, cursor: str) -> _Cursor | None:
    """None for no cursor, and for one that was cut, made up, or made for another order."""
    try:
        written, is_backwards, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        columns = SORT_COLUMNS[sort.lstrip("-")][-len(written) :]
        keys = [READERS.get(column, _text)(key) for column, key in zip(columns, written, strict=True)]
        return _Cursor(keys, is_backwards=is_backwards is True, number=max(1, _number(number)))
    except (binascii.Error, ValueError, TypeError):
        return None


def _text(key: object) -> str:
    if not isinstance(key, str) or "\x00" in key:
        raise ValueError("not a text")
    return key


def _number(key: object) -> int:
    if not isinstance(key, int) or not 0 <= key < 2**63:
        raise ValueError("not a number")
    return key


def _moment(key: object) -> datetime:
    moment = datetime.fromisoformat(_text(key))
    if moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError("no moment")
    return moment


READERS: dict[str, Callable[[object], Any]] = {"id": _number, "stage": _number, "last_message_at": _moment}
