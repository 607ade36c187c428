"""Full-text search over every message that a member may read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from candidly.models import Member, Message
from candidly.rules import search_document as marks
from candidly.rules.access import conversations_for, sees_own_only
from candidly.rules.search_index import LATEST, newest
from candidly.rules.search_query import MessageQuery
from candidly.rules.search_words import Term

PAGE = 30
#: Messages looked at for one page, when most of what the index names is not the member's to read.
MOST = 10_000
MOST_AT_ONCE = 2_000
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
    wanted = [[Term((mark,)) for mark in group] for group in _marks(member, query)] + [[term] for term in query.terms]
    keys: list[int] = []
    below, step, looked = after or LATEST, MOST_AT_ONCE if _is_sieved(member, query) else size + 1, 0
    while below and len(keys) <= size and looked < MOST:
        batch = newest(wanted, below, step)
        keys += _readable(member, query, batch.ids)
        if len(batch.ids) < step:
            below = batch.below
            break
        below, looked, step = batch.below, looked + step, min(step * 8, MOST_AT_ONCE)
    return Found(_whole(keys[:size]), keys[size - 1] if len(keys) > size else below)


def _is_sieved(member: Member, query: MessageQuery) -> bool:
    """Whether a page's worth of what the index names will hardly fill a page."""
    return sees_own_only(member) or any(query.moments)


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


def _marks(member: Member, query: MessageQuery) -> Iterator[list[str]]:
    """Groups of marks: of each group a document must have one."""
    yield [marks.of_organization(member.organization_id)]
    if query.person:
        yield [marks.of_person(query.person)]
    if query.opening:
        yield [marks.of_opening(query.opening)]
    if query.channel:
        yield [marks.by_channel(query.channel)]
    if query.has_file:
        yield [marks.HAS_FILE]
    if times := _times(*query.moments):
        yield times


def _times(since: datetime | None, before: datetime | None) -> list[str]:
    """The marks of the years and months that the time touches; none when any time will do."""
    if since is None and before is None:
        return []
    first = since.astimezone(UTC) if since else BEGINNING
    last = before.astimezone(UTC) if before else timezone.now().astimezone(UTC) + timedelta(days=1)
    found = []
    for year in range(first.year, last.year + 1):
        months = range(first.month if year == first.year else 1, (last.month if year == last.year else 12) + 1)
        found += [marks.in_year(year)] if len(months) == 12 else [marks.in_month(year, month) for month in months]
    return found
