"""What the search index holds of a message: its words, and marks for what a search is narrowed to.

A mark begins with `@`, which no word does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from candidly.models.search import Document
from candidly.rules.search_words import words

#: Between texts, so that no phrase reaches from one into the next.
FENCE = "@"
HAS_FILE = "@f"


def of_organization(pk: int) -> str:
    return f"@o{pk}"


def of_person(pk: int) -> str:
    return f"@p{pk}"


def of_opening(pk: int) -> str:
    return f"@j{pk}"


def by_channel(name: str) -> str:
    return f"@c{name}"


def in_year(year: int) -> str:
    return f"@y{year}"


def in_month(year: int, month: int) -> str:
    return f"@m{year}{month:02}"


def on_day(day: date) -> str:
    return f"@d{day:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A message as search sees it. `texts` are searched in their order; `written_at` is UTC."""

    message: int
    organization: int
    person: int
    opening: int | None
    channels: Iterable[str]
    has_file: bool
    written_at: datetime
    texts: Sequence[str]


def document(subject: Subject) -> Document:
    """Its words, then its marks."""
    found: list[str] = []
    for text in subject.texts:
        found += [*words(text), FENCE]
    marks = [of_organization(subject.organization), of_person(subject.person)]
    day = subject.written_at.date()
    marks += [in_year(day.year), in_month(day.year, day.month), on_day(day)]
    marks += map(by_channel, subject.channels)
    if subject.opening:
        marks.append(of_opening(subject.opening))
    if subject.has_file:
        marks.append(HAS_FILE)
    return Document(subject.message, found + marks)
