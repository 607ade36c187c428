"""Candidates and contacts of a list: who they are among those there are, what differs, and writing it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from candidly.actions.import_plans import Plan
from candidly.actions.indexing import index_again
from candidly.actions.people import refresh_search
from candidly.mail import addresses
from candidly.models import CustomField, Organization, Person, Tag
from candidly.models.bulk import update_rows
from candidly.rules.list_rows import Row, Wrong
from candidly.rules.merge_fields import CUSTOM

#: The fields whose values are texts of the person's own.
TEXTS = (
    *("external_id", "first_name", "last_name", "private_email", "work_email", "phone", "location", "company"),
    *("job_title", "source", "language", "time_zone", "summary"),
)
EMAILS = ("private_email", "work_email")
AT_ONCE = 500


@dataclass
class PersonPlan(Plan):
    """`texts` and `own` are the values that differ, `tags` those that are missing."""

    person: Person | None = None
    texts: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        if self.wrong:
            return "wrong"
        if self.person is None:
            return "new"
        return "changed" if self.texts or self.own or self.tags else "unchanged"


class Known:
    """Those of one kind whom rows may mean, by whatever they are known by. Who was there first is meant first."""

    def __init__(self, organization: Organization, kind: str, rows: Sequence[Row]) -> None:
        self.kind = kind
        self._by: dict[tuple[str, object], Person] = {}
        keys = [key for row in rows for key in row.keys]
        people = Person.objects.filter(organization=organization, kind=kind)
        for person in _found(people, keys):
            for key in _keys_of(person):
                self._by.setdefault(key, person)

    def find(self, row: Row) -> Person | Wrong | None:
        """Whom the row means; None for somebody new."""
        if row.pk:
            return self._by.get(("pk", row.pk)) or Wrong(
                "Candidly ID", f"There is no {self.kind} with the ID {row.pk}."
            )
        found = next((self._by[key] for key in row.keys if key in self._by), None)
        given = row.text("external_id")
        if found and given and found.external_id and found.external_id != given:
            return Wrong("", f"This address belongs to {found.full_name}, who has the ID {found.external_id} here.")
        return found


def _found(people: Any, keys: Iterable[tuple[str, object]]) -> list[Person]:
    """Asked one way after the other, so that each finds its index."""
    named: dict[str, set[object]] = {"pk": set(), "external_id": set(), "email": set(), "phone": set()}
    for name, value in keys:
        named[name].add(value)
    emails = [form for email in named["email"] for form in addresses.spellings(str(email))]
    ways = (
        Q(pk__in=named["pk"]),
        Q(external_id__in=named["external_id"]),
        Q(lower_private__in=emails),
        Q(lower_work__in=emails),
        Q(phone__in=named["phone"]),
    )
    lowered = people.alias(lower_private=Lower("private_email"), lower_work=Lower("work_email"))
    asked = (named["pk"], named["external_id"], emails, emails, named["phone"])
    found = {
        person.pk: person
        for way, values in zip(ways, asked, strict=True)
        if values
        for person in lowered.filter(way).prefetch_related("tags")
    }
    return [found[pk] for pk in sorted(found)]


def _keys_of(person: Person) -> Iterator[tuple[str, object]]:
    yield "pk", person.pk
    if person.external_id:
        yield "external_id", person.external_id
    for email in person.emails:
        yield "email", addresses.normalise(email)
    if person.phone:
        yield "phone", person.phone


def plan(organization: Organization, kind: str, rows: Sequence[Row]) -> list[PersonPlan]:
    """What is to be done about each row."""
    known = Known(organization, kind, rows)
    return [_planned(row, known.find(row)) for row in rows]


def _planned(row: Row, found: Person | Wrong | None) -> PersonPlan:
    if isinstance(found, Wrong):
        return PersonPlan(row, found)
    own = {name.removeprefix(CUSTOM): row.text(name) for name in row.values if name.startswith(CUSTOM)}
    texts = {name: row.text(name) for name in TEXTS if row.text(name)}
    tags = row.values.get("tags", ())
    assert isinstance(tags, tuple)
    if found is None:
        return PersonPlan(row, None, None, texts, own, tags)
    has = {tag.name.strip() for tag in found.tags.all()}
    return PersonPlan(
        row,
        None,
        found,
        {name: text for name, text in texts.items() if not _same(name, getattr(found, name), text)},
        {key: text for key, text in own.items() if not _same(key, str(found.custom_fields.get(key, "")), text)},
        tuple(name for name in tags if name not in has),
    )


def _same(name: str, there: str, here: str) -> bool:
    """Blanks, control characters and the case of an address make no difference."""
    if name in EMAILS:
        return addresses.normalise(there) == addresses.normalise(here)
    return _bare(there) == _bare(here)


def _bare(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def write(organization: Organization, kind: str, plans: Sequence[PersonPlan]) -> None:
    """Do it, in statements for all of them. The caller holds the transaction."""
    new = [one for one in plans if one.outcome == "new"]
    changed = [one for one in plans if one.outcome == "changed"]
    added = [Person(organization=organization, kind=kind, custom_fields=one.own, **one.texts) for one in new]
    for one, person in zip(new, Person.objects.bulk_create(added, batch_size=AT_ONCE), strict=True):
        one.person = person
    renamed = _change(changed)
    _tag(organization, [*new, *changed])
    own = {key for one in (*new, *changed) for key in one.own}
    CustomField.objects.bulk_create(
        [CustomField(organization=organization, key=key) for key in sorted(own)], ignore_conflicts=True
    )
    refresh_search(*(one.person for one in (*new, *changed) if one.person))
    if renamed:
        index_again(*renamed)


def _change(plans: Sequence[PersonPlan]) -> list[Person]:
    """Returns those who are called otherwise now."""
    renamed, own = [], []
    people = [(one, one.person) for one in plans if one.person]
    for one, person in people:
        known_as = person.full_name
        for name, text in one.texts.items():
            setattr(person, name, text)
        if one.own:
            person.custom_fields = {**person.custom_fields, **one.own}
            own.append(person)
        if person.full_name != known_as:
            renamed.append(person)
    rows = [(*(getattr(person, name) for name in TEXTS), person.pk) for one, person in people if one.texts]
    update_rows(Person, TEXTS, rows)
    Person.objects.bulk_update(own, ["custom_fields"], batch_size=AT_ONCE)
    return renamed


def _tag(organization: Organization, plans: Sequence[PersonPlan]) -> None:
    names = {name for one in plans for name in one.tags}
    if not names:
        return
    Tag.objects.bulk_create(
        [Tag(organization=organization, name=name) for name in sorted(names)], ignore_conflicts=True
    )
    tags = dict(Tag.objects.filter(organization=organization, name__in=names).values_list("name", "pk"))
    link = Person.tags.through
    link._default_manager.bulk_create(
        [link(person_id=one.person.pk, tag_id=tags[name]) for one in plans if one.person for name in one.tags],
        ignore_conflicts=True,
    )
