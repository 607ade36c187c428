"""The list of reminders by key: those due longest first, then those that wait."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from candidly.actions.reminders import OPEN
from candidly.models import Reminder

SIZE = 30
FORMAT = "%Y%m%d%H%M%S%f"


@dataclass(frozen=True)
class Page:
    """`due` and `waiting` in their order, and the key of the next page ("" at the end)."""

    due: list[Reminder]
    waiting: list[Reminder]
    next: str
    is_first: bool


def page(reminders: QuerySet[Reminder], after: str) -> Page:
    """The open ones of `reminders` that follow the key `after` ("" for the first). Http404 for a key that is none."""
    rows = reminders.filter(state__in=OPEN).select_related(
        "conversation__person", "conversation__application__opening", "message"
    )
    found = list(_following(rows, after).order_by("due_at", "pk")[: SIZE + 1])
    shown = found[:SIZE]
    return Page(
        due=[reminder for reminder in shown if reminder.state == Reminder.State.DUE],
        waiting=[reminder for reminder in shown if reminder.state == Reminder.State.WAITING],
        next=f"{shown[-1].due_at.astimezone(UTC):{FORMAT}}-{shown[-1].pk}" if len(found) > SIZE else "",
        is_first=not after,
    )


def _following(rows: QuerySet[Reminder], after: str) -> QuerySet[Reminder]:
    if not after:
        return rows
    moment, _, pk = after.partition("-")
    try:
        since, last = datetime.strptime(moment, FORMAT).replace(tzinfo=UTC), int(pk)
    except ValueError as error:
        raise Http404 from error
    return rows.filter(due_at__gte=since).filter(Q(due_at__gt=since) | Q(pk__gt=last))
