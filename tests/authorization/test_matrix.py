"""Every address of the site, by every method, for everybody: what table.py says is what happens."""

from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.authorization.asking import METHODS, Visitor, ask
from tests.authorization.table import ROLES, TABLE


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


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*TABLE])
def test_everybody_gets_what_the_table_says(name: str, browser: Client, visitors: list[Visitor]) -> None:
    row = TABLE[name]
    happened = {
        method: "".join(_outcome(browser, name, method, visitor) for visitor in visitors)
        for method in METHODS
        if method in row.methods
    }
    assert happened == dict(row.methods), f"{name}, for {', '.join(ROLES)}"
    for method in METHODS:
        if method not in row.methods and not row.is_librarys:
            assert _outcome(browser, name, method, visitors[-1]) == row.others, f"{method} of {name}"


def _outcome(browser: Client, name: str, method: str, visitor: Visitor) -> str:
    """What came of it, as one letter of the table."""
    session, world = visitor
    return _letter(ask(browser, session, name, method, world))


def _letter(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"):
        return "l"
    letters = {401: "l", 403: "3", 404: "4", 405: "5", 422: "2"}
    return letters.get(answer.status_code, "y" if answer.status_code < 400 else str(answer.status_code))
