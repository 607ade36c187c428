"""The list of templates: by name, page after page by key."""

from collections.abc import Mapping
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils.http import urlencode

from candidly.models import Member, Place, Template
from candidly.rules.access import templates_for
from candidly.web.writing.paging import key_in

LISTED = 50


class Listing:
    """What was asked for and what was found. `place` and `whose` are empty for all."""

    def __init__(self, member: Member, asked: Mapping[str, str]) -> None:
        self.member = member
        self.q = asked.get("q", "").replace("\x00", "").strip()[:120]
        self.place = asked.get("place", "") if asked.get("place") in Place.values else ""
        self.whose = asked.get("whose", "") if asked.get("whose") in ("shared", "own") else ""
        self.open = key_in(asked, "open")
        self._after = key_in(asked, "after")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.place or self.whose)

    @property
    def is_first_page(self) -> bool:
        return not self._after

    @property
    def places(self) -> list[Place]:
        return list(Place)

    @property
    def found(self) -> QuerySet[Template]:
        found = templates_for(self.member).select_related("updated_by__user", "owner__user").order_by("name", "pk")
        if self.q:
            found = found.filter(name__icontains=self.q)
        if self.place:
            found = found.filter(**{self.place: True})
        if self.whose:
            found = found.filter(is_shared=self.whose == "shared")
        return found

    @cached_property
    def rows(self) -> list[Template]:
        return self._page[:LISTED]

    @property
    def next(self) -> str:
        """What the address of the next page says; empty at the end."""
        if len(self._page) <= LISTED:
            return ""
        chosen = {"q": self.q, "place": self.place, "whose": self.whose, "open": self.open or ""}
        return urlencode({**{name: value for name, value in chosen.items() if value}, "after": self.rows[-1].pk})

    @cached_property
    def _page(self) -> list[Template]:
        found = self.found
        last = Template.objects.filter(organization=self.member.organization_id, pk=self._after).first()
        if last:
            found = found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
        return list(found.defer("body")[: LISTED + 1])
