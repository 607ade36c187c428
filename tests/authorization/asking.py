"""Requests by the same people again and again: they sign in once, and nothing that a request does lasts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from candidly.models import User
from tests.authorization.table import TABLE
from tests.authorization.world import World

#: A session, and the world that they look at.
type Visitor = tuple[str, World]

MEMBER, AGENCY_USER, STRANGER = "a member", "the agency user", "a stranger"

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Place:
    """`sessions` of those who come, by what they are; nobody's is empty."""

    world: World
    sessions: Mapping[str, str]


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def agencys() -> set[str]:
    return {
        pattern.name or ""
        for pattern in patterns(get_resolver())
        if getattr(pattern.callback, "for_agency_users", False)
    }


def session_of(user: User | None) -> str:
    """The cookie by which this user is signed in; empty for nobody."""
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def become(browser: Client, session: str) -> None:
    """One browser does for everybody, because each makes the middleware anew. Nobody spends another's tries."""
    browser.cookies.clear()
    if session:
        browser.cookies["sessionid"] = session
    cache.clear()


def usual(name: str, method: str, world: World) -> dict[str, Any]:
    """The form or query of that address's row in the table."""
    row = TABLE[name]
    return (row.query if method == "GET" else row.form)(world)


def ask(
    browser: Client, session: str, name: str, method: str, world: World, said: Mapping[str, Any] | None = None
) -> HttpResponseBase:
    """What the address of that name answers to its usual form or query, or to what is `said` instead."""
    row = TABLE[name]
    data = usual(name, method, world) if said is None else said
    address = reverse(name, kwargs=world.kwargs(row.thing))
    become(browser, session)
    with transaction.atomic():
        match method:
            case "GET":
                answer = browser.get(address, data)
            case "POST":
                answer = browser.post(address, data)
            case _:
                answer = browser.generic(method, address)
        transaction.set_rollback(True)
    return answer
