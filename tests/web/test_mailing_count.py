"""How many get a mailing: counted when that can have changed, and not at every letter that is typed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.models import Member, Person
from tests.web.test_mailings import everybody, page, post

type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def drawer(browser: Client, amara: Person, kwame: Person) -> "Drawer":
    """It has counted both, and then one of them lost their first name."""
    drawer = Drawer(browser)
    assert drawer.says("Dear {{first_name}},") == "2 of 2"
    Person.objects.filter(pk=kwame.pk).update(first_name="")
    return drawer


class Drawer:
    def __init__(self, browser: Client) -> None:
        self._browser = browser
        self.kept = ""

    def says(self, body: str) -> str:
        """How many of how many will get this text."""
        form = everybody(subject="Hello", body=body, counted=self.kept)
        shown = page(post(self._browser, "/mailings/preview/", form))
        kept = re.search('name="counted" value="([^"]+)"', shown)
        said = re.search(r"<b>(\d+)</b> (of \d+) will get it", shown)
        assert kept
        assert said
        self.kept = kept[1]
        return " ".join(said.groups())


def test_what_is_typed_counts_nobody_anew(drawer: Drawer) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert drawer.says("Dear {{first_name}}, would Tuesday suit you?") == "2 of 2"
    assert not [query for query in asked if "is_same_address" in query["sql"]]


def test_another_field_counts_anew(drawer: Drawer) -> None:
    assert drawer.says("Dear {{first_name}}, in {{opening_name}}") == "1 of 2"


def test_a_minute_later_it_is_counted_anew(drawer: Drawer) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert drawer.says("Dear {{first_name}},") == "1 of 2"


def test_a_count_that_is_not_ours_is_not_believed(drawer: Drawer) -> None:
    drawer.kept = drawer.kept.replace(":", "x:", 1)
    assert drawer.says("Dear {{first_name}},") == "1 of 2"


def test_another_audience_is_counted(drawer: Drawer, browser: Client, amara: Person) -> None:
    form = everybody(audience=f'{{"ids": [{amara.pk}]}}', subject="Hello", body="Hello", counted=drawer.kept)
    assert "<b>1</b> of 1 will get it" in page(post(browser, "/mailings/preview/", form))
