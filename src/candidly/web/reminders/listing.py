"""The list of reminders by key: those due longest first, then those that wait."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from candidly.actions.reminders import OPEN
from candidly.models import Reminder
from candidly.web.writing.paging import due_page

SIZE = 30


@dataclass(frozen=True)
class Page:
    """`due` and `waiting` in their order, and the key of the next page ("" at the end)."""

    due: list[Reminder]
    waiting: list[Reminder]
    next: str
    is_first: bool


def page(reminders: QuerySet[Reminder], asked: Mapping[str, str]) -> Page:
    """Of `reminders` the open ones that are `asked` for, as `due_page` reads it. Http404 for a key that is none."""
    rows = reminders.filter(state__in=OPEN).select_related(
        "conversation__person", "conversation__application__opening", "message"
    )
    shown, following = due_page(rows, asked, SIZE)
    return Page(
        due=[reminder for reminder in shown if reminder.state == Reminder.State.DUE],
        waiting=[reminder for reminder in shown if reminder.state == Reminder.State.WAITING],
        next=following,
        is_first=not asked.get("after"),
    )
