"""Whether something must wait because the database was restored from a back-up (see actions.restores)."""

from datetime import datetime

from django.db.models import Model, QuerySet

from candidly.models import Installation


def held_before() -> datetime | None:
    """What was written before this time is not sent until a person releases it; None: nothing is held."""
    return Installation.objects.values_list("held_before", flat=True).first()


def not_held[M: Model](rows: QuerySet[M]) -> QuerySet[M]:
    """Those of `rows` (which have a `created_at`) that may go."""
    before = held_before()
    return rows.filter(created_at__gt=before) if before else rows
