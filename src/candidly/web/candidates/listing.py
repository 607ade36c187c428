"""What a list of people shows for a filter: a page of them, each with the application that put them there."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict

from candidly.models import Application, Member, Person
from candidly.rules.access import applications_for, people_for, sees_own_only
from candidly.rules.audience import CandidateFilter, Chip, counted
from candidly.rules.paging import SIZE, Page, page
from candidly.web.candidates.directory import Column, Directory
from candidly.web.candidates.facets import Facet, Facets

#: Some of all people are counted so far: to go through more of them would take longer than the rest of the page.
FEW = 5_000


@dataclass(frozen=True)
class Row:
    person: Person
    application: Application | None


@dataclass(frozen=True)
class Heading:
    """A column's head: `sort` is the order that a click asks for, `priority` which columns leave first."""

    label: str
    priority: str
    sort: str
    direction: str

    @classmethod
    def of(cls, column: Column, present: str) -> "Heading":
        label, priority, sort = column
        if not sort:
            return cls(label, priority, "", "")
        if present.lstrip("-") != sort.lstrip("-"):
            return cls(label, priority, sort, "none")
        turned = present[1:] if present.startswith("-") else f"-{present}"
        return cls(label, priority, turned, "descending" if present.startswith("-") else "ascending")


class Listing:
    """Each property asks the database once, and only when the template shows it."""

    def __init__(self, member: Member, directory: Directory, query: QueryDict) -> None:
        self.member = member
        self.directory = directory
        self.everybody = people_for(member).filter(kind=directory.kind)
        self.chosen = CandidateFilter.from_query(query)
        self.cursor = query.get("at", "")
        self.unfolded = query.get("more", "")

    @property
    def query(self) -> str:
        return self.chosen.to_query()

    @property
    def selection_key(self) -> str:
        """A selection lives as long as this stays: another order is still the same people."""
        return f"{self.directory.many}?{replace(self.chosen, sort=CandidateFilter().sort).to_query()}"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filter as hidden fields."""
        return [(name, value) for name, values in QueryDict(self.query).lists() for value in values]

    @cached_property
    def page(self) -> Page:
        return page(self.chosen, self._people, self.cursor)

    @cached_property
    def rows(self) -> list[Row]:
        matching = self.chosen.matching(applications_for(self.member)).filter(person__in=self.page.people)
        newest: dict[int, Application] = {}
        for application in matching.select_related("opening").order_by("-applied_at", "-pk"):
            newest.setdefault(application.person_id, application)
        return [Row(person, newest.get(person.pk)) for person in self.page.people]

    @cached_property
    def total(self) -> int:
        return self._count[0]

    @property
    def total_words(self) -> str:
        """1,284 or, beyond what is counted, 5,000+."""
        total, is_more = self._count
        return f"{total:,}+" if is_more else f"{total:,}"

    @cached_property
    def chips(self) -> list[Chip]:
        return self.chosen.describe(self.member)

    @cached_property
    def facets(self) -> list[Facet]:
        return Facets(self.member, self.directory, self.chosen, self.unfolded, self._some).all()

    @property
    def showing(self) -> str:
        first = (self.page.number - 1) * SIZE + 1
        return f"{first:,} to {first + len(self.rows) - 1:,} of {self.total_words}"

    @property
    def place(self) -> str:
        total, is_more = self._count
        return f"Page {self.page.number:,}" if is_more else f"Page {self.page.number:,} of {-(-total // SIZE):,}"

    @property
    def previous(self) -> str:
        return self._address(self.page.previous)

    @property
    def next(self) -> str:
        return self._address(self.page.next)

    @cached_property
    def has_any(self) -> bool:
        return bool(self.rows) or self.everybody.exists()

    @property
    def headings(self) -> list[Heading]:
        return [Heading.of(column, self.chosen.sort) for column in self.directory.columns]

    @cached_property
    def _found(self) -> QuerySet[Person]:
        return self.chosen.apply(self.everybody, applications_for(self.member))

    @property
    def _is_narrow(self) -> bool:
        """Whether anybody of the organization is left out: by the filter, or because they are not the member's."""
        return self.chosen.narrows or sees_own_only(self.member)

    @cached_property
    def _some(self) -> list[int]:
        """Ids of those found, and one too many where they are more than FEW, so that a search through all people is
        made once; none where nobody is left out."""
        return list(self._found.order_by().values_list("pk", flat=True)[: FEW + 1]) if self._is_narrow else []

    @property
    def _are_few(self) -> bool:
        return self._is_narrow and len(self._some) <= FEW

    @property
    def _people(self) -> QuerySet[Person]:
        return Person.objects.filter(pk__among=self._some) if self._are_few else self._found

    @cached_property
    def _count(self) -> tuple[int, bool]:
        if not self._is_narrow:
            return counted(self.everybody)
        return min(len(self._some), FEW), not self._are_few

    @property
    def address(self) -> str:
        """Of what is shown now, from the question mark on."""
        return self._address(self.cursor) or (f"?{self.query}" if self.query else "")

    def _address(self, cursor: str) -> str:
        if not cursor:
            return ""
        query = QueryDict(self.query, mutable=True)
        query["at"] = cursor
        return f"?{query.urlencode()}"
