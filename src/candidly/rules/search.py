"""Full-text search over every message that a member may read."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from candidly.models import Member, Message
from candidly.rules import search_document as marks
from candidly.rules.access import conversations_for, sees_own_only
from candidly.rules.search_index import LATEST, Wanted, newest
from candidly.rules.search_query import MessageQuery
from candidly.rules.search_words import Term

PAGE = 30
#: Messages looked at for one page, when most of what the index names is not the member's to read.
MOST = 10_000
MOST_AT_ONCE = 2_000
#: At first, for those who see their own only: a page is full when one in thirty-three is theirs.
FIRST_OF_ALL = 1_000
#: Of so short a time most of the past knows nothing.
SHORT = timedelta(days=366)
#: Before any message.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """A page, newest first. `next` is what `after` takes for the following one; 0 at the end."""

    messages: list[Message]
    next: int


def messages_found(member: Member, query: MessageQuery, after: int = 0, size: int = PAGE) -> Found:
    """Up to `size` messages that the member may read and that hold for the query, older than message `after`.

    A page may be short and yet have a next one, when it took long to find as many.
    """
    if query.is_empty:
        return Found([], 0)
    times = list(_times(*query.moments))
    if any(query.moments) and not times:
        return Found([], 0)
    wanted = Wanted([*_marks(member, query), *query.terms], times, is_short=_is_short(*query.moments))
    keys: list[int] = []
    below, step, looked = after or LATEST, FIRST_OF_ALL if sees_own_only(member) else size + 1, 0
    while below and len(keys) <= size and looked < MOST:
        batch = newest(wanted, below, step)
        keys += _readable(member, query, batch.ids)
        if len(batch.ids) < step:
            below = batch.below
            break
        below, looked, step = batch.below, looked + step, min(step * 8, MOST_AT_ONCE)
    return Found(_whole(keys[:size]), keys[size - 1] if len(keys) > size else below)


def _readable(member: Member, query: MessageQuery, keys: list[int]) -> list[int]:
    """Those of the messages that the member may read, and that are of the query's very days; in their order."""
    since, before = query.moments
    messages = Message.objects.filter(pk__among=keys)
    if since:
        messages = messages.filter(created_at__gte=since)
    if before:
        messages = messages.filter(created_at__lt=before)
    readable = set(messages.filter(conversation__in=conversations_for(member)).values_list("pk", flat=True))
    return [key for key in keys if key in readable]


def _whole(keys: list[int]) -> list[Message]:
    found = Message.objects.filter(pk__in=keys).order_by("-pk").defer("html", "quoted", "references")
    return list(found.select_related("conversation__person", "conversation__application__opening", "member__user"))


def _marks(member: Member, query: MessageQuery) -> Iterator[Term]:
    """What a document must hold beside the words, but for its time."""
    yield _mark(marks.of_organization(member.organization_id))
    if query.person:
        yield _mark(marks.of_person(query.person))
    if query.opening:
        yield _mark(marks.of_opening(query.opening))
    if query.channel:
        yield _mark(marks.by_channel(query.channel))
    if query.has_file:
        yield _mark(marks.HAS_FILE)


def _times(since: datetime | None, before: datetime | None) -> Iterator[Term]:
    """The whole years, else the whole months, else the days of UTC that the time touches; of the future no more than
    tomorrow. None when any time will do."""
    if since is None and before is None:
        return
    tomorrow = timezone.now() + timedelta(days=1)
    day = max(since or BEGINNING, BEGINNING).astimezone(UTC).date()
    last = min(before - timedelta.resolution if before else tomorrow, tomorrow).astimezone(UTC).date()
    while day <= last:
        year_ends, month_ends = date(day.year, 12, 31), day.replace(day=monthrange(day.year, day.month)[1])
        if (day.month, day.day) == (1, 1) and year_ends <= last:
            yield _mark(marks.in_year(day.year))
            day = year_ends
        elif day.day == 1 and month_ends <= last:
            yield _mark(marks.in_month(day.year, day.month))
            day = month_ends
        else:
            yield _mark(marks.on_day(day))
        day += timedelta(days=1)


def _is_short(since: datetime | None, before: datetime | None) -> bool:
    return since is not None and (before or timezone.now()) - since <= SHORT


def _mark(mark: str) -> Term:
    return Term((mark,))
