"""Keep the openings with their hiring teams, and enter candidates for them."""

from collections.abc import Iterable
from itertools import batched

from django.db import transaction

from candidly.actions import people
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import Application, Member, Opening, Person
from candidly.rules.access import may_keep_openings, may_write

NOT_YOURS = "Openings are kept by recruiters and super admins: ask one of them."
#: People whose search text is written again at once.
PAGE = 500


@transaction.atomic
def add(by: Member, *, title: str, location: str = "", team: Iterable[Member] = ()) -> Opening:
    """A new opening of the member's organization. `team` are the members who may see who applied."""
    _check(by)
    opening = people.add_opening(by.organization, title, location, team)
    note(by, "opening.added", f"opening {opening.pk}", name=str(opening))
    return opening


@transaction.atomic
def change(by: Member, opening: Opening, *, title: str, location: str, team: Iterable[Member]) -> None:
    """Under its new name the lists find who applied, too."""
    _check(by)
    before = str(opening)
    opening.title, opening.location = title, location
    opening.save(update_fields=["title", "location"])
    opening.team.set(team)
    if str(opening) != before:
        applied = Person.objects.filter(applications__opening=opening).distinct()
        for some in batched(applied.iterator(PAGE), PAGE, strict=False):
            people.refresh_search(*some)
    note(by, "opening.changed", f"opening {opening.pk}", name=str(opening))


@transaction.atomic
def close(by: Member, opening: Opening) -> None:
    """Nobody is entered for it any more; who applied goes on."""
    _set_open(by, opening, "opening.closed", is_open=False)


@transaction.atomic
def reopen(by: Member, opening: Opening) -> None:
    _set_open(by, opening, "opening.reopened", is_open=True)


def _set_open(by: Member, opening: Opening, verb: str, *, is_open: bool) -> None:
    _check(by)
    if Opening.objects.filter(pk=opening.pk, is_open=not is_open).update(is_open=is_open):
        note(by, verb, f"opening {opening.pk}", name=str(opening))
    opening.is_open = is_open


@transaction.atomic
def enter(by: Member, person: Person, opening: Opening) -> Application:
    """The candidate applies for this opening, too; `by` coordinates the first stage. Raises Refused where they have
    applied and it has not ended."""
    if not may_write(by):
        raise Refused("Your role is read-only: ask a super admin if you need to enter candidates.")
    if not opening.is_open:
        raise Refused(f"{opening} is closed.", field="opening")
    if person.applications.filter(opening=opening, status=Application.Status.ACTIVE).exists():
        raise Refused(f"{person.full_name} has applied for {opening} already.", field="opening")
    application = people.apply(person, opening, stage_owner=by)
    note(by, "person.applied", f"application {application.pk}", name=person.full_name, opening=str(opening))
    return application


def _check(by: Member) -> None:
    if not may_keep_openings(by):
        raise Refused(NOT_YOURS)
