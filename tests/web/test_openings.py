"""Openings: kept by recruiters, seen by their teams, and candidates entered for them."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import openings, people
from candidly.actions.errors import Refused
from candidly.models import Application, AuditEvent, Member, Opening, Organization, Person, Stage
from candidly.web.openings import numbers

pytestmark = pytest.mark.django_db

type SignIn = Callable[[Member], Client]


@pytest.fixture
def hannahs(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def opening(northlane: Organization, marcus: Member) -> Opening:
    return people.add_opening(northlane, "Ward Clerk", "Leeds", team=[marcus])


def shown(client: Client, address: str = "/openings/") -> str:
    return client.get(address).content.decode()


def test_without_openings_the_page_says_what_they_are_and_leads_on(hannahs: Client) -> None:
    page = shown(hannahs)
    assert "No openings yet" in page
    assert 'href="/openings/new/"' in page


def test_an_opening_is_added_with_its_team_who_see_it(hannahs: Client, client_of: SignIn, marcus: Member) -> None:
    added = hannahs.post("/openings/new/", {"title": "Ward Clerk", "location": "Leeds", "team": [marcus.pk]})
    opening = Opening.objects.get()
    assert added.headers["Location"] == f"/openings/{opening.pk}/"
    assert (str(opening), opening.is_open, list(opening.team.all())) == ("Ward Clerk – Leeds", True, [marcus])
    theirs = shown(client_of(marcus))
    assert "Ward Clerk" in theirs
    assert "/openings/new/" not in theirs
    assert AuditEvent.objects.get().verb == "opening.added"


def test_an_opening_needs_a_title_and_what_was_typed_stays(hannahs: Client, marcus: Member) -> None:
    again = hannahs.post("/openings/new/", {"title": " ", "location": "Leeds", "team": [marcus.pk]})
    page = again.content.decode()
    assert again.status_code == 422
    assert 'value="Leeds"' in page
    assert f'value="{marcus.pk}" checked' in page
    assert not Opening.objects.exists()


def test_nobody_of_another_organization_gets_onto_a_team(hannahs: Client, omar: Member) -> None:
    refused = hannahs.post("/openings/new/", {"title": "Ward Clerk", "team": [omar.pk]})
    assert "Choose the team again" in refused.content.decode()
    assert not Opening.objects.exists()


def test_under_its_new_name_the_list_of_candidates_finds_who_applied(
    hannahs: Client, opening: Opening, amara: Person
) -> None:
    people.apply(amara, opening)
    hannahs.post(f"/openings/{opening.pk}/", {"title": "Ward Sister", "location": "York"})
    assert "Amara" in shown(hannahs, "/candidates/?q=sister")
    assert "Amara" not in shown(hannahs, "/candidates/?q=clerk")
    assert list(opening.team.all()) == []


def test_a_closed_opening_takes_nobody_and_can_be_opened_again(
    hannahs: Client, hannah: Member, opening: Opening, amara: Person
) -> None:
    hannahs.post(f"/openings/{opening.pk}/open/", {"open": "no"})
    shown(hannahs, "/candidates/")  # the confirmation has been shown
    assert "Ward Clerk" not in shown(hannahs)
    assert "Ward Clerk" in shown(hannahs, "/openings/?closed=1")
    assert "Ward Clerk" not in shown(hannahs, f"/candidates/{amara.pk}/openings/")
    opening.refresh_from_db()
    with pytest.raises(Refused, match="Ward Clerk – Leeds is closed"):
        openings.enter(hannah, amara, opening)
    hannahs.post(f"/openings/{opening.pk}/open/", {"open": "yes"})
    assert "Ward Clerk" in shown(hannahs)


def test_a_candidate_is_entered_once_for_an_opening_and_again_when_it_has_ended(
    hannahs: Client, hannah: Member, opening: Opening, amara: Person
) -> None:
    address = f"/candidates/{amara.pk}/openings/"
    assert address in shown(hannahs, f"/candidates/{amara.pk}/")
    entered = hannahs.post(address, {"opening": opening.pk}, follow=True)
    assert "Amara Okafor entered for Ward Clerk – Leeds" in entered.content.decode()
    application = amara.applications.get(opening=opening)
    assert (application.stage_owner, application.status) == (hannah, Application.Status.ACTIVE)
    again = hannahs.post(address, {"opening": opening.pk})
    assert "Amara Okafor has applied for Ward Clerk – Leeds already" in again.content.decode()
    Application.objects.update(status=Application.Status.WITHDRAWN)
    hannahs.post(address, {"opening": opening.pk})
    assert amara.applications.filter(opening=opening).count() == 2


def test_openings_are_found_by_words_of_title_and_place(hannahs: Client, opening: Opening) -> None:
    people.add_opening(opening.organization, "Porter", "York")
    page = shown(hannahs, "/openings/?q=clerk+leeds")
    assert "Ward Clerk" in page
    assert "Porter" not in page
    assert "No open opening is called “dentist”" in shown(hannahs, "/openings/?q=dentist")


def test_a_page_of_openings_asks_the_same_however_many_there_are(hannahs: Client, opening: Opening) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(hannahs)
        return len(queries)

    few = asked()
    for number in range(60):
        people.add_opening(opening.organization, f"Job {number}", team=opening.team.all())
    assert asked() == few
    assert "after=" in shown(hannahs)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch, hannahs: Client, opening: Opening) -> Callable[..., str]:
    """What the list says of an opening, of which three applications are looked at, with these beside what it has."""
    monkeypatch.setattr(numbers, "COUNTED", 3)

    def count(*stages: Stage) -> str:
        for stage in stages:
            people.apply(people.add_candidate(opening.organization, first_name="Ada"), opening, stage=stage)
        found = re.search(r"([\d,+]+ active applications?)", shown(hannahs))
        assert found
        return found[1]

    return count


def test_the_list_counts_applications_that_have_not_ended(counts: Callable[..., str]) -> None:
    assert counts() == "0 active applications"
    assert counts(Stage.OFFER, Stage.HIRED) == "1 active application"
    assert counts(Stage.APPLIED, *[Stage.DECLINED] * 5) == "2 active applications"
    Application.objects.filter(stage=Stage.OFFER).update(status="withdrawn")
    assert counts() == "1 active application"


def test_it_counts_so_many_and_says_where_there_are_more(counts: Callable[..., str]) -> None:
    assert counts(*[Stage.APPLIED] * 3) == "3 active applications"
    assert counts(Stage.OFFER) == "3+ active applications"
    Application.objects.filter(stage=Stage.APPLIED).update(status="withdrawn")
    assert counts() == "1+ active applications"


def test_of_each_opening_few_applications_are_looked_at_and_by_their_index(opening: Opening) -> None:
    with CaptureQueriesContext(connection) as queries:
        numbers.with_active([opening])
    counting = queries[0]["sql"]
    assert counting.count(f"LIMIT {numbers.COUNTED + 1}") == 2
    if connection.vendor == "sqlite":  # PostgreSQL plans by how full a table is, and this one is empty
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
            assert str(cursor.fetchall()).count("application_by_opening") == 2
