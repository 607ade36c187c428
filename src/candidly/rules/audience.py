"""Which people: the filter of a list, as an address says it, and the audience of a mailing made from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from candidly.models import Agency, Application, CampaignMember, Member, Opening, Person, Stage, Tag
from candidly.rules.access import applications_for, campaign_members_for, openings_for, people_for
from candidly.rules.numbers import numbers_in
from candidly.rules.search_text import search_words

LONGEST_QUERY = 200
COUNTED = 100_000

NEWEST_FIRST = "-last_message"
CONTACTED = {"never": "Never contacted", "7": "Not in the last 7 days", "30": "Not in the last 30 days"}
REPLIED = {"yes": "Has replied", "no": "Has not replied"}
STAGES = {stage.name.lower(): stage for stage in Stage if stage is not Stage.NONE}


@dataclass(frozen=True)
class Chip:
    """One narrowing of the filter in words; `query` is the address without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True)
class CandidateFilter:
    """What the list of candidates, or that of contacts, shows. Values of one facet are alternatives; the facets must
    all hold.

    Opening, stage, status and agency must hold for one and the same application.
    """

    q: str = ""
    openings: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    agencies: tuple[int, ...] = ()
    locations: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    job_titles: tuple[str, ...] = ()
    tags: tuple[int, ...] = ()
    contacted: str = ""
    replied: str = ""
    sort: str = NEWEST_FIRST

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """From an address; what is not understood is left out, never an error."""
        listed = {name: query.getlist(parameter) for name, parameter in PARAMETERS.items()}
        single = {name: query.get(name, "") for name in ("q", "contacted", "replied", "sort")}
        return cls.from_params(listed | single)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """From the stored form that `to_params` gives."""
        contacted, replied, sort = (str(params.get(key, "")) for key in ("contacted", "replied", "sort"))
        return cls(
            q=" ".join(str(params.get("q", ""))[:LONGEST_QUERY].replace("\x00", "").split()),
            openings=_ids(params.get("openings", ())),
            stages=_known(params.get("stages", ()), STAGES),
            statuses=_known(params.get("statuses", ()), Application.Status.values),
            agencies=_ids(params.get("agencies", ())),
            **{name: _words(params.get(name, ())) for name in COLUMNS},
            tags=_ids(params.get("tags", ())),
            contacted=contacted if contacted in CONTACTED else "",
            replied=replied if replied in REPLIED else "",
            sort=sort if sort in SORTS else NEWEST_FIRST,
        )

    def to_params(self) -> dict[str, Any]:
        """The filter as JSON can hold it, without what is not set."""
        listed = {name: list(values) for name, values in self._facets().items() if values}
        single = {"q": self.q, "contacted": self.contacted, "replied": self.replied}
        params: dict[str, Any] = listed | {name: value for name, value in single.items() if value}
        return params if self.sort == NEWEST_FIRST else params | {"sort": self.sort}

    def to_query(self) -> str:
        """The one address of this filter, without the question mark; empty when nothing is set."""
        query = QueryDict(mutable=True)
        for name, value in self.to_params().items():
            query.setlist(PARAMETERS.get(name, name), value if isinstance(value, list) else [value])
        return query.urlencode()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return replace(self, sort=NEWEST_FIRST) != CandidateFilter()

    def describe(self, member: Member) -> list[Chip]:
        """The filter in words, one chip a facet; names of openings, agencies and tags are those the member may see."""
        words = {
            "q": ("Search", f"“{self.q}”" if self.q else ""),
            "openings": ("Opening", _names(openings_for(member).filter(pk__in=self.openings), self.openings)),
            "stages": ("Stage", _several([STAGES[name].label for name in self.stages], len(STAGES))),
            "statuses": ("Status", _several([Application.Status(value).label for value in self.statuses], 4)),
            "agencies": ("Agency", _names(member.organization.agencies.filter(pk__in=self.agencies), self.agencies)),
            "companies": ("Company", _several(self.companies)),
            "job_titles": ("Job title", _several(self.job_titles)),
            "locations": ("Location", _several(self.locations)),
            "tags": ("Tag", _names(member.organization.tags.filter(pk__in=self.tags), self.tags)),
            "contacted": ("Last message", CONTACTED.get(self.contacted, "")),
            "replied": ("Reply", REPLIED.get(self.replied, "")),
        }
        blank = CandidateFilter()
        return [
            Chip(label, value, replace(self, **{name: getattr(blank, name)}).to_query())
            for name, (label, value) in words.items()
            if value
        ]

    def apply(self, people: QuerySet[Person], applications: QuerySet[Application] | None = None) -> QuerySet[Person]:
        """`people` narrowed. `applications` are those that count for what is said of one: a hiring manager's
        filter must not tell of applications elsewhere; by default all do."""
        for word in search_words(self.q):
            people = people.filter(search__text__contains=word)
        for name, column in COLUMNS.items():
            if chosen := getattr(self, name):
                people = people.filter(**{f"{column}__in": chosen})
        if self.tags:
            links = Person.tags.through._default_manager.filter(tag_id__in=self.tags)
            people = people.filter(pk__in=links.values("person_id"))
        if self.openings or self.stages or self.statuses or self.agencies:
            matching = self.matching(Application.objects.all() if applications is None else applications)
            people = people.filter(pk__in=matching.values("person"))
        return people.filter(self._contact())

    def matching(self, applications: QuerySet[Application]) -> QuerySet[Application]:
        """The applications that hold for opening, stage, status and agency together."""
        if self.openings:
            applications = applications.filter(opening__in=self.openings)
        if self.stages:
            applications = applications.filter(stage__in=[STAGES[name] for name in self.stages])
        if self.statuses:
            applications = applications.filter(status__in=self.statuses)
        if self.agencies:
            applications = applications.filter(submitted_by__agency__in=self.agencies)
        return applications

    def order(self, people: QuerySet[Person]) -> QuerySet[Person]:
        """`people` in the filter's order; who was never written to comes last of the newest, first of the oldest."""
        if self.sort == "-last_message":
            return people.order_by(F("last_message_at").desc(nulls_last=True), "-id")
        if self.sort == "last_message":
            return people.order_by(F("last_message_at").asc(nulls_first=True), "id")
        sign = "-" if self.sort.startswith("-") else ""
        return people.order_by(*(f"{sign}{column}" for column in SORT_COLUMNS[self.sort.lstrip("-")]))

    def _contact(self) -> Q:
        narrowed = Q()
        if self.contacted == "never":
            narrowed &= Q(last_message_at__isnull=True)
        elif self.contacted:
            since = timezone.now() - timedelta(days=int(self.contacted))
            narrowed &= Q(last_message_at__isnull=True) | Q(last_message_at__lt=since)
        if self.replied:
            narrowed &= Q(last_reply_at__isnull=self.replied == "no")
        return narrowed

    def _facets(self) -> dict[str, tuple[Any, ...]]:
        return {name: getattr(self, name) for name in PARAMETERS}


