"""What is between members and agency users: every address of the site, by every method, for whom it is not."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from candidly.models import AgencyUser, Member, Person, User
from tests.authorization.table import TABLE
from tests.authorization.world import World, build

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Of every account.
ACCOUNT = ("home", "account_")


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


@pytest.fixture
def world(amara: Person, hannah: Member, priya: Member) -> World:
    return build(amara, hannah, priya)


@pytest.fixture
def stranger(db: None) -> User:
    """An account that is nobody's: neither a member's nor an agency user's."""
    return User.objects.create_user("stranger@mail.example", "Stranger", "correct horse battery")


@pytest.mark.parametrize("name", walled())
def test_what_is_a_members_is_not_an_agency_users_and_the_other_way_round(
    name: str, world: World, sofia: Member, stranger: User
) -> None:
    submitter = AgencyUser.objects.select_related("user").get(**world.kwargs("agency user"))
    visitors = {"the agency user": submitter.user, "a member": sofia.user, "a stranger": stranger, "nobody": None}
    welcome = "the agency user" if name in agencys() else "a member"
    del visitors[welcome]
    for who, user in visitors.items():
        for method in METHODS:
            answer = _ask(name, method, user, world)
            assert _is_turned_away(answer, user), f"{who}: {method} {name}: {answer.status_code}"


def _ask(name: str, method: str, user: User | None, world: World) -> HttpResponseBase:
    row = TABLE[name]
    address = reverse(name, kwargs=world.kwargs(row.thing))
    client = Client()
    cache.clear()
    with transaction.atomic():
        if user:
            client.force_login(user)
        match method:
            case "GET":
                answer = client.get(address, row.query(world))
            case "POST":
                answer = client.post(address, row.form(world))
            case _:
                answer = client.generic(method, address)
        transaction.set_rollback(True)
    return answer


def _is_turned_away(answer: HttpResponseBase, user: User | None) -> bool:
    """To where they belong, or to the sign-in; or told that there is no such thing."""
    if answer.status_code == 302:
        place = answer.headers["Location"]
        return place == "/" if user else place.startswith("/accounts/login/")
    return answer.status_code in (401, 403, 404, 405)


def test_home_leads_neither_to_the_others(world: World, stranger: User) -> None:
    client = Client()
    client.force_login(stranger)
    assert client.get("/").status_code == 403
