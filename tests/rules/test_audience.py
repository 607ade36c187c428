"""The filter of the candidates list: what it finds, how it is written down, and its pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from candidly.actions import people
from candidly.models import Member, Opening, Organization, Person, Stage
from candidly.rules.access import applications_for, candidates_for
from candidly.rules.audience import SORTS, CandidateFilter, audience_people, counted, read_audience
from candidly.rules.paging import page
from candidly.rules.search_text import search_words


def names(member: Member, **params: Any) -> list[str]:
    chosen = CandidateFilter.from_params(params)
    found = chosen.apply(candidates_for(member), applications_for(member))
    return [person.first_name for person in chosen.order(found)]


@pytest.fixture
def siobhan(northlane: Organization, nights: Opening) -> Person:
    return people.add_candidate(
        northlane,
        first_name="Siobhán",
        last_name="Ní Bhriain",
        private_email="siobhan@mail.example",
        location="Dublin",
        tags=["Bank"],
        opening=nights,
        stage=Stage.INTERVIEW,
    )


def test_every_word_must_occur_in_whatever_order(hannah: Member, amara: Person, kwame: Person) -> None:
    assert names(hannah, q="okafor amara") == ["Amara"]
    assert names(hannah, q="amara mensah") == []


@pytest.mark.parametrize("q", ["siobhan", "SIOBHÁN", "ni bhriain", "siobhan@", "bank", "bradford"])
def test_the_search_folds_case_and_accents_and_knows_tags_and_openings(
    hannah: Member, siobhan: Person, amara: Person, q: str
) -> None:
    assert names(hannah, q=q) == ["Siobhán"]


@pytest.mark.parametrize("q", ["+447700900101", "07700900101", "07700 900101", "+44 7700 900101", "900101"])
def test_a_phone_number_is_found_however_it_is_written(hannah: Member, amara: Person, kwame: Person, q: str) -> None:
    assert names(hannah, q=q) == ["Amara"]


def test_a_percent_sign_is_a_percent_sign(hannah: Member, amara: Person) -> None:
    assert names(hannah, q="%") == []


def test_values_of_a_facet_are_alternatives_and_facets_must_all_hold(
    hannah: Member, amara: Person, kwame: Person, siobhan: Person
) -> None:
    assert set(names(hannah, locations=["Leeds", "Dublin"])) == {"Amara", "Siobhán"}
    assert names(hannah, locations=["Leeds", "Dublin"], stages=["interview"]) == ["Siobhán"]


def test_opening_and_stage_must_hold_for_one_application(
    hannah: Member, amara: Person, icu: Opening, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.INTERVIEW)
    assert names(hannah, openings=[nights.pk], stages=["interview"]) == ["Amara"]
    assert names(hannah, openings=[icu.pk], stages=["interview"]) == []


def test_a_hiring_managers_filter_tells_nothing_of_other_openings(
    marcus: Member, amara: Person, nights: Opening
) -> None:
    people.apply(amara, nights, stage=Stage.OFFER)
    assert names(marcus) == ["Amara"]
    assert names(marcus, stages=["offer"]) == []
    assert names(marcus, openings=[nights.pk]) == []


def test_tags_match_by_any_of_them(hannah: Member, amara: Person, siobhan: Person) -> None:
    assert names(hannah, tags=[siobhan.tags.get().pk]) == ["Siobhán"]


def test_who_was_not_written_to_lately_includes_who_never_was(hannah: Member, amara: Person, kwame: Person) -> None:
    Person.objects.filter(pk=amara.pk).update(last_message_at=timezone.now() - timedelta(days=10))
    assert names(hannah, contacted="never") == ["Kwame"]
    assert set(names(hannah, contacted="7")) == {"Amara", "Kwame"}
    assert names(hannah, contacted="30") == ["Kwame"]


def test_who_has_answered_and_who_has_not(hannah: Member, amara: Person, kwame: Person) -> None:
    Person.objects.filter(pk=amara.pk).update(last_reply_at=timezone.now())
    assert names(hannah, replied="yes") == ["Amara"]
    assert names(hannah, replied="no") == ["Kwame"]


def test_the_filter_of_another_organization_finds_nobody_of_ours(omar: Member, amara: Person, icu: Opening) -> None:
    assert names(omar, openings=[icu.pk]) == []
    assert names(omar, q="amara") == []


FILTERS = st.builds(
    CandidateFilter.from_params,
    st.fixed_dictionaries(
        {},
        optional={
            "q": st.text(max_size=30),
            "openings": st.lists(st.integers(0, 2**40), max_size=3),
            "stages": st.lists(st.sampled_from(["applied", "offer", "nonsense"]), max_size=3),
            "statuses": st.lists(st.sampled_from(["active", "withdrawn", "x"]), max_size=3),
            "locations": st.lists(st.text(max_size=20), max_size=3),
            "tags": st.lists(st.integers(0, 2**40), max_size=3),
            "contacted": st.sampled_from(["", "7", "never", "soon"]),
            "replied": st.sampled_from(["", "yes", "maybe"]),
            "sort": st.sampled_from([*SORTS, "", "password"]),
        },
    ),
)


@given(FILTERS)
def test_a_filter_survives_its_address_and_its_stored_form(chosen: CandidateFilter) -> None:
    assert CandidateFilter.from_query(QueryDict(chosen.to_query())) == chosen
    assert CandidateFilter.from_params(chosen.to_params()) == chosen


@given(st.text(max_size=60))
def test_any_address_is_a_filter(address: str) -> None:
    CandidateFilter.from_query(QueryDict(address.encode("utf-8", "ignore")))
    search_words(address)


def test_nothing_chosen_has_an_empty_address() -> None:
    assert CandidateFilter().to_query() == ""
    assert not CandidateFilter(sort="name").narrows


def test_chips_say_the_filter_in_words_and_lead_to_the_filter_without_it(
    hannah: Member, icu: Opening, nights: Opening
) -> None:
    chosen = CandidateFilter.from_params({"openings": [icu.pk], "stages": ["applied", "offer"], "contacted": "never"})
    chips = {chip.label: chip for chip in chosen.describe(hannah)}
    assert chips["Opening"].value == "Staff Nurse, ICU – Leeds"
    assert chips["Stage"].value == "2 of 6"
    assert chips["Last message"].value == "Never contacted"
    assert chips["Opening"].query == "stage=applied&stage=offer&contacted=never"


def test_a_chip_does_not_name_an_opening_out_of_reach(marcus: Member, nights: Opening) -> None:
    (chip,) = CandidateFilter(openings=(nights.pk,)).describe(marcus)
    assert chip.value == "unknown"


def test_ticked_rows_are_an_audience_within_the_members_access(
    hannah: Member, marcus: Member, amara: Person, kwame: Person, leila: Person
) -> None:
    audience = read_audience(QueryDict(f"id={amara.pk}&id={kwame.pk}&id={leila.pk}&id=x"))
    assert set(audience_people(hannah, audience)) == {amara, kwame}
    assert set(audience_people(marcus, audience)) == {amara}


def test_all_in_the_filter_is_a_query(hannah: Member, amara: Person, kwame: Person) -> None:
    audience = read_audience(QueryDict(f"all=1&location=Leeds&id={kwame.pk}"))
    assert audience == {"filter": {"locations": ["Leeds"]}}
    assert list(audience_people(hannah, audience)) == [amara]


def test_an_audience_that_says_nothing_is_nobody(hannah: Member, amara: Person) -> None:
    assert not audience_people(hannah, {}).exists()


@pytest.fixture
def forty_seven(northlane: Organization) -> list[Person]:
    """With equal names, equal places and, for a third of them, no message at all."""
    now = timezone.now()
    return Person.objects.bulk_create(
        Person(
            organization=northlane,
            first_name=f"P{at % 3}",
            last_name=f"Q{at % 5}",
            location=f"Place {at % 4}",
            stage=at % 7,
            last_message_at=None if at % 3 == 0 else now - timedelta(minutes=at % 10),
        )
        for at in range(47)
    )


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_the_order_there_and_back_without_gap_or_double(
    hannah: Member, forty_seven: list[Person], sort: str
) -> None:
    chosen = CandidateFilter(sort=sort)
    everybody = candidates_for(hannah)
    expected = [person.pk for person in chosen.order(everybody)]
    shown = [page(chosen, everybody, size=10)]
    while shown[-1].next:
        shown.append(page(chosen, everybody, shown[-1].next, size=10))
    assert [person.pk for one in shown for person in one.people] == expected
    assert [one.number for one in shown] == [1, 2, 3, 4, 5]
    for earlier, later in zip(reversed(shown[:-1]), reversed(shown[1:]), strict=True):
        assert page(chosen, everybody, later.previous, size=10) == earlier


@pytest.mark.parametrize("cursor", ["x", "%%%", "bnVsbA", "W10", "WzEsMiwzXQ", "W1siYSJdLHRydWUsMV0"])
@pytest.mark.parametrize("sort", ["name", "-last_message", "stage"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(
    hannah: Member, forty_seven: list[Person], cursor: str, sort: str
) -> None:
    chosen = CandidateFilter(sort=sort)
    assert page(chosen, candidates_for(hannah), cursor) == page(chosen, candidates_for(hannah))


def test_a_page_back_shows_the_first_page_when_rows_before_it_have_gone(
    hannah: Member, forty_seven: list[Person]
) -> None:
    chosen = CandidateFilter(sort="name")
    everybody = candidates_for(hannah)
    second = page(chosen, everybody, page(chosen, everybody, size=10).next, size=10)
    Person.objects.filter(pk__in=[person.pk for person in page(chosen, everybody, size=10).people[:4]]).delete()
    back = page(chosen, everybody, second.previous, size=10)
    assert (back.number, len(back.people), back.previous) == (1, 10, "")


def test_counts_are_exact_up_to_their_bound(
    hannah: Member, forty_seven: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counted(candidates_for(hannah)) == (47, False)
    monkeypatch.setattr("candidly.rules.audience.COUNTED", 40)
    assert counted(candidates_for(hannah)) == (40, True)
