"""What is between members and agency users: every address of the site, by every method, for whom it is not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from candidly.models import AgencyUser, Organization, Role, User
from tests.authorization.asking import METHODS, ask, become, session_of
from tests.authorization.world import World, applicant, build
from tests.conftest import join

#: Of every account.
ACCOUNT = ("home", "account_")
MEMBER, AGENCY_USER, STRANGER = "a member", "the agency user", "a stranger"


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def walled() -> list[str]:
    """The addresses that somebody must sign in for, but for those of every account."""
    names = {
        pattern.name or ""
        for pattern in patterns(get_resolver())
        if getattr(pattern.callback, "login_required", True) and not (pattern.name or "").startswith(ACCOUNT)
    }
    return sorted(names)


def agencys() -> set[str]:
    return {
        pattern.name or ""
        for pattern in patterns(get_resolver())
        if getattr(pattern.callback, "for_agency_users", False)
    }


@dataclass(frozen=True)
class Place:
    """`sessions` of those who come, by what they are; nobody's is empty."""

    world: World
    sessions: Mapping[str, str]


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """Built once: nothing that a test does to it lasts."""
    with django_db_blocker.unblock(), transaction.atomic():
        northlane = Organization.objects.create(name="Northlane Care", slug="northlane")
        hannah, priya = join(northlane, "Hannah", Role.RECRUITER), join(northlane, "Priya", Role.RECRUITER)
        sofia, marcus = join(northlane, "Sofia", Role.SUPER_ADMIN), join(northlane, "Marcus", Role.HIRING_MANAGER)
        world = build(applicant(northlane, "Amara", team=[marcus]), hannah, priya)
        submitter = AgencyUser.objects.select_related("user").get(**world.kwargs("agency user"))
        stranger = User.objects.create_user("stranger@mail.example", "Stranger", "correct horse battery")
        users = {AGENCY_USER: submitter.user, MEMBER: sofia.user, STRANGER: stranger, "nobody": None}
        yield Place(world, {who: session_of(user) for who, user in users.items()})
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser() -> Client:
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize("name", walled())
def test_what_is_a_members_is_not_an_agency_users_and_the_other_way_round(
    name: str, browser: Client, place: Place
) -> None:
    welcome = AGENCY_USER if name in agencys() else MEMBER
    for who, session in place.sessions.items():
        for method in METHODS if who != welcome else ():
            answer = ask(browser, session, name, method, place.world)
            assert _is_turned_away(answer, session), f"{who}: {method} {name}: {answer.status_code}"


def _is_turned_away(answer: HttpResponseBase, session: str) -> bool:
    """To where they belong, or to the sign-in; or told that there is no such thing."""
    if answer.status_code == 302:
        place = answer.headers["Location"]
        return place == "/" if session else place.startswith("/accounts/login/")
    return answer.status_code in (401, 403, 404, 405)


@pytest.mark.django_db
def test_home_leads_neither_to_the_others(browser: Client, place: Place) -> None:
    become(browser, place.sessions[STRANGER])
    assert browser.get("/").status_code == 403
