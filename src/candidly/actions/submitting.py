"""An agency user submits a candidate for an opening."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from candidly.actions import people
from candidly.actions.attachments import keep_submitted
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.envelope import File
from candidly.models import AgencyUser, Application, Opening, Person, clock
from candidly.rules.agency_access import openings_of

#: The same candidate for the same opening within this time is a form that was sent twice.
AGAIN = timedelta(minutes=1)


@transaction.atomic
def submit(by: AgencyUser, opening: Opening, *, email: str, cv: File | None = None, **fields: Any) -> Application:
    """The candidate's application, with the CV. `fields` are those of Person: first_name, last_name, phone, location,
    summary.

    Somebody whom this agency user submitted before is known by the address. Whether the organization knows them from
    elsewhere is not the agency's to hear: for others it is a new candidate. Raises Refused for an opening that is
    closed, an address that is none, and whom they have submitted for it before.
    """
    _check(by, opening, email, fields)
    AgencyUser.objects.select_for_update().filter(pk=by.pk).first()  # a form that is sent twice waits for itself
    person = _submitted_before(by, email) or _add(by, email, fields)
    if again := person.applications.filter(opening=opening, submitted_by=by).first():
        return _unless_news(again, person, opening)
    application = people.apply(person, opening)
    Application.objects.filter(pk=application.pk).update(submitted_by=by)
    application.submitted_by = by
    if cv:
        keep_submitted(application, cv)
    note(by, "agency.submitted", f"application {application.pk}", name=person.full_name, opening=str(opening))
    return application


def _check(by: AgencyUser, opening: Opening, email: str, fields: dict[str, Any]) -> None:
    if not openings_of(by).filter(pk=opening.pk).exists():
        raise Refused("This opening takes no more candidates. Choose another one.", field="opening")
    if not (fields.get("first_name", "").strip() or fields.get("last_name", "").strip()):
        raise Refused("Write the candidate’s name.", field="first_name")
    if not email.strip():
        raise Refused("Write the candidate’s e-mail address.", field="email")


def _submitted_before(by: AgencyUser, email: str) -> Person | None:
    own = Application.objects.filter(submitted_by=by, person__private_email__iexact=email)
    application = own.select_related("person").order_by("-pk").first()
    return application.person if application else None


def _add(by: AgencyUser, email: str, fields: dict[str, Any]) -> Person:
    try:
        return people.add_candidate(by.organization, private_email=email, source=by.agency.name[:120], **fields)
    except Refused as refusal:
        raise Refused(str(refusal), field="email") from refusal


def _unless_news(again: Application, person: Person, opening: Opening) -> Application:
    if again.applied_at < clock.now() - AGAIN:
        raise Refused(f"You have submitted {person.full_name} for {opening} already.", field="email")
    return again
