"""The filters beside a list of people: the values of each facet, and how many people each has."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple, Self

from django.db.models import Count, QuerySet

from candidly.models import Agency, Application, Member, Opening, Person
from candidly.rules.access import applications_for, people_for
from candidly.rules.audience import COLUMNS, CONTACTED, REPLIED, STAGES, CandidateFilter
from candidly.web.candidates.directory import Directory

#: Values that a facet lists at first, and at most.
SHOWN = 4
LISTED = 300

#: An organization with so many people at most has exact counts: all are looked at. Of more, so many as BOUND are.
EXACT = 3_000
BOUND = 1_000

NOUNS = {
    "opening": "openings",
    "location": "places",
    "company": "companies",
    "job_title": "job titles",
    "tag": "tags",
    "agency": "agencies",
}

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


class Applied(NamedTuple):
    """An application, as far as facets count it."""

    person: int
    opening: int
    stage: int
    status: str
    agency: int | None

    @classmethod
    def of(cls, found: QuerySet[Application]) -> "list[Applied]":
        columns = ("person", "opening", "stage", "status", "submitted_by__agency")
        return [cls._make(row) for row in found.order_by().values_list(*columns)]


@dataclass(frozen=True)
class Ground:
    """The people that a facet counts among, so that a search is made once for all facets: their ids, and then what
    stands in their columns, in the order of COLUMNS."""

    rows: list[tuple[Any, ...]]
    plus: str

    @classmethod
    def of(cls, found: QuerySet[Person], bound: int) -> Self:
        rows = list(found.order_by().values_list("pk", *COLUMNS.values())[: bound + 1])
        return cls(rows[:bound], "+" if len(rows) > bound else "")

    @property
    def people(self) -> list[int]:
        return [row[0] for row in self.rows]

    def counts(self, column: str) -> Counter[str]:
        place = 1 + list(COLUMNS.values()).index(column)
        return Counter(row[place] for row in self.rows)


class Facets:
    """Counts, for each facet, whom `chosen` leaves when the facet's own values are put aside, within the member's
    access. Where not all of them are looked at, the counts say that they are a lower bound."""

    def __init__(
        self,
        member: Member,
        directory: Directory,
        chosen: CandidateFilter,
        unfolded: str = "",
        some: Sequence[int] = (),
    ) -> None:
        """`unfolded` names the facet that lists all it has; `some` are ids of whom `chosen` finds: all, or more than
        EXACT."""
        self.member = member
        self.directory = directory
        self.chosen = chosen
        self.some = some
        self.unfolded = unfolded
        self.people = people_for(member).filter(kind=directory.kind)
        self.applications = applications_for(member)
        self._grounds: dict[CandidateFilter, Ground] = {}

    def all(self) -> list[Facet]:
        made: dict[str, Callable[[], Facet]] = {
            "openings": self.openings,
            "stages": self.stages,
            "statuses": self.statuses,
            "agencies": self.agencies,
            "locations": partial(self.column, "locations", "Location"),
            "companies": partial(self.column, "companies", "Company"),
            "job_titles": partial(self.column, "job_titles", "Job title"),
            "tags": self.tags,
            "contacted": partial(_single, "contacted", "Last message", CONTACTED, self.chosen.contacted),
            "replied": partial(_single, "replied", "Reply", REPLIED, self.chosen.replied),
        }
        return [made[name]() for name in self.directory.facets if name != "agencies" or self._has_agencies]

    @property
    def _has_agencies(self) -> bool:
        """Without any, nobody is to be asked whose candidate one is."""
        return self.member.organization.agencies.exists()

    def openings(self) -> Facet:
        counts, plus = self._applications("opening")
        values = [(str(pk), str(opening), counts[pk]) for pk, opening in Opening.objects.in_bulk(counts).items()]
        return self._most_first("opening", "Opening", values, self.chosen.openings, plus)

    def stages(self) -> Facet:
        counts, plus = self._applications("stage")
        values = [(name, str(stage.label), counts[stage]) for name, stage in STAGES.items()]
        return Facet("stage", "Stage", _options(values, self.chosen.stages, plus))

    def statuses(self) -> Facet:
        counts, plus = self._applications("status")
        values = [(status.value, str(status.label), counts[status]) for status in Application.Status]
        return Facet("status", "Status", _options(values, self.chosen.statuses, plus))

    def agencies(self) -> Facet:
        counts, plus = self._applications("agency")
        values = [
            (str(pk), agency.name, counts[pk]) for pk, agency in Agency.objects.in_bulk(set(counts) - {None}).items()
        ]
        return self._most_first("agency", "Agency", values, self.chosen.agencies, plus)

    def column(self, name: str, title: str) -> Facet:
        """Of what stands in a column of the person."""
        column, aside = COLUMNS[name], {name: ()}
        ground = self._ground(replace(self.chosen, **aside))  # type: ignore[arg-type]
        values = [(value, value, n) for value, n in ground.counts(column).items() if value]
        return self._most_first(column, title, values, getattr(self.chosen, name), ground.plus)

    def tags(self) -> Facet:
        ground = self._ground(replace(self.chosen, tags=()))
        links = Person.tags.through._default_manager.filter(person__id__among=ground.people)
        counts = links.values_list("tag_id", "tag__name").annotate(n=Count("pk")).order_by()
        values = [(str(pk), name, n) for pk, name, n in counts]
        return self._most_first("tag", "Tags", values, self.chosen.tags, ground.plus)

    def _applications(self, facet: str) -> tuple[Counter[Any], str]:
        """How many people have each value, where the other facets of applications hold for the same one; of the
        people that all other facets leave."""
        found = self._applied
        for other, wanted in self._wanted.items():
            if wanted and other != facet:
                found = [one for one in found if getattr(one, other) in wanted]
        each_once = {(getattr(one, facet), one.person) for one in found}
        return Counter(value for value, _ in each_once), self._applicants.plus

    @property
    def _wanted(self) -> dict[str, set[Any]]:
        return {
            "opening": set(self.chosen.openings),
            "stage": {STAGES[name] for name in self.chosen.stages},
            "status": set(self.chosen.statuses),
            "agency": set(self.chosen.agencies),
        }

    @cached_property
    def _applied(self) -> list[Applied]:
        return Applied.of(self.applications.filter(person__id__among=self._applicants.people))

    @property
    def _applicants(self) -> Ground:
        return self._ground(replace(self.chosen, openings=(), stages=(), statuses=(), agencies=()))

    def _ground(self, others: CandidateFilter) -> Ground:
        if others not in self._grounds:
            is_known = self.some and others == self.chosen
            known = Person.objects.filter(pk__among=self.some[: self._bound + 1])
            found = known if is_known else others.apply(self.people, self.applications)
            self._grounds[others] = Ground.of(found, self._bound)
        return self._grounds[others]

    @cached_property
    def _bound(self) -> int:
        """How many people are looked at."""
        everybody = Person.objects.filter(organization=self.member.organization_id, kind=self.directory.kind)
        return BOUND if everybody.order_by("pk")[EXACT : EXACT + 1].exists() else EXACT

    def _most_first(self, name: str, title: str, values: list[Value], chosen: Collection[object], plus: str) -> Facet:
        """The values with the most people; chosen ones are always listed."""
        picked = {str(value) for value in chosen}
        ordered = sorted(values, key=lambda value: (value[0] not in picked, -value[2], value[1]))
        length = LISTED if self.unfolded == name else max(SHOWN, len(picked))
        more = max(0, len(ordered) - length)
        return Facet(name, title, _options(ordered[:length], picked, plus), more, NOUNS[name])


def _single(name: str, title: str, values: dict[str, str], chosen: str) -> Facet:
    options = [Option(value, label, "", value == chosen) for value, label in {"": "Any", **values}.items()]
    return Facet(name, title, options, is_single=True)


def _options(values: list[Value], chosen: Collection[str], plus: str) -> list[Option]:
    return [Option(value, label, f"{n:,}{plus if n else ''}", value in chosen) for value, label, n in values]