#: What each facet is called in the address.
PARAMETERS = {
    "openings": "opening",
    "stages": "stage",
    "statuses": "status",
    "agencies": "agency",
    "locations": "location",
    "companies": "company",
    "job_titles": "job_title",
    "tags": "tag",
}
#: The facets whose values stand in a column of the person.
COLUMNS = {"locations": "location", "companies": "company", "job_titles": "job_title"}
SORT_COLUMNS = {
    "name": ("last_name", "first_name", "id"),
    "stage": ("stage", "id"),
    "location": ("location", "id"),
    "company": ("company", "id"),
    "last_message": ("last_message_at", "id"),
}
SORTS = tuple(f"{sign}{name}" for name in SORT_COLUMNS for sign in ("", "-"))


def read_audience(data: QueryDict) -> dict[str, Any]:
    """The audience that the list's selection names: `all=1` with the filter's address, or ticked rows as `id`s; with
    `campaign`, those of its members who are ticked, or all with this `response` whom the words `q` find."""
    if campaign := _ids(data.getlist("campaign")):
        return {"campaign": campaign[0], **_members_meant(data)}
    if data.get("all") == "1":
        return {"filter": CandidateFilter.from_query(data).to_params()}
    return {"ids": list(_ids(data.getlist("id")))}


def _members_meant(data: QueryDict) -> dict[str, Any]:
    if data.get("all") != "1" and (ticked := _ids(data.getlist("id"))):
        return {"ids": list(ticked)}
    responses = list(_known(data.getlist("response"), CampaignMember.Response.values))
    words = " ".join(data.get("q", "")[:LONGEST_QUERY].replace("\x00", "").split())
    return ({"responses": responses} if responses else {}) | ({"q": words} if words else {})


def audience_people(member: Member, audience: Mapping[str, Any], kind: str = Person.Kind.CANDIDATE) -> QuerySet[Person]:
    """Those of an audience that the member may write to, as a query in the order of the list.

    `audience` is {"filter": {…to_params()…}}, {"ids": [1, 2]}, or {"campaign": 3, "responses": ["accepted"], "q":
    "amara", "ids": [1, 2]}, the last three where only some of its members are meant; anything else is nobody.
    """
    people = people_for(member).filter(kind=kind)
    if "campaign" in audience:
        members = _campaign_members(member, audience)
        return CandidateFilter().order(people.filter(pk__in=members.values("person")))
    if "filter" in audience:
        chosen = CandidateFilter.from_params(audience["filter"])
        return chosen.order(chosen.apply(people, applications_for(member)))
    return CandidateFilter().order(people.filter(pk__in=_ids(audience.get("ids", ()))))


def _campaign_members(member: Member, audience: Mapping[str, Any]) -> QuerySet[CampaignMember]:
    members = campaign_members_for(member).filter(campaign=audience["campaign"])
    if "responses" in audience:
        members = members.filter(response__in=audience["responses"])
    if "ids" in audience:
        members = members.filter(person__in=_ids(audience["ids"]))
    for word in search_words(str(audience.get("q", ""))):
        members = members.filter(person__search__text__contains=word)
    return members


def counted(people: QuerySet[Person]) -> tuple[int, bool]:
    """How many, exactly up to 100,000, and whether there are more than that."""
    found = people.order_by().values("pk")[: COUNTED + 1].count()
    return min(found, COUNTED), found > COUNTED


def _ids(values: Iterable[object]) -> tuple[int, ...]:
    """The numbers among `values` that can be an id, each once, in order."""
    return tuple(sorted(set(numbers_in(map(str, values)))))


def _words(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({str(value)[:LONGEST_QUERY].replace("\x00", "") for value in values}))


def _known(values: Iterable[object], known: Iterable[str]) -> tuple[str, ...]:
    chosen = {str(value) for value in values}
    return tuple(name for name in known if name in chosen)


def _names(named: QuerySet[Opening] | QuerySet[Agency] | QuerySet[Tag], chosen: tuple[int, ...]) -> str:
    return _several([str(one) for one in named] or ["unknown"]) if chosen else ""


def _several(names: Iterable[str], of: int = 0) -> str:
    """One name as it is, more as a number: "4 of 6", "3 chosen"."""
    listed = list(names)
    if len(listed) <= 1:
        return listed[0] if listed else ""
    return f"{len(listed)} of {of}" if of else f"{len(listed)} chosen"
