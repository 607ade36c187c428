"""The list of deliveries that somebody must see to: failed ones, and those that nobody confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet

from candidly.models import Conversation, Delivery, Member, clock
from candidly.models.deliveries import DeliveryQuerySet
from candidly.rules import outbox
from candidly.rules.access import deliveries_for
from candidly.web.writing.paging import Page, page_of

LISTED = 20
#: Reasons offered to choose from.
OFFERED = 20

#: What the address says, what the tab says, and which deliveries those are.
LISTS: dict[str, tuple[str, Callable[[DeliveryQuerySet], DeliveryQuerySet]]] = {
    "failed": ("Failed", outbox.failed),
    "unconfirmed": ("Unconfirmed", outbox.unconfirmed),
}


@dataclass(frozen=True)
class Row:
    """One delivery; `conversation` is None for a notice. `is_due`: it goes as soon as a worker takes it."""

    delivery: Delivery
    conversation: Conversation | None
    is_held: bool
    is_due: bool


@dataclass(frozen=True)
class Problems:
    """A page of the list. `reason` is the chosen group's title, or empty; `query` leads back to the same list."""

    show: str
    tabs: Sequence[tuple[str, str]]
    reason: str
    reasons: Sequence[outbox.ReasonGroup]
    page: Page[Delivery]
    query: str

    @property
    def rows(self) -> list[Row]:
        now = clock.now()
        return [
            Row(
                delivery,
                delivery.message.conversation if delivery.message else None,
                is_held=delivery.due_at >= outbox.HELD_UNTIL,
                is_due=delivery.due_at <= now,
            )
            for delivery in self.page.rows
        ]


def problems_of(member: Member, asked: Mapping[str, str]) -> Problems:
    """What `show=`, `reason=`, `after=` and `before=` in `asked` name; newest first."""
    show = asked.get("show", "")
    if show not in LISTS:
        show = "failed"
    rows = LISTS[show][1](deliveries_for(member))
    groups = outbox.reason_groups(rows)
    chosen = next((group for group in groups if group.title == asked.get("reason")), None)
    if chosen:
        rows = rows.filter(reason__in=chosen.reasons)
    query = {"show": show, **({"reason": chosen.title} if chosen else {})}
    return Problems(
        show=show,
        tabs=[(name, label) for name, (label, _) in LISTS.items()],
        reason=chosen.title if chosen else "",
        reasons=groups[:OFFERED],
        page=page_of(_with_what_is_shown(rows), asked, LISTED, newest_first=True),
        query=urlencode(query),
    )


def _with_what_is_shown(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """A page's number of queries does not depend on its rows. Texts stay where they are."""
    shown = rows.select_related("message__conversation__person", "notice", "mailing")
    texts = ("message__text", "message__html", "message__quoted", "notice__text", "notice__html", "mailing__body")
    return shown.defer(*texts)
