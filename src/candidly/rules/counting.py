"""Counts that stop somewhere, however many there are."""

from django.db.models import IntegerField, Subquery


class CountOf(Subquery):
    """How many rows a query (which is sliced, to bound the work) finds for each row of another."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def in_words(number: int, up_to: int) -> str:
    """1,284 or, beyond what is counted, 100,000+."""
    return f"{up_to:,}+" if number > up_to else f"{number:,}"
