"""Pages by key, newest first: the next one starts after the last row shown, however many have come since."""

from datetime import UTC, datetime

from django.db.models import Model, Q, QuerySet
from django.http import Http404

FORMAT = "%Y%m%d%H%M%S%f"


def page[M: Model](rows: QuerySet[M], after: str, size: int) -> tuple[list[M], str]:
    """The `size` rows that follow the key `after` ("" for the first), and the key of the next page ("" at the end).

    The rows have a `last_message_at`. Http404 for a key that is none.
    """
    found = list(_following(rows, after).order_by("-last_message_at", "-pk")[: size + 1])
    return found[:size], key_of(found[size - 1]) if len(found) > size else ""


def place_of(row: Model) -> tuple[datetime, int]:
    """What the rows are ordered by; the highest comes first."""
    return row.last_message_at, row.pk  # type: ignore[attr-defined]


def key_of(row: Model) -> str:
    moment, pk = place_of(row)
    return f"{moment.astimezone(UTC):{FORMAT}}-{pk}"


def _following[M: Model](rows: QuerySet[M], after: str) -> QuerySet[M]:
    if not after:
        return rows
    moment, _, pk = after.partition("-")
    try:
        since, last = datetime.strptime(moment, FORMAT).replace(tzinfo=UTC), int(pk)
    except ValueError as error:
        raise Http404 from error
    # The first condition says it all again in the form that an index can follow.
    return rows.filter(last_message_at__lte=since).filter(Q(last_message_at__lt=since) | Q(pk__lt=last))
