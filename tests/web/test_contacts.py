"""Contacts at client companies: their list, their profiles, and writing to them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from candidly.actions import conversations, indexing, people, templates
from candidly.models import Mailing, MailingRecipient, Member, Organization, Person
from candidly.rules.addressing import used_address

type ClientOf = Callable[[Member], Client]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def declan(northlane: Organization) -> Person:
    return people.add_contact(
        northlane,
        first_name="Declan",
        last_name="Farrell",
        work_email="d.farrell@meridian.example",
        private_email="declan@mail.example",
        company="Meridian Locums",
        job_title="Account manager",
        location="Leeds",
        tags=["Locums"],
    )


@pytest.fixture
def anneka(northlane: Organization) -> Person:
    return people.add_contact(
        northlane, first_name="Anneka", last_name="Vos", work_email="vos@brightwell.example", company="Brightwell"
    )


def shown(client: Client, address: str, **headers: Any) -> str:
    response = client.get(address, **headers)
    assert response.status_code == 200
    return response.content.decode()


def names_in(page: str) -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi></a>", page)


def test_candidates_and_contacts_have_a_list_each(
    client_of: ClientOf, hannah: Member, amara: Person, declan: Person
) -> None:
    client = client_of(hannah)
    assert names_in(shown(client, "/candidates/")) == ["Amara Okafor"]
    page = shown(client, "/contacts/")
    assert names_in(page) == ["Declan Farrell"]
    assert "Meridian Locums" in page
    assert "Account manager" in page


def test_contacts_are_hidden_from_other_organizations_and_hiring_managers(
    client_of: ClientOf, omar: Member, marcus: Member, ruth: Member, declan: Person
) -> None:
    assert names_in(shown(client_of(omar), "/contacts/")) == []
    assert names_in(shown(client_of(marcus), "/contacts/")) == []
    page = shown(client_of(ruth), "/contacts/")
    assert names_in(page) == ["Declan Farrell"]
    assert "Tick contacts" not in page
    assert "/contacts/new/" not in page


@pytest.mark.parametrize(
    "query", ["company=Meridian+Locums", "job_title=Account+manager", "location=Leeds", "q=meridian", "q=locums"]
)
def test_the_list_is_narrowed_by_what_contacts_have(
    query: str, client_of: ClientOf, hannah: Member, declan: Person, anneka: Person
) -> None:
    assert names_in(shown(client_of(hannah), f"/contacts/?{query}")) == ["Declan Farrell"]


def test_company_and_job_title_are_facets_of_contacts_and_openings_are_not(
    client_of: ClientOf, hannah: Member, amara: Person, declan: Person
) -> None:
    page = shown(client_of(hannah), "/contacts/")
    assert 'id="facet-company"' in page
    assert 'id="facet-job_title"' in page
    assert 'id="facet-opening"' not in page
    assert 'id="facet-company"' not in shown(client_of(hannah), "/candidates/")


def test_the_list_is_sorted_by_company_and_paged_by_key(
    client_of: ClientOf, hannah: Member, northlane: Organization
) -> None:
    Person.objects.bulk_create(
        Person(organization=northlane, kind="contact", first_name=f"{at:02}", company=f"Company {at % 3}")
        for at in range(45)
    )
    client, seen, address = client_of(hannah), [], "?sort=company"
    while address:
        page = shown(client, f"/contacts/{address}")
        seen += names_in(page)
        address = "".join(re.findall(r'href="([^"]+)" rel="next"', page)).replace("&amp;", "&")
    assert sorted(seen) == [f"{at:02}" for at in range(45)]
    assert [int(name) % 3 for name in seen] == sorted(int(name) % 3 for name in seen)


def test_a_page_of_contacts_costs_a_fixed_number_of_queries(
    client_of: ClientOf,
    hannah: Member,
    declan: Person,
    northlane: Organization,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(hannah)
    shown(client, "/contacts/?company=Meridian+Locums")
    with django_assert_max_num_queries(20) as few:
        shown(client, "/contacts/?company=Meridian+Locums")
    Person.objects.bulk_create(
        Person(organization=northlane, kind="contact", first_name=str(at), company="Meridian Locums")
        for at in range(30)
    )
    with django_assert_num_queries(len(few)):
        shown(client, "/contacts/?company=Meridian+Locums")


def test_a_contact_is_added_with_company_and_tags(client_of: ClientOf, hannah: Member) -> None:
    form = {
        "first_name": "Declan",
        "work_email": "d.farrell@meridian.example",
        "company": "Meridian Locums",
        "job_title": "Account manager",
        "phone": "+44 7700 900123",
        "tags": "Locums, Leeds",
    }
    response = client_of(hannah).post("/contacts/new/", form)
    person = Person.objects.get()
    assert response.headers["Location"] == f"/contacts/{person.pk}/"
    assert (person.kind, person.company, person.phone) == ("contact", "Meridian Locums", "+447700900123")
    assert sorted(str(tag) for tag in person.tags.all()) == ["Leeds", "Locums"]


def test_the_profile_shows_the_company_and_no_applications(client_of: ClientOf, hannah: Member, declan: Person) -> None:
    page = shown(client_of(hannah), f"/contacts/{declan.pk}/")
    assert "Account manager, Meridian Locums" in page
    assert 'href="/contacts/?company=Meridian%20Locums"' in page
    assert "applications" not in page


def test_a_contact_is_not_a_candidate_by_their_address(
    client_of: ClientOf, hannah: Member, declan: Person, amara: Person
) -> None:
    client = client_of(hannah)
    assert client.get(f"/candidates/{declan.pk}/").status_code == 404
    assert client.get(f"/contacts/{amara.pk}/").status_code == 404


def test_company_and_job_title_are_changed_and_found_by(client_of: ClientOf, hannah: Member, declan: Person) -> None:
    form = {"first_name": "Declan", "last_name": "Farrell", "company": "Harrow Staffing", "job_title": "Director"}
    response = client_of(hannah).post(f"/contacts/{declan.pk}/edit/", form, headers=HTMX)
    assert response.headers["HX-Redirect"] == f"/contacts/{declan.pk}/"
    assert names_in(shown(client_of(hannah), "/contacts/?q=harrow+director")) == ["Declan Farrell"]


def test_a_conversation_with_a_contact_is_written_and_read_as_any_other(
    client_of: ClientOf, hannah: Member, declan: Person
) -> None:
    client = client_of(hannah)
    words = {"subject": "Two nurses", "text": "Could you send two?", "channels": ["email"]}
    response = client.post(f"/candidates/{declan.pk}/conversations/", words)
    assert response.headers["Location"].startswith(f"/contacts/{declan.pk}/emails/?thread=")
    page = shown(client, response.headers["Location"])
    assert "Could you send two?" in page
    (conversation,) = declan.conversations.all()
    assert f'href="/contacts/{declan.pk}/"' in shown(client, f"/conversations/{conversation.pk}/")
    assert conversation.messages.get().deliveries.get().address == "d.farrell@meridian.example"


def test_contacts_are_found_by_search(client_of: ClientOf, hannah: Member, marcus: Member, declan: Person) -> None:
    assert f'href="/contacts/{declan.pk}/"' in shown(client_of(hannah), "/search/?q=farrell")
    assert f"/contacts/{declan.pk}/" not in shown(client_of(marcus), "/search/?q=farrell")


def test_search_names_what_was_said_with_a_contact(client_of: ClientOf, hannah: Member, declan: Person) -> None:
    conversations.start(hannah, declan, subject="Two nurses", text="By Thursday")
    indexing.index_new(10)
    assert "Declan Farrell" in shown(client_of(hannah), f"/search/?q=thursday&person={declan.pk}")


def test_the_drawer_offers_the_templates_for_contacts(
    client_of: ClientOf, hannah: Member, declan: Person, amara: Person
) -> None:
    for name, place in (("To agencies", "for_contacts"), ("To nurses", "for_candidates")):
        template = templates.save(hannah, None, templates.Content(name=name, subject="Hello", body="Hello"))
        type(template).objects.filter(pk=template.pk).update(
            **{one: one == place for one in ("for_contacts", "for_candidates")}
        )
    client = client_of(hannah)
    for person, offered, other in ((declan, "To agencies", "To nurses"), (amara, "To nurses", "To agencies")):
        menu = shown(client, f"/inserts/?person={person.pk}")
        assert offered in menu
        assert other not in menu
    drawer = shown(client, f"/mailings/compose/?kind=contact&id={declan.pk}&id={amara.pk}", headers=HTMX)
    assert "To agencies" in drawer
    assert "To nurses" not in drawer
    assert "To 1 contact<" in drawer


def test_all_contacts_in_the_filter_are_written_to_at_work(
    client_of: ClientOf, hannah: Member, declan: Person, anneka: Person, amara: Person
) -> None:
    form = {"audience": json.dumps({"filter": {}}), "kind": "contact", "subject": "Rates", "body": "New rates"}
    form["channels"] = "email"
    response = client_of(hannah).post("/mailings/", form, headers=HTMX)
    assert "Sending to 2 contacts." in response.content.decode()
    mailing = Mailing.objects.get()
    written_to = MailingRecipient.objects.filter(mailing=mailing)
    assert {one.person for one in written_to} == {declan, anneka}
    used = Person.objects.annotate(used=used_address("", mailing.kind, falls_back=True)).get(pk=declan.pk)
    assert used.used == "d.farrell@meridian.example"


def test_the_list_hands_its_kind_to_the_drawer(client_of: ClientOf, hannah: Member, declan: Person) -> None:
    assert '<input type="hidden" name="kind" value="contact">' in shown(client_of(hannah), "/contacts/")


def test_contacts_stand_in_the_sidebar_of_those_who_may_see_any(
    client_of: ClientOf, hannah: Member, marcus: Member
) -> None:
    link = 'class="nav-link" href="/contacts/"'
    assert link in shown(client_of(hannah), "/inbox/")
    assert link not in shown(client_of(marcus), "/inbox/")
