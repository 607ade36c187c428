"""Lists that go out: what stands in each row, so that the list can come in again and changes nothing.

People are read a few hundred at a time by their key, whatever their number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from candidly.models import Application, Member, Person, Stage
from candidly.rules.access import members_for
from candidly.rules.list_columns import APPLICATIONS, PEOPLE, Kind
from candidly.rules.list_rows import tags_cell
from candidly.rules.merge_fields import CUSTOM, custom_keys

AT_ONCE = 500
#: A whole name is what the two parts of it say already.
LEFT_OUT = ("full_name",)
PERSON_COLUMNS = tuple(column for column in PEOPLE if column.field not in LEFT_OUT)
#: For whoever reads the list: an import needs no name beside the ID.
NAMES = ("First name", "Last name")


@dataclass(frozen=True)
class Going:
    """A list on its way out: `kind` names it, `rows` are read as they are asked for."""

    kind: str
    heading: Sequence[str]
    rows: Iterator[Sequence[str]]
    total: int


def people_going(member: Member, people: QuerySet[Person], kind: str) -> Going:
    """Candidates or contacts."""
    keys = custom_keys(member.organization_id)
    heading = [*(column.label for column in PERSON_COLUMNS), *(f"{CUSTOM}{key}" for key in keys)]
    return Going(kind, heading, _people_rows(people, keys), people.order_by().count())


def applications_going(applications: QuerySet[Application]) -> Going:
    heading = [column.label for column in APPLICATIONS]
    heading[2:2] = NAMES
    return Going(Kind.APPLICATIONS, heading, _application_rows(applications), applications.order_by().count())


def members_going(member: Member) -> Going:
    """The organization's members, with what each has sent and leads."""
    members = members_for(member)
    heading = ("Name", "E-mail", "Role", "Access", "Joined")
    return Going("members", heading, _member_rows(members), members.count())


def _people_rows(people: QuerySet[Person], keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for person in _by_key(people.prefetch_related("tags")):
        own = [str(person.custom_fields.get(key, "")) for key in keys]
        yield [*(_cell(person, column.field) for column in PERSON_COLUMNS), *own]


def _cell(person: Person, field: str) -> str:
    if field == "tags":
        return tags_cell(sorted(tag.name for tag in person.tags.all()))
    return str(getattr(person, field))


def _application_rows(applications: QuerySet[Application]) -> Iterator[Sequence[str]]:
    for one in _by_key(applications.select_related("person", "opening", "stage_owner__user")):
        yield (
            str(one.pk),
            str(one.person_id),
            one.person.first_name,
            one.person.last_name,
            one.person.external_id,
            one.person.email,
            one.opening.title,
            one.opening.location,
            Stage(one.stage).label,
            str(one.get_status_display()),
            one.stage_owner.user.email if one.stage_owner else "",
            f"{one.applied_at:%Y-%m-%d}",
        )


def _member_rows(members: QuerySet[Member]) -> Iterator[Sequence[str]]:
    for one in _by_key(members.select_related("user")):
        access = "yes" if one.user.is_active else "no"
        yield one.name, one.user.email, str(one.get_role_display()), access, f"{one.user.created_at:%Y-%m-%d}"


def _by_key[Row: (Person, Application, Member)](rows: QuerySet[Row]) -> Iterator[Row]:
    """One page after the other: no cursor stays open while a slow reader takes what was read."""
    last = 0
    while page := list(rows.order_by("pk").filter(pk__gt=last)[:AT_ONCE]):
        yield from page
        last = page[-1].pk
