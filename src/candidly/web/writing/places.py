"""Where something is written, as requests name it: `conversation=7`, `person=3`, or neither for many at once."""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from candidly.actions.drafts import Place
from candidly.models import Application, Member, Person
from candidly.rules.access import answerable_for, applications_for, people_for
from candidly.web.writing import composer
from candidly.web.writing.composer import Composer
from candidly.web.writing.paging import key_in


def place_in(member: Member, asked: Mapping[str, str]) -> Place:
    """The place that `asked` names, where the member may write; Http404 elsewhere."""
    if pk := key_in(asked, "conversation"):
        open_to = answerable_for(member).select_related("person", "application__opening")
        return Place(conversation=get_object_or_404(open_to, pk=pk))
    if pk := key_in(asked, "person"):
        return Place(person=get_object_or_404(people_for(member), pk=pk))
    return Place()


def composer_at(member: Member, place: Place, asked: Mapping[str, str]) -> Composer:
    """The composer of a place with one person."""
    if place.conversation:
        return composer.in_conversation(member, place.conversation)
    assert place.person is not None
    applications = list(applications_of(member, place.person))
    chosen = key_in(asked, "application")
    known = chosen if chosen in {application.pk for application in applications} else None
    found = composer.to_person(member, place.person, applications, known)
    return replace(found, stays="stays" in asked)


def applications_of(member: Member, person: Person) -> QuerySet[Application]:
    """Those of the person that the member may see, the newest first."""
    found = applications_for(member).filter(person=person).order_by("-applied_at", "-pk")
    return found.select_related("opening", "stage_owner__user", "submitted_by__user", "submitted_by__agency")
