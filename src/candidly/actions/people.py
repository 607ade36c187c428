"""Add people and openings, and move applications along."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from candidly.actions import live
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.actions.indexing import index_again
from candidly.mail import addresses
from candidly.models import (
    Application,
    Member,
    Opening,
    Organization,
    Person,
    PersonSearch,
    Stage,
    Tag,
)
from candidly.models.bulk import update_rows
from candidly.rules.agency_access import agency_users_of
from candidly.rules.search_text import search_text

#: What an application's status is at a stage that ends it; every other stage is active.
ENDS = {
    Stage.HIRED: Application.Status.HIRED,
    Stage.DECLINED: Application.Status.DECLINED,
}


@transaction.atomic
def add_candidate(
    organization: Organization,
    *,
    tags: Iterable[str] = (),
    opening: Opening | None = None,
    stage: Stage = Stage.APPLIED,
    stage_owner: Member | None = None,
    **fields: Any,
) -> Person:
    """A new candidate, applied to `opening` where one is given. `fields` are those of Person.

    Raises Refused when an address cannot be an address.
    """
    person = _add(organization, Person.Kind.CANDIDATE, tags, fields)
    if opening is None:
        refresh_search(person)
    else:
        apply(person, opening, stage=stage, stage_owner=stage_owner)
    return person


@transaction.atomic
def add_contact(organization: Organization, *, tags: Iterable[str] = (), **fields: Any) -> Person:
    """A new contact at a client company. `fields` are those of Person.

    Raises Refused when an address cannot be an address.
    """
    person = _add(organization, Person.Kind.CONTACT, tags, fields)
    refresh_search(person)
    return person


def _add(organization: Organization, kind: Person.Kind, tags: Iterable[str], fields: dict[str, Any]) -> Person:
    person = Person(organization=organization, kind=kind, **fields)
    _check_addresses(person)
    person.save()
    set_tags(person, tags)
    return person


@transaction.atomic
def update_person(person: Person, **fields: Any) -> Person:
    """Change the person's own details. Raises Refused when an address cannot be an address."""
    known_as = person.full_name
    for name, value in fields.items():
        setattr(person, name, value)
    _check_addresses(person)
    person.save(update_fields=[*fields])
    refresh_search(person)
    if person.full_name != known_as:
        index_again(person)
    return person


def set_tags(person: Person, names: Iterable[str]) -> None:
    tags = [Tag.objects.get_or_create(organization=person.organization, name=name)[0] for name in names]
    person.tags.set(tags)


def add_opening(
    organization: Organization,
    title: str,
    location: str = "",
    team: Iterable[Member] = (),
) -> Opening:
    opening = Opening.objects.create(organization=organization, title=title, location=location)
    opening.team.set(team)
    return opening


@transaction.atomic
def apply(
    person: Person,
    opening: Opening,
    *,
    stage: Stage = Stage.APPLIED,
    stage_owner: Member | None = None,
    applied_at: datetime | None = None,
) -> Application:
    """Enter the candidate for the opening. At the stage Declined: nobody knows since when."""
    application = Application.objects.create(
        organization=person.organization,
        person=person,
        opening=opening,
        stage=stage,
        stage_owner=stage_owner,
        status=ENDS.get(stage, Application.Status.ACTIVE),
        applied_at=applied_at or timezone.now(),
    )
    repeat_stage(person)
    refresh_search(person)
    return application


@transaction.atomic
def move(
    application: Application,
    stage: Stage,
    *,
    was: Stage | None = None,
    by: Member | None = None,
    status: str = "",
) -> None:
    """Bring the application to another stage; hired and declined end it, unless another `status` is named. Refused
    when it does not stand at `was` any more, where that is given."""
    found = Application.objects.filter(pk=application.pk, **({} if was is None else {"stage": was}))
    status = status or ENDS.get(stage, Application.Status.ACTIVE)
    declined_at = timezone.now() if status == Application.Status.DECLINED else None
    if not found.update(stage=stage, status=status, declined_at=declined_at):
        raise Refused("Somebody else has moved this application meanwhile. Look where it stands, then choose again.")
    application.stage, application.status, application.declined_at = stage, status, declined_at
    if by and was is not None:
        names = {"name": application.person.full_name, "was": was.label, "stage": stage.label}
        note(by, "person.moved", f"application {application.pk}", organization=application.organization, **names)
    repeat_stage(application.person)
    _tell_pages(application)
    for conversation in application.conversations.values_list("pk", flat=True):  # it may be closed now, or open again
        live.tell_portal(conversation)


@transaction.atomic
def coordinate(application: Application, owner: Member | None, by: Member | None = None) -> None:
    """`owner` coordinates the present stage from now on; None: nobody does."""
    changed = Application.objects.filter(pk=application.pk).exclude(stage_owner=owner)
    if changed.update(stage_owner=owner):
        names = {"name": application.person.full_name, "owner": owner.name if owner else "nobody"}
        note(by, "person.coordinator", f"application {application.pk}", organization=application.organization, **names)
        _tell_pages(application)
    application.stage_owner = owner


def _tell_pages(application: Application) -> None:
    """Open pages that show the application, agency users' too: its stage, or who coordinates it, has changed."""
    live.publish(f"person:{application.person_id}", "stage", person=application.person_id)
    if application.submitted_by_id is not None:
        for agency_user in agency_users_of(application.person).values_list("pk", flat=True):
            live.publish(f"agency-user:{agency_user}", "stage", person=application.person_id)


def refresh_search(*people: Person) -> None:
    """Write again what the lists search for these people; the number of queries does not grow with theirs."""
    openings, tags = defaultdict(list), defaultdict(list)
    for application in Application.objects.filter(person__in=people).select_related("opening").order_by("pk"):
        openings[application.person_id].append(str(application.opening))
    links = Person.tags.through._default_manager.filter(person__in=people).order_by("pk")
    for person_id, name in links.values_list("person_id", "tag__name"):
        tags[person_id].append(name)
    PersonSearch.objects.bulk_create(
        [PersonSearch(person=one, text=search_text(one, openings[one.pk], tags[one.pk])) for one in people],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["text"],
    )


def repeat_stage(*people: Person) -> None:
    """Write again the stage that the lists show: that of each one's latest application."""
    stages: dict[int, int] = {}
    applications = Application.objects.filter(person__in=people).order_by("applied_at", "id")
    stages.update(applications.values_list("person_id", "stage"))
    for person in people:
        person.stage = stages.get(person.pk, Stage.NONE)
    update_rows(Person, ("stage",), ((int(person.stage), person.pk) for person in people))


def _check_addresses(person: Person) -> None:
    for field in ("private_email", "work_email"):
        email = getattr(person, field)
        if email and (problem := addresses.problem(email)):
            raise Refused(problem, field=field)
