"""Campaigns: who is in them, and that nobody is in one twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from candidly.actions import campaigns, people
from candidly.actions.errors import Refused
from candidly.models import Campaign, CampaignIntake, CampaignMember, Member, Opening, Organization, Person
from candidly.rules.access import campaign_members_for


@pytest.fixture
def visits(hannah: Member) -> Campaign:
    return campaigns.create(hannah, name="Spring ward visits")


def everybody() -> dict[str, object]:
    return {"filter": {}}


def these(*chosen: Person) -> dict[str, object]:
    return {"ids": [person.pk for person in chosen]}


def in_it(member: Member, campaign: Campaign) -> set[int]:
    return set(campaign_members_for(member).filter(campaign=campaign).values_list("person", flat=True))


def test_all_in_the_filter_are_taken_in_with_their_kind(
    hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    intake = campaigns.add(hannah, visits, everybody(), "candidate")
    assert (intake.total, intake.added) == (2, 2)
    assert intake.finished_at
    assert in_it(hannah, visits) == {amara.pk, kwame.pk}
    assert set(CampaignMember.objects.values_list("kind", "added_by")) == {("candidate", hannah.pk)}


def test_a_person_is_in_a_campaign_once(
    hannah: Member, priya: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    campaigns.add(hannah, visits, these(amara), "candidate")
    again = campaigns.add(priya, visits, everybody(), "candidate")
    assert (again.total, again.added) == (2, 1)
    assert CampaignMember.objects.count() == 2
    assert CampaignMember.objects.get(person=amara).added_by == hannah


@pytest.mark.django_db(transaction=True)
def test_two_members_who_add_the_same_people_at_once_add_each_of_them_once(
    hannah: Member, priya: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    def add(member: Member) -> int:
        try:
            return campaigns.add(member, visits, everybody(), "candidate").added
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(add, [hannah, priya] * 4))
    assert sum(added) == 2
    assert CampaignMember.objects.count() == 2


def test_many_are_left_to_the_worker_page_after_page(
    hannah: Member, visits: Campaign, northlane: Organization, icu: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "AT_ONCE", 3)
    monkeypatch.setattr(campaigns, "PAGE", 2)
    for number in range(5):
        people.add_candidate(northlane, first_name=f"Number {number}", opening=icu)
    intake = campaigns.add(hannah, visits, everybody(), "candidate")
    assert not in_it(hannah, visits)
    seen = []
    while campaigns.take_in():
        intake.refresh_from_db()
        seen.append((intake.seen, intake.added))
    assert seen == [(2, 2), (4, 4), (5, 5)]
    assert intake.finished_at
    assert len(in_it(hannah, visits)) == 5
    assert not campaigns.take_in()


def test_who_was_removed_can_be_taken_back_with_their_answer(
    hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    campaigns.add(hannah, visits, everybody(), "candidate")
    CampaignMember.objects.filter(person=amara).update(response="accepted")
    number, at = campaigns.remove(hannah, visits, campaign_members_for(hannah).filter(person=amara))
    assert number == 1
    assert in_it(hannah, visits) == {kwame.pk}
    assert campaigns.restore(hannah, visits, at) == 1
    assert CampaignMember.objects.get(person=amara).response == "accepted"
    assert in_it(hannah, visits) == {amara.pk, kwame.pk}


def test_who_was_removed_comes_back_when_added_again(
    hannah: Member, priya: Member, visits: Campaign, amara: Person
) -> None:
    campaigns.add(hannah, visits, these(amara), "candidate")
    campaigns.remove(hannah, visits, campaign_members_for(hannah))
    assert campaigns.add(priya, visits, these(amara), "candidate").added == 1
    assert in_it(hannah, visits) == {amara.pk}
    assert CampaignMember.objects.get(person=amara).added_by == priya


def test_a_hiring_manager_adds_only_their_own_people(
    marcus: Member, hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    campaigns.add(marcus, visits, everybody(), "candidate")
    assert in_it(hannah, visits) == {amara.pk}


@pytest.mark.parametrize(
    "attempt",
    [
        lambda ruth, campaign: campaigns.create(ruth, name="Mine"),
        lambda ruth, campaign: campaigns.change(ruth, campaign, name="Mine"),
        lambda ruth, campaign: campaigns.add(ruth, campaign, everybody(), "candidate"),
        lambda ruth, campaign: campaigns.remove(ruth, campaign, campaign_members_for(ruth)),
    ],
)
def test_a_reader_changes_nothing(
    ruth: Member, visits: Campaign, amara: Person, attempt: Callable[[Member, Campaign], object]
) -> None:
    with pytest.raises(Refused, match="read-only"):
        attempt(ruth, visits)
    assert not CampaignIntake.objects.exists()
    assert Campaign.objects.get().name == "Spring ward visits"


def test_a_campaign_does_not_end_before_it_begins(hannah: Member) -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        campaigns.create(hannah, name="Backwards", starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 1))
