"""What a search of messages asks for, as its address says it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self

from django.http import QueryDict
from django.utils import timezone

from candidly.rules.channels import CHANNELS
from candidly.rules.moments import day_in
from candidly.rules.numbers import number_in
from candidly.rules.search_words import Term, terms

LONGEST_QUERY = 200


@dataclass(frozen=True)
class MessageQuery:
    """`q` is what was typed; the rest narrows it. Days are whole ones, in the zone of whoever searches."""

    q: str = ""
    person: int = 0
    opening: int = 0
    channel: str = ""
    since: date | None = None
    until: date | None = None
    has_file: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """From an address; what is not understood is left out, never an error."""
        channel = query.get("channel", "")
        return cls(
            q=" ".join(query.get("q", "")[:LONGEST_QUERY].replace("\x00", "").split()),
            person=number_in(query.get("person", "")),
            opening=number_in(query.get("opening", "")),
            channel=channel if channel in CHANNELS else "",
            since=day_in(query.get("since", "")),
            until=day_in(query.get("until", "")),
            has_file="file" in query,
        )

    def to_query(self) -> str:
        """The one address of this search, without the question mark; empty when nothing is set."""
        query = QueryDict(mutable=True)
        query.update({name: str(value) for name, value in self._named().items() if value})
        return query.urlencode()

    def without(self, name: str) -> Self:
        """The same without one narrowing, named by its field."""
        return replace(self, **{name: getattr(MessageQuery(), name)})

    @property
    def terms(self) -> list[Term]:
        return terms(self.q)

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than words."""
        return self.without("q") != MessageQuery()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all: then nothing is found, and not everything."""
        return not self.terms and not self.narrows

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The first moment and the one after the last."""
        return _midnight(self.since), _midnight(self.until and _day_after(self.until))

    def _named(self) -> dict[str, object]:
        return {
            "q": self.q,
            "person": self.person,
            "opening": self.opening,
            "channel": self.channel,
            "since": self.since,
            "until": self.until,
            "file": self.has_file and "1",
        }


def _day_after(day: date) -> date:
    return day + timedelta(days=1)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
