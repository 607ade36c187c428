"""Pages by key, in either order: the next one starts after the last row shown, however many have come since."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from candidly.web.writing.paging import Place, read, write


@dataclass(frozen=True)
class Order:
    """An order of rows that have a `last_message_at`. Both read one index, the one forwards and the other backwards."""

    name: str
    label: str
    is_descending: bool

    def apply[M: Model](self, rows: QuerySet[M]) -> QuerySet[M]:
        sign = "-" if self.is_descending else ""
        return rows.order_by(f"{sign}last_message_at", f"{sign}pk")

    def sort[M: Model](self, rows: Iterable[M]) -> list[M]:
        return sorted(rows, key=place_of, reverse=self.is_descending)

    def beyond[M: Model](self, rows: QuerySet[M], key: str) -> QuerySet[M]:
        """Those that come after the key; all of them for "". Http404 for a key that is none."""
        return self._compared(rows, read(key), "lt" if self.is_descending else "gt") if key else rows

    def up_to[M: Model](self, rows: QuerySet[M], place: Place) -> QuerySet[M]:
        """Those that come before the place, and the one there."""
        return self._compared(rows, place, "gt" if self.is_descending else "lt", "e")

    def is_beyond(self, one: Place, other: Place) -> bool:
        return one < other if self.is_descending else one > other

    @staticmethod
    def _compared[M: Model](rows: QuerySet[M], place: Place, than: str, or_there: str = "") -> QuerySet[M]:
        moment, pk = place
        # The first condition says it all again in the form that an index can follow.
        rows = rows.filter(**{f"last_message_at__{than}e": moment})
        return rows.filter(Q(**{f"last_message_at__{than}": moment}) | Q(**{f"pk__{than}{or_there}": pk}))


NEWEST_FIRST = Order("newest", "Newest first", is_descending=True)
OLDEST_FIRST = Order("oldest", "Oldest first", is_descending=False)
#: On "Waiting on us" too it is called oldest: a note moves a conversation, so the first need not wait the longest.
ORDERS = {order.name: order for order in (NEWEST_FIRST, OLDEST_FIRST)}


def page[M: Model](rows: QuerySet[M], after: str, size: int, order: Order = NEWEST_FIRST) -> tuple[list[M], str]:
    """The `size` rows that follow the key `after` ("" for the first), and the key of the next page ("" at the end).

    Http404 for a key that is none.
    """
    found = list(order.apply(order.beyond(rows, after))[: size + 1])
    return found[:size], key_of(found[size - 1]) if len(found) > size else ""


def sifted[M: Model](
    rows: QuerySet[M], sift: Callable[[QuerySet[M]], QuerySet[M]], after: str, size: int, order: Order, *, most: int
) -> tuple[list[M], str]:
    """A page of what `sift` leaves of the rows, where no index knows that: of the next `most` rows, however few it is.

    Where it ends before the page is full, the key is that of the last row looked at.
    """
    ahead = order.beyond(rows, after)
    last = list(order.apply(ahead).values_list("last_message_at", "pk")[most - 1 : most + 1])
    within = order.up_to(ahead, last[0]) if last else ahead
    found, following = page(sift(within), "", size, order)
    return found, following or (write(last[0]) if len(last) > 1 else "")


def place_of(row: Model) -> Place:
    return row.last_message_at, row.pk  # type: ignore[attr-defined]


def key_of(row: Model) -> str:
    return write(place_of(row))
