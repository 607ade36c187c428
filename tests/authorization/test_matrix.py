"""Every address of the site, by every method, for everybody: what table.py says is what happens."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from candidly.models import Member, Person
from tests.authorization.table import ROLES, TABLE, Row
from tests.authorization.world import World, build

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


@pytest.mark.parametrize("name", [*TABLE])
def test_everybody_gets_what_the_table_says(
    name: str,
    hannah: Member,
    priya: Member,
    marcus: Member,
    ruth: Member,
    sofia: Member,
    omar: Member,
    amara: Person,
    kwame: Person,
) -> None:
    own, other_teams = build(amara, hannah, priya), build(kwame, hannah, priya)
    visitors: list[tuple[Member | None, World]] = [
        (None, own),
        (omar, own),
        (ruth, own),
        (marcus, own),
        (marcus, other_teams),
        (hannah, own),
        (sofia, own),
    ]
    row = TABLE[name]
    happened = {
        method: "".join(_outcome(name, row, method, *visitor) for visitor in visitors)
        for method in METHODS
        if method in row.methods
    }
    assert happened == dict(row.methods), f"{name}, for {', '.join(ROLES)}"
    for method in METHODS:
        if method not in row.methods and not row.is_librarys:
            assert _outcome(name, row, method, sofia, own) == "5", f"{method} of {name}"


def _outcome(name: str, row: Row, method: str, visitor: Member | None, world: World) -> str:
    """What came of it, as one letter of the table; nothing of it lasts."""
    client = Client()
    cache.clear()  # nobody spends another's tries
    address = reverse(name, kwargs=world.kwargs(row.thing))
    with transaction.atomic():
        if visitor:
            client.force_login(visitor.user)
        match method:
            case "GET":
                answer = client.get(address, row.query(world))
            case "POST":
                answer = client.post(address, row.form(world))
            case _:
                answer = client.generic(method, address)
        transaction.set_rollback(True)
    return _letter(answer)


def _letter(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"):
        return "l"
    letters = {401: "l", 403: "3", 404: "4", 405: "5", 422: "2"}
    return letters.get(answer.status_code, "y" if answer.status_code < 400 else str(answer.status_code))
