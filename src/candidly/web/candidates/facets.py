"""The filters beside the candidates list: the values of each facet, and how many candidates each has."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, QuerySet

from candidly.models import Application, Member, Person
from candidly.rules.access import applications_for, candidates_for
from candidly.rules.audience import CONTACTED, REPLIED, STAGES, CandidateFilter

#: Values that a facet lists at first, and at most.
SHOWN = 4
LISTED = 300

#: A value in the address, its words, and how many candidates have it (None: not counted).
type Value = tuple[str, str, int | None]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int | None
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


def facets_of(member: Member, chosen: CandidateFilter, unfolded: str = "") -> list[Facet]:
    """All facets. Each counts what `chosen` leaves when its own values are put aside, in one query within the
    member's access; `unfolded` names the one that lists all it has."""
    applications = applications_for(member)
    people = candidates_for(member)
    return [
        _longest_first("opening", "Opening", _openings(people, applications, chosen), chosen.openings, unfolded),
        _whole("stage", "Stage", _stages(people, applications, chosen), chosen.stages),
        _longest_first("location", "Location", _locations(people, applications, chosen), chosen.locations, unfolded),
        _longest_first("tag", "Tags", _tags(people, applications, chosen), chosen.tags, unfolded),
        _whole("status", "Status", _statuses(people, applications, chosen), chosen.statuses),
        _single("contacted", "Last message", CONTACTED, chosen.contacted),
        _single("replied", "Reply", REPLIED, chosen.replied),
    ]


def _openings(people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter) -> list[Value]:
    rows = _applications(people, applications, chosen, openings=()).values_list(
        "opening", "opening__title", "opening__location"
    )
    return [
        (str(pk), f"{title} – {location}" if location else title, n)
        for pk, title, location, n in rows.annotate(n=Count("person", distinct=True)).order_by()
    ]


def _stages(people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter) -> list[Value]:
    rows = _applications(people, applications, chosen, stages=()).values_list("stage")
    counts = dict(rows.annotate(n=Count("person", distinct=True)).order_by())
    return [(name, str(stage.label), counts.get(stage, 0)) for name, stage in STAGES.items()]


def _statuses(people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter) -> list[Value]:
    rows = _applications(people, applications, chosen, statuses=()).values_list("status")
    counts = dict(rows.annotate(n=Count("person", distinct=True)).order_by())
    return [(status.value, str(status.label), counts.get(status, 0)) for status in Application.Status]


def _locations(people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter) -> list[Value]:
    found = replace(chosen, locations=()).apply(people, applications).exclude(location="")
    rows = found.values_list("location").annotate(n=Count("pk")).order_by()
    return [(place, place, n) for place, n in rows]


def _tags(people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter) -> list[Value]:
    found = replace(chosen, tags=()).apply(people, applications).filter(tags__isnull=False)
    rows = found.values_list("tags", "tags__name").annotate(n=Count("pk")).order_by()
    return [(str(pk), name, n) for pk, name, n in rows]


def _applications(
    people: QuerySet[Person], applications: QuerySet[Application], chosen: CandidateFilter, **aside: Any
) -> QuerySet[Application]:
    """Those that the other two application facets leave, of the people that all other facets leave."""
    others = replace(chosen, **aside)
    found = others.matching(applications)
    bare = replace(others, openings=(), stages=(), statuses=())
    return found.filter(person__in=bare.apply(people, applications).order_by())


def _longest_first(name: str, title: str, values: list[Value], chosen: Collection[object], unfolded: str) -> Facet:
    """The values with the most candidates; chosen ones are always listed."""
    picked = {str(value) for value in chosen}
    ordered = sorted(values, key=lambda value: (value[0] not in picked, -(value[2] or 0), value[1]))
    length = LISTED if unfolded == name else max(SHOWN, len(picked))
    nouns = {"opening": "openings", "location": "places", "tag": "tags"}
    return Facet(name, title, _options(ordered[:length], picked), max(0, len(ordered) - length), nouns[name])


def _whole(name: str, title: str, values: list[Value], chosen: Collection[str]) -> Facet:
    return Facet(name, title, _options(values, set(chosen)))


def _single(name: str, title: str, values: dict[str, str], chosen: str) -> Facet:
    options: list[Value] = [("", "Any", None), *((value, label, None) for value, label in values.items())]
    return Facet(name, title, _options(options, {chosen}), is_single=True)


def _options(values: list[Value], chosen: set[str]) -> list[Option]:
    return [Option(value, label, count, value in chosen) for value, label, count in values]
