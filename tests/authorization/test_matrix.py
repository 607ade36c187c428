"""Every address of the site, by every method, for everybody: what table.py says is what happens."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from candidly.models import Member, Organization, Role
from tests.authorization.table import ROLES, TABLE, Row
from tests.authorization.world import World, applicant, build
from tests.conftest import join

type Visitor = tuple[Member | None, World]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(resolver: URLResolver) -> Iterator[str]:
    """The name of each address there is."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern.pattern} has no name, so the table cannot say who may open it"
            yield pattern.name


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(TABLE) == sorted(set(routes(get_resolver())))


@pytest.fixture(scope="module")
def visitors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Visitor]]:
    """In the order of ROLES. Built once: nothing that a test does to it lasts."""
    with django_db_blocker.unblock(), transaction.atomic():
        northlane = Organization.objects.create(name="Northlane Care", slug="northlane")
        harbour = Organization.objects.create(name="Harbour Logistics", slug="harbour")
        hannah, priya = join(northlane, "Hannah", Role.RECRUITER), join(northlane, "Priya", Role.RECRUITER)
        marcus, sofia = join(northlane, "Marcus", Role.HIRING_MANAGER), join(northlane, "Sofia", Role.SUPER_ADMIN)
        ruth, omar = join(northlane, "Ruth", Role.READ_ONLY), join(harbour, "Omar", Role.RECRUITER)
        own = build(applicant(northlane, "Amara", team=[marcus]), hannah, priya)
        other_teams = build(applicant(northlane, "Kwame", team=[]), hannah, priya)
        everybody = [(None, own), (omar, own), (ruth, own), (marcus, own), (marcus, other_teams)]
        yield [*everybody, (hannah, own), (sofia, own)]
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser() -> Client:
    """One for all of them, because each makes the middleware anew."""
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*TABLE])
def test_everybody_gets_what_the_table_says(name: str, browser: Client, visitors: list[Visitor]) -> None:
    row = TABLE[name]
    happened = {
        method: "".join(_outcome(browser, name, row, method, visitor) for visitor in visitors)
        for method in METHODS
        if method in row.methods
    }
    assert happened == dict(row.methods), f"{name}, for {', '.join(ROLES)}"
    for method in METHODS:
        if method not in row.methods and not row.is_librarys:
            assert _outcome(browser, name, row, method, visitors[-1]) == row.others, f"{method} of {name}"


def _outcome(browser: Client, name: str, row: Row, method: str, visitor: Visitor) -> str:
    """What came of it, as one letter of the table; nothing of it lasts."""
    member, world = visitor
    browser.cookies.clear()
    cache.clear()  # nobody spends another's tries
    address = reverse(name, kwargs=world.kwargs(row.thing))
    with transaction.atomic():
        if member:
            browser.force_login(member.user)
        match method:
            case "GET":
                answer = browser.get(address, row.query(world))
            case "POST":
                answer = browser.post(address, row.form(world))
            case _:
                answer = browser.generic(method, address)
        transaction.set_rollback(True)
    return _letter(answer)


def _letter(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"):
        return "l"
    letters = {401: "l", 403: "3", 404: "4", 405: "5", 422: "2"}
    return letters.get(answer.status_code, "y" if answer.status_code < 400 else str(answer.status_code))
