"""How many have applied for each opening of a page, and have not ended."""

from collections.abc import Sequence

from django.db.models import OuterRef

from candidly.actions.people import ENDS
from candidly.models import Application, Opening
from candidly.rules.counting import CountOf

#: So many applications of each opening are looked at.
COUNTED = 1_000


class ActiveOf(CountOf):
    """How many of those rows are active: most are, at the stages that are looked at."""

    template = "(SELECT COUNT(*) FILTER (WHERE status = 'active') FROM (%(subquery)s) AS counted)"


def with_active(rows: Sequence[Opening]) -> list[tuple[Opening, str]]:
    """The openings with their teams, the newest first, each with its number of active applications in words.

    Only stages that end no application are looked at, and of these COUNTED. They are taken before it is asked which
    are active, in the order of application_by_opening: else PostgreSQL would look at all that an opening ever had.
    """
    going_on = Application.objects.filter(
        organization=OuterRef("organization"), opening=OuterRef("pk"), stage__lt=min(ENDS)
    )
    some = going_on.order_by("stage", "person")[: COUNTED + 1]
    found = Opening.objects.filter(pk__in=[row.pk for row in rows]).order_by("-pk")
    counted = found.annotate(looked_at=CountOf(some.values("stage")), active=ActiveOf(some.values("status")))
    return [(one, _in_words(one.active, one.looked_at)) for one in counted.prefetch_related("team__user")]


def _in_words(active: int, looked_at: int) -> str:
    """12; of an opening with more than are looked at, at least so many: 1,000+."""
    return f"{min(active, COUNTED):,}{'+' if looked_at > COUNTED else ''}"
