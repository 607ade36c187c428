"""Counts that cost the same however many there are."""

from typing import Any

from django.db.models import QuerySet

COUNTED = 100


def up_to_99(found: QuerySet[Any, Any]) -> str:
    """How many: 0, 12, and from 100 on 99+. `found` asks for no more than what tells one from the other."""
    number = len(found.order_by()[:COUNTED])
    return f"{COUNTED - 1}+" if number >= COUNTED else str(number)
