"""The candidates list, and adding somebody to it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from candidly.actions import agencies, people, submitting
from candidly.models import Application, Member, Opening, Organization, Person, Stage
from candidly.rules.access import candidates_for
from candidly.rules.audience import CandidateFilter
from candidly.web.candidates.directory import CANDIDATES
from candidly.web.candidates.facets import Facet, Facets
from tests.conftest import work_for

type ClientOf = Callable[[Member], Client]

HTMX = {"HX-Request": "true"}


def shown(client: Client, query: str = "", headers: dict[str, str] | None = None) -> str:
    response = client.get(f"/candidates/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def names_in(page: str) -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi></a>", page)


@pytest.fixture
def crowd(northlane: Organization) -> list[Person]:
    return Person.objects.bulk_create(
        Person(organization=northlane, first_name="Crowd", last_name=f"{at:03}", location=f"Place {at % 7}")
        for at in range(45)
    )


# ── The list


def test_the_list_shows_whom_the_member_may_see(
    client_of: ClientOf, hannah: Member, marcus: Member, omar: Member, amara: Person, kwame: Person, leila: Person
) -> None:
    assert set(names_in(shown(client_of(hannah)))) == {"Amara Okafor", "Kwame Mensah"}
    assert names_in(shown(client_of(marcus))) == ["Amara Okafor"]
    assert names_in(shown(client_of(omar))) == ["Leila Farouk"]


def test_the_address_holds_the_filter(client_of: ClientOf, hannah: Member, amara: Person, kwame: Person) -> None:
    page = shown(client_of(hannah), "?q=AMARA&location=Leeds&stage=applied")
    assert names_in(page) == ["Amara Okafor"]
    assert "Search: <b>“AMARA”</b>" in page
    assert re.search(r'value="Leeds" form="filter" checked', page)


def test_twenty_are_on_a_page_and_the_pager_leads_on(client_of: ClientOf, hannah: Member, crowd: list[Person]) -> None:
    client = client_of(hannah)
    first = shown(client, "?sort=name")
    assert len(names_in(first)) == 20
    assert "1 to 20 of 45" in first
    assert "Page 1 of 3" in first
    (link,) = re.findall(r'href="([^"]+)" rel="next"', first)
    second = shown(client, link.replace("&amp;", "&"))
    assert names_in(second)[0] == "Crowd 020"
    assert "21 to 40 of 45" in second
    assert "Page 2 of 3" in second


def test_a_head_sorts_and_sorts_the_other_way(
    client_of: ClientOf, hannah: Member, amara: Person, kwame: Person
) -> None:
    client = client_of(hannah)
    page = shown(client, "?sort=name")
    assert names_in(page) == ["Kwame Mensah", "Amara Okafor"]
    assert re.search(r'aria-sort="ascending"><button[^>]+value="-name"', page)
    assert names_in(shown(client, "?sort=-name")) == ["Amara Okafor", "Kwame Mensah"]


def test_a_row_shows_the_application_that_matches_else_the_latest(
    client_of: ClientOf, hannah: Member, amara: Person, icu: Opening, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.OFFER)
    client = client_of(hannah)
    assert 'data-stage="offer"' in shown(client)
    matching = shown(client, f"?opening={icu.pk}")
    assert 'data-stage="applied"' in matching
    assert 'data-stage="offer"' not in matching


def test_a_hiring_managers_row_shows_only_their_own_opening(
    client_of: ClientOf, marcus: Member, amara: Person, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.OFFER)
    page = shown(client_of(marcus))
    assert str(nights) not in page
    assert 'data-stage="offer"' not in page


def test_names_are_text_and_nothing_else(client_of: ClientOf, hannah: Member, northlane: Organization) -> None:
    people.add_candidate(northlane, first_name="<script>alert(1)</script>", location='"><img>', tags=["<b>"])
    page = shown(client_of(hannah), "?q=%3Cscript%3E")
    assert "<script>alert" not in page
    assert "<img>" not in page


def test_no_candidates_at_all_offers_to_add_one(client_of: ClientOf, hannah: Member, ruth: Member) -> None:
    assert "No candidates yet" in shown(client_of(hannah))
    assert "Add a candidate" in shown(client_of(hannah))
    assert "Add a candidate" not in shown(client_of(ruth))


def test_nobody_in_the_filter_names_the_filter_and_offers_to_clear_it(
    client_of: ClientOf, hannah: Member, amara: Person
) -> None:
    page = shown(client_of(hannah), "?q=nobody&stage=offer")
    assert "Nobody is in this filter" in page
    assert "Search: “nobody”, Stage: Offer" in page


def test_who_may_write_to_nobody_ticks_nobody(client_of: ClientOf, ruth: Member, amara: Person) -> None:
    page = shown(client_of(ruth))
    assert 'id="selection"' not in page
    assert 'name="id"' not in page


def test_all_in_the_filter_is_offered_as_the_filter_itself(
    client_of: ClientOf, hannah: Member, crowd: list[Person]
) -> None:
    page = shown(client_of(hannah), "?location=Place+1&location=Place+2&sort=name")
    assert "Select all 14 candidates in this filter" in page
    (fields,) = re.findall(r'<fieldset id="selection-all" hidden disabled>(.*?)</fieldset>', page)
    assert re.findall(r'name="(\w+)" value="([^"]*)"', fields) == [
        ("all", "1"),
        ("location", "Place 1"),
        ("location", "Place 2"),
        ("sort", "name"),
    ]


# ── What htmx gets


def test_a_changed_filter_brings_the_list_the_count_the_chips_and_the_facets(
    client_of: ClientOf, hannah: Member, amara: Person, kwame: Person
) -> None:
    response = client_of(hannah).get("/candidates/?q=amara&contacted=&sort=-last_message", headers=HTMX)
    part = response.content.decode()
    assert "<html" not in part
    assert set(re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob="true"', part)) == {
        "count",
        "chips",
        "list-more",
        "facets-toggle",
        *(f"facet-{name}" for name in ("opening", "stage", "location", "tag", "status", "contacted", "replied")),
    }
    assert response.headers["HX-Push-Url"] == "/candidates/?q=amara"


def test_another_page_brings_the_list_alone(client_of: ClientOf, hannah: Member, crowd: list[Person]) -> None:
    client = client_of(hannah)
    (link,) = re.findall(r'href="([^"]+)" rel="next"', shown(client))
    response = client.get(f"/candidates/{link}", headers=HTMX)
    assert b"hx-swap-oob" not in response.content
    assert response.headers["HX-Push-Url"] == f"/candidates/{link}"


def test_a_facet_unfolds(client_of: ClientOf, hannah: Member, crowd: list[Person]) -> None:
    client = client_of(hannah)
    assert "3 more places" in shown(client)
    unfolded = shown(client, "?more=location", headers=HTMX)
    assert len(re.findall("<li>", unfolded)) == 7
    assert "more places" not in unfolded


def test_a_page_costs_a_fixed_number_of_queries(
    client_of: ClientOf, hannah: Member, crowd: list[Person], django_assert_max_num_queries: Any
) -> None:
    client = client_of(hannah)
    with django_assert_max_num_queries(18):
        shown(client, "?q=crowd&location=Place+1")


# ── Facets


def options(facets: list[Facet], name: str) -> dict[str, str]:
    (facet,) = (facet for facet in facets if facet.name == name)
    return {option.label: option.count for option in facet.options}


def test_a_facet_counts_what_the_others_leave(
    hannah: Member, amara: Person, kwame: Person, icu: Opening, nights: Opening
) -> None:
    facets = Facets(hannah, CANDIDATES, CandidateFilter(locations=("Leeds",))).all()
    assert options(facets, "location") == {"Leeds": "1", "Bradford": "1"}
    assert options(facets, "opening") == {str(icu): "1"}
    assert options(facets, "stage")["Applied"] == "1"
    assert options(facets, "status")["Active"] == "1"


def test_candidates_are_narrowed_to_an_agencys_once_there_is_one(
    client_of: ClientOf, hannah: Member, amara: Person, icu: Opening, nights: Opening
) -> None:
    client = client_of(hannah)
    assert 'id="facet-agency"' not in shown(client, "")
    agency = agencies.add(hannah, "Meridian Locums")
    declan = work_for(agency, "Declan Farrell", "declan@meridian.example")
    submitting.submit(declan, icu, email="tomasz@mail.example", first_name="Tomasz")
    assert options(Facets(hannah, CANDIDATES, CandidateFilter()).all(), "agency") == {"Meridian Locums": "1"}
    page = shown(client, f"?agency={agency.pk}")
    assert "Tomasz" in page
    assert "Amara" not in page
    assert "Meridian Locums" in page
    elsewhere = CandidateFilter(agencies=(agency.pk,), openings=(nights.pk,))
    assert not elsewhere.apply(candidates_for(hannah)).exists(), "of one and the same application"


def test_a_person_with_two_applications_counts_once(hannah: Member, amara: Person, icu: Opening) -> None:
    people.apply(amara, icu)
    facets = Facets(hannah, CANDIDATES, CandidateFilter()).all()
    assert options(facets, "opening") == {str(icu): "1"}
    assert options(facets, "stage")["Applied"] == "1"


def test_a_facet_knows_nothing_of_what_the_member_may_not_see(
    marcus: Member, amara: Person, kwame: Person, icu: Opening, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.OFFER)
    facets = Facets(marcus, CANDIDATES, CandidateFilter()).all()
    assert options(facets, "opening") == {str(icu): "1"}
    assert options(facets, "stage")["Offer"] == "0"
    assert options(facets, "location") == {"Leeds": "1"}


def test_a_chosen_value_is_listed_however_rare(hannah: Member, crowd: list[Person], kwame: Person) -> None:
    facets = Facets(hannah, CANDIDATES, CandidateFilter(locations=("Bradford",))).all()
    assert "Bradford" in options(facets, "location")


def test_counts_of_very_many_are_a_lower_bound_and_say_so(
    hannah: Member, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("candidly.web.candidates.facets.BOUND", 40)
    assert options(Facets(hannah, CANDIDATES, CandidateFilter()).all(), "location")["Place 0"] == "7"
    monkeypatch.setattr("candidly.web.candidates.facets.EXACT", 44)
    counts = options(Facets(hannah, CANDIDATES, CandidateFilter()).all(), "location")
    assert all(count.endswith("+") for count in counts.values())


def test_very_many_in_a_filter_are_counted_no_further_and_all_can_be_leafed_through(
    client_of: ClientOf, hannah: Member, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = "&".join(f"location=Place+{n}" for n in range(5))
    everybody_there = {f"Crowd {at:03}" for at in range(45) if at % 7 < 5}
    assert f"of {len(everybody_there)}" in shown(client_of(hannah), f"?{places}")
    monkeypatch.setattr("candidly.web.candidates.listing.FEW", 25)
    page = shown(client_of(hannah), f"?{places}")
    assert "1 to 20 of 25+" in page
    assert "Page 1 of" not in page
    found = names_in(page)
    while following := re.search(r'href="\?([^"]+)"[^>]*aria-label="Next page"', page):
        page = shown(client_of(hannah), "?" + following[1].replace("&amp;", "&"))
        found += names_in(page)
    assert sorted(found) == sorted(everybody_there)


# ── Adding


def test_a_candidate_is_added_with_the_phone_in_one_form_and_an_application(
    client_of: ClientOf, hannah: Member, icu: Opening
) -> None:
    details = {
        "first_name": "Chloé",
        "last_name": "Lefèvre",
        "private_email": "chloe@mail.example",
        "phone": "07700 900 123",
        "location": "York",
        "tags": "Bank, NMC checked,Bank ,",
        "opening": icu.pk,
    }
    response = client_of(hannah).post("/candidates/new/", details)
    chloe = Person.objects.get(last_name="Lefèvre")
    assert response.headers["Location"] == f"/candidates/{chloe.pk}/"
    assert chloe.phone == "+447700900123"
    assert sorted(tag.name for tag in chloe.tags.all()) == ["Bank", "NMC checked"]
    application = Application.objects.get(person=chloe)
    assert (application.opening, application.stage_owner) == (icu, hannah)
    assert names_in(shown(client_of(hannah), "?q=chloe+lefevre")) == ["Chloé Lefèvre"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "123", "This is not a phone number."),
        ("private_email", "nope", "it has no @"),
        ("work_email", "a b@mail.example", "contains a space"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client_of: ClientOf, hannah: Member, field: str, value: str, sentence: str
) -> None:
    response = client_of(hannah).post("/candidates/new/", {"first_name": "Chloé", field: value})
    assert response.status_code == 422
    (error,) = re.findall(rf'id="id_{field}_error">.*?<span>(.*?)</span>', response.content.decode(), re.DOTALL)
    assert sentence in error
    assert not Person.objects.exists()


def test_a_reader_adds_nobody(client_of: ClientOf, ruth: Member) -> None:
    assert client_of(ruth).post("/candidates/new/", {"first_name": "Chloé"}).status_code == 403
    assert not Person.objects.exists()


def test_a_hiring_manager_adds_to_their_own_openings_only(
    client_of: ClientOf, marcus: Member, icu: Opening, nights: Opening
) -> None:
    client = client_of(marcus)
    assert client.post("/candidates/new/", {"first_name": "A", "opening": nights.pk}).status_code == 422
    assert client.post("/candidates/new/", {"first_name": "A"}).status_code == 422
    assert client.post("/candidates/new/", {"first_name": "A", "opening": icu.pk}).status_code == 302
