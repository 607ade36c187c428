"""Who writes to whom in the measurements."""

from random import Random

from django.db import transaction

from candidly.actions import organizations
from candidly.demo.names import names
from candidly.models import Member, Person
from candidly.models.bulk import insert_rows, new_ids

DOMAINS = 200


def recruiter() -> Member:
    """The first member of a new organization."""
    return organizations.found("Northlane Care", "Hannah Whitlock", "hannah@northlane.example", "correct horse battery")


@transaction.atomic
def add_candidates(member: Member, number: int) -> None:
    """Candidates with names of many scripts, at mail addresses of DOMAINS domains."""
    known = list(names(Random(1)))
    fields = ("id", "organization_id", "first_name", "last_name", "private_email", "custom_fields")
    insert_rows(
        Person,
        fields,
        (
            (pk, member.organization_id, name.first, name.last, _email(name.address, place), "{}")
            for place, pk in enumerate(new_ids(Person, number))
            for name in [known[place % len(known)]]
        ),
    )


def _email(local: str, place: int) -> str:
    return f"{local}.{place}@mail{place % DOMAINS}.example"
