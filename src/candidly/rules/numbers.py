"""Ids and other whole numbers as addresses, forms and cells write them."""

from collections.abc import Iterable

LONGEST = 18  # digits that every database can hold


def number_in(text: str) -> int:
    """What `text` says in plain digits; 0 where it says no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else 0


def numbers_in(texts: Iterable[str]) -> list[int]:
    """What several texts say, in their order, without those that say none."""
    return [number for text in texts if (number := number_in(text))]
