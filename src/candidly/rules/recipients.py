"""The people of a mailing, with what its text says of each of them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from candidly.models import Application, Member, Person
from candidly.rules import access
from candidly.rules.audience import CandidateFilter
from candidly.rules.merge_fields import CUSTOM, MergeText, sender_values

#: A condition that the database looks at: Django would leave out all of a query that it knows to find nothing.
NOBODY = Q(pk__isnull=True)
EVERYBODY = ~NOBODY


def applications_of(member: Member, audience: Mapping[str, Any]) -> QuerySet[Application]:
    """For use under a query of people: each one's applications, the one a mailing speaks of first.

    That is the newest one that the sender may see, among those that the filter asks for (by opening, stage, status).
    """
    applications = access.applications_for(member).filter(person=OuterRef("pk"))
    applications = CandidateFilter.from_params(audience.get("filter", {})).matching(applications)
    return applications.order_by("-applied_at", "-pk")


def with_application(people: QuerySet[Person], member: Member, audience: Mapping[str, Any]) -> QuerySet[Person]:
    """Each person with `mailing_application`, the id of the application that a mailing to them speaks of."""
    return people.annotate(mailing_application=Subquery(applications_of(member, audience).values("pk")[:1]))


def with_values(
    people: QuerySet[Person], member: Member, audience: Mapping[str, Any], texts: Collection[MergeText]
) -> QuerySet[Person]:
    """People with the values of those fields that are no column of their own."""
    names = needed(texts)
    opening = applications_of(member, audience)
    values: dict[str, Any] = {}
    if "opening_name" in names:
        values["value_opening_name"] = Coalesce(Subquery(opening.values("opening__title")[:1]), Value(""))
    if "opening_location" in names:
        values["value_opening_location"] = Coalesce(Subquery(opening.values("opening__location")[:1]), Value(""))
    for place, key in enumerate(_custom(names)):
        values[f"value_custom_{place}"] = Cast(KeyTextTransform(key, F("custom_fields")), TextField())
    return people.annotate(**values)


def empty_field(member: Member, texts: Collection[MergeText]) -> Q:
    """Whether any field without a default has no value."""
    names = needed(texts)
    tests = {
        "first_name": Q(first_name=""),
        "last_name": Q(last_name=""),
        "full_name": Q(first_name="", last_name=""),
        "agency": Q(source=""),
        "opening_name": Q(value_opening_name=""),
        "opening_location": Q(value_opening_location=""),
    }
    tests |= {name: NOBODY if value.strip() else EVERYBODY for name, value in sender_values(member).items()}
    empty = NOBODY
    for name in names & tests.keys():
        empty |= tests[name]
    for place, _ in enumerate(_custom(names)):
        column = f"value_custom_{place}"
        empty |= Q(**{f"{column}__isnull": True}) | Q(**{column: ""})
    return empty


def needed(texts: Collection[MergeText]) -> set[str]:
    """The fields without which a message cannot be written: those for which its author gave no default."""
    return {field.name for text in texts for field in text.fields if field.default is None}


def _custom(names: Collection[str]) -> list[str]:
    return sorted(name.removeprefix(CUSTOM) for name in names if name.startswith(CUSTOM))
