"""The filters beside a list of people: the values of each facet, and how many people each has."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet

from candidly.models import Application, Member, Opening, Person
from candidly.rules.access import applications_for, people_for
from candidly.rules.audience import COLUMNS, CONTACTED, REPLIED, STAGES, CandidateFilter
from candidly.web.candidates.directory import Directory

#: Values that a facet lists at first, and at most.
SHOWN = 4
LISTED = 300

#: People looked at for the counts.
BOUND = 5_000

NOUNS = {
    "opening": "openings",
    "location": "places",
    "company": "companies",
    "job_title": "job titles",
    "tag": "tags",
}
PEOPLE = Count("person", distinct=True)

#: A value in the address, its words, and how many people have it.
type Value = tuple[str, str, int]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """`name` is its parameter in the address; `more` is how many `noun` are not listed. Of a single one there is
    one value at a time."""

    name: str
    title: str
    options: list[Option]
    more: int = 0
    noun: str = ""
    is_single: bool = False


class Facets:
    """Counts, for each facet, whom `chosen` leaves when the facet's own values are put aside, within the member's
    access. At most BOUND people are looked at; where there are more, the counts say that they are a lower bound."""

    def __init__(self, member: Member, directory: Directory, chosen: CandidateFilter, unfolded: str = "") -> None:
        """`unfolded` names the facet that lists all it has."""
        self.directory = directory
        self.chosen = chosen
        self.unfolded = unfolded
        self.people = people_for(member).filter(kind=directory.kind)
        self.applications = applications_for(member)
        self._grounds: dict[CandidateFilter, Ground] = {}

    def all(self) -> list[Facet]:
        made: dict[str, Callable[[], Facet]] = {
            "openings": self.openings,
            "stages": self.stages,
            "statuses": self.statuses,
            "locations": partial(self.column, "locations", "Location"),
            "companies": partial(self.column, "companies", "Company"),
            "job_titles": partial(self.column, "job_titles", "Job title"),
            "tags": self.tags,
            "contacted": partial(_single, "contacted", "Last message", CONTACTED, self.chosen.contacted),
            "replied": partial(_single, "replied", "Reply", REPLIED, self.chosen.replied),
        }
        return [made[name]() for name in self.directory.facets]

    def openings(self) -> Facet:
        found, plus = self._applications(openings=())
        counts = dict(found.values_list("opening").annotate(n=PEOPLE).order_by())
        values = [(str(pk), str(opening), counts[pk]) for pk, opening in Opening.objects.in_bulk(counts).items()]
        return self._most_first("opening", "Opening", values, self.chosen.openings, plus)

    def stages(self) -> Facet:
        found, plus = self._applications(stages=())
        counts = dict(found.values_list("stage").annotate(n=PEOPLE).order_by())
        values = [(name, str(stage.label), counts.get(stage, 0)) for name, stage in STAGES.items()]
        return Facet("stage", "Stage", _options(values, self.chosen.stages, plus))

    def statuses(self) -> Facet:
        found, plus = self._applications(statuses=())
        counts = dict(found.values_list("status").annotate(n=PEOPLE).order_by())
        values = [(status.value, str(status.label), counts.get(status, 0)) for status in Application.Status]
        return Facet("status", "Status", _options(values, self.chosen.statuses, plus))

    def column(self, name: str, title: str) -> Facet:
        """Of what stands in a column of the person."""
        column, aside = COLUMNS[name], {name: ()}
        ground = self._ground(replace(self.chosen, **aside))  # type: ignore[arg-type]
        rows = Person.objects.filter(pk__among=ground.people).exclude(**{column: ""})
        counts = rows.values_list(column).annotate(n=Count("pk")).order_by()
        values = [(value, value, n) for value, n in counts]
        return self._most_first(column, title, values, getattr(self.chosen, name), ground.plus)

    def tags(self) -> Facet:
        ground = self._ground(replace(self.chosen, tags=()))
        links = Person.tags.through._default_manager.filter(person__id__among=ground.people)
        counts = links.values_list("tag_id", "tag__name").annotate(n=Count("pk")).order_by()
        values = [(str(pk), name, n) for pk, name, n in counts]
        return self._most_first("tag", "Tags", values, self.chosen.tags, ground.plus)

    def _applications(self, **aside: Any) -> tuple[QuerySet[Application], str]:
        """Those that the other two facets of applications leave, of the people that all other facets leave."""
        ground = self._ground(replace(self.chosen, openings=(), stages=(), statuses=()))
        found = replace(self.chosen, **aside).matching(self.applications)
        return found.filter(person__id__among=ground.people), ground.plus

    def _ground(self, others: CandidateFilter) -> "Ground":
        if others not in self._grounds:
            self._grounds[others] = Ground.of(others.apply(self.people, self.applications))
        return self._grounds[others]

    def _most_first(self, name: str, title: str, values: list[Value], chosen: Collection[object], plus: str) -> Facet:
        """The values with the most people; chosen ones are always listed."""
        picked = {str(value) for value in chosen}
        ordered = sorted(values, key=lambda value: (value[0] not in picked, -value[2], value[1]))
        length = LISTED if self.unfolded == name else max(SHOWN, len(picked))
        more = max(0, len(ordered) - length)
        return Facet(name, title, _options(ordered[:length], picked, plus), more, NOUNS[name])


@dataclass(frozen=True)
class Ground:
    """The people that a facet counts among, by their ids, so that a search is made once for all facets."""

    people: list[int]
    plus: str

    @classmethod
    def of(cls, found: QuerySet[Person]) -> "Ground":
        ids = list(found.order_by().values_list("pk", flat=True)[: BOUND + 1])
        return cls(ids[:BOUND], "+" if len(ids) > BOUND else "")


def _single(name: str, title: str, values: dict[str, str], chosen: str) -> Facet:
    options = [Option(value, label, "", value == chosen) for value, label in {"": "Any", **values}.items()]
    return Facet(name, title, options, is_single=True)


def _options(values: list[Value], chosen: Collection[str], plus: str) -> list[Option]:
    return [Option(value, label, f"{n:,}{plus if n else ''}", value in chosen) for value, label, n in values]
