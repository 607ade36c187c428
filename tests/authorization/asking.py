"""Requests by the same people again and again: they sign in once, and nothing that a request does lasts."""

from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from candidly.models import User
from tests.authorization.table import TABLE
from tests.authorization.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


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


def ask(browser: Client, session: str, name: str, method: str, world: World) -> HttpResponseBase:
    """What the address of that name answers to the form or query of its row in the table."""
    row = TABLE[name]
    address = reverse(name, kwargs=world.kwargs(row.thing))
    become(browser, session)
    with transaction.atomic():
        match method:
            case "GET":
                answer = browser.get(address, row.query(world))
            case "POST":
                answer = browser.post(address, row.form(world))
            case _:
                answer = browser.generic(method, address)
        transaction.set_rollback(True)
    return answer
