"""The pages of campaigns, through a browser without scripts."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import campaigns, people
from candidly.models import Campaign, CampaignMember, Member, Opening, Organization, Person, Plan

HTMX = {"HX-Request": "true"}
type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def visits(hannah: Member) -> Campaign:
    return campaigns.create(hannah, name="Spring ward visits", purpose="Meet the physiotherapy team")


def page(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def ids(*chosen: Person) -> str:
    return json.dumps({"ids": [person.pk for person in chosen]})


def add(hannah: Member, campaign: Campaign, *chosen: Person) -> None:
    campaigns.add(hannah, campaign, {"ids": [person.pk for person in chosen]}, chosen[0].kind)


# ── The list


def test_a_campaign_is_seen_by_everybody_at_once(
    browser: Client, client_of: SignIn, marcus: Member, ruth: Member, omar: Member
) -> None:
    form = {"name": "Summer fair", "purpose": "Meet us", "starts_on": "2027-06-01", "ends_on": "2027-06-03"}
    response = browser.post("/campaigns/new/", form, follow=True)
    assert "Summer fair created" in page(response)
    for member in (marcus, ruth):
        assert "Summer fair" in page(client_of(member).get("/campaigns/"))
    assert "Summer fair" not in page(client_of(omar).get("/campaigns/"))


def test_what_is_wrong_is_said_and_nothing_is_lost(browser: Client) -> None:
    form = {"name": "Summer fair", "starts_on": "2027-06-03", "ends_on": "2027-06-01"}
    response = browser.post("/campaigns/new/", form)
    assert response.status_code == 422
    assert "It ends before it begins" in page(response)
    assert 'value="Summer fair"' in page(response)


def test_the_list_is_searched_by_name(browser: Client, hannah: Member, visits: Campaign) -> None:
    campaigns.create(hannah, name="Alumni")
    found = page(browser.get("/campaigns/", {"q": "ward"}))
    assert "Spring ward visits" in found
    assert "Alumni" not in found
    assert "Nothing has “winter” in its name" in page(browser.get("/campaigns/", {"q": "winter"}))


def test_the_list_has_a_number_of_queries_that_does_not_depend_on_how_many_there_are(
    browser: Client, hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    add(hannah, visits, amara, kwame)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get("/campaigns/")
        return len(asked)

    queries()
    before = queries()
    for number in range(5):
        add(hannah, campaigns.create(hannah, name=f"Number {number}"), amara)
    assert queries() == before


def test_where_the_plan_has_no_campaigns_there_are_none(
    browser: Client, northlane: Organization, visits: Campaign
) -> None:
    assert "/campaigns/" in page(browser.get("/candidates/"))
    northlane.plan = Plan.objects.create(name="Small", features=[])
    northlane.save(update_fields=["plan"])
    assert browser.get("/campaigns/").status_code == 404
    assert browser.get(f"/campaigns/{visits.pk}/").status_code == 404
    assert "/campaigns/" not in page(browser.get("/candidates/"))


# ── Adding


def test_ticked_people_go_into_a_campaign(browser: Client, visits: Campaign, amara: Person, kwame: Person) -> None:
    dialog = page(browser.get("/campaigns/choose/", {"id": [amara.pk, kwame.pk]}, headers=HTMX))
    assert "Add 2 candidates to a campaign" in dialog
    assert "Spring ward visits" in dialog
    form = {"audience": ids(amara, kwame), "kind": "candidate", "campaign": visits.pk, "page": "list"}
    response = browser.post("/campaigns/choose/", form, headers=HTMX)
    assert "2 added to" in page(response)
    assert "dialog-done" in response.headers["HX-Trigger"]
    assert visits.members.count() == 2


def test_a_new_campaign_is_made_on_the_way(browser: Client, amara: Person) -> None:
    form = {"audience": json.dumps({"filter": {}}), "kind": "candidate", "campaign": "new", "name": "Alumni"}
    response = browser.post("/campaigns/choose/", form, follow=True)
    assert "Alumni" in page(response)
    assert CampaignMember.objects.get().campaign.name == "Alumni"


def test_neither_a_campaign_nor_a_name_is_told_at_the_field(browser: Client, amara: Person) -> None:
    form = {"audience": ids(amara), "kind": "candidate", "campaign": "new", "name": ""}
    response = browser.post("/campaigns/choose/", form, headers=HTMX)
    assert response.status_code == 422
    assert "Choose a campaign, or name a new one." in page(response)
    assert not Campaign.objects.exists()


def test_a_campaign_of_another_organization_is_no_choice(browser: Client, omar: Member, amara: Person) -> None:
    theirs = campaigns.create(omar, name="Theirs")
    form = {"audience": ids(amara), "kind": "candidate", "campaign": theirs.pk}
    response = browser.post("/campaigns/choose/", form, headers=HTMX)
    assert response.status_code == 422
    assert not theirs.members.exists()


def test_many_are_said_to_be_on_their_way(
    browser: Client, visits: Campaign, amara: Person, kwame: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "AT_ONCE", 1)
    form = {"audience": ids(amara, kwame), "kind": "candidate", "campaign": visits.pk, "page": "list"}
    response = page(browser.post("/campaigns/choose/", form, headers=HTMX))
    assert "Adding 2 people to" in response
    assert "Adding 2 people to" in page(browser.get(f"/campaigns/{visits.pk}/"))
    assert campaigns.take_in()
    intake = visits.intakes.get()
    assert "2 added to" in page(browser.get(f"/campaigns/intakes/{intake.pk}/"))
    assert "Adding" not in page(browser.get(f"/campaigns/{visits.pk}/"))


# ── One campaign


def test_the_tabs_part_candidates_and_contacts(
    browser: Client, hannah: Member, northlane: Organization, visits: Campaign, amara: Person
) -> None:
    client = people.add_contact(northlane, first_name="Olive", last_name="Tan", work_email="olive@client.example")
    add(hannah, visits, amara)
    add(hannah, visits, client)
    candidates = page(browser.get(f"/campaigns/{visits.pk}/"))
    contacts = page(browser.get(f"/campaigns/{visits.pk}/", {"kind": "contact"}))
    assert amara.full_name in candidates
    assert "Olive Tan" not in candidates
    assert "Olive Tan" in contacts
    assert amara.full_name not in contacts


def test_members_are_found_by_response_and_by_name(
    browser: Client, hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    add(hannah, visits, amara, kwame)
    CampaignMember.objects.filter(person=kwame).update(response="accepted", responded_at=timezone.now())
    accepted = page(browser.get(f"/campaigns/{visits.pk}/", {"response": "accepted"}))
    assert kwame.full_name in accepted
    assert amara.full_name not in accepted
    named = page(browser.get(f"/campaigns/{visits.pk}/", {"q": amara.first_name.lower()}))
    assert amara.full_name in named
    assert kwame.full_name not in named
    nobody = page(browser.get(f"/campaigns/{visits.pk}/", {"response": "declined"}))
    assert "Response: Declined." in nobody


def test_the_figures_are_those_of_the_tab(
    browser: Client, hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    add(hannah, visits, amara, kwame)
    CampaignMember.objects.filter(person=kwame).update(response="accepted")
    assert "1 accepted, 0 declined, 0 replied, 1 no reply." in page(browser.get(f"/campaigns/{visits.pk}/"))


def test_a_member_is_removed_and_taken_back(browser: Client, hannah: Member, visits: Campaign, amara: Person) -> None:
    add(hannah, visits, amara)
    response = browser.post(f"/campaigns/{visits.pk}/remove/", {"id": amara.pk}, headers=HTMX)
    toast = json.loads(response.headers["HX-Trigger"])["toasts"]["toasts"][0]
    assert toast["text"] == "1 person removed"
    assert amara.full_name not in page(browser.get(f"/campaigns/{visits.pk}/"))
    browser.post(toast["undo"]["url"], headers=HTMX)
    assert amara.full_name in page(browser.get(f"/campaigns/{visits.pk}/"))


def test_all_with_a_response_are_removed_together(
    browser: Client, hannah: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    add(hannah, visits, amara, kwame)
    CampaignMember.objects.filter(person=kwame).update(response="declined")
    browser.post(f"/campaigns/{visits.pk}/remove/", {"all": "1", "kind": "candidate", "response": "declined"})
    assert set(CampaignMember.objects.filter(removed_at=None).values_list("person", flat=True)) == {amara.pk}


def test_a_response_is_entered_by_hand(browser: Client, hannah: Member, visits: Campaign, amara: Person) -> None:
    add(hannah, visits, amara)
    browser.post(f"/campaigns/{visits.pk}/members/{amara.pk}/response/", {"response": "accepted"}, headers=HTMX)
    assert 'title="Entered by a member">Accepted</span>' in page(browser.get(f"/campaigns/{visits.pk}/"))


def test_the_page_asks_as_often_for_many_members_as_for_one(
    browser: Client, hannah: Member, visits: Campaign, northlane: Organization, icu: Opening, amara: Person
) -> None:
    add(hannah, visits, amara)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"/campaigns/{visits.pk}/")
        return len(asked)

    queries()
    before = queries()
    for number in range(25):
        people.add_candidate(northlane, first_name=f"Number {number}", opening=icu)
    campaigns.add(hannah, visits, {"filter": {}}, "candidate")
    assert queries() == before


def test_a_hiring_manager_sees_only_their_own_people_in_it(
    client_of: SignIn, hannah: Member, marcus: Member, visits: Campaign, amara: Person, kwame: Person
) -> None:
    add(hannah, visits, amara, kwame)
    shown = page(client_of(marcus).get(f"/campaigns/{visits.pk}/"))
    assert amara.full_name in shown
    assert kwame.full_name not in shown
