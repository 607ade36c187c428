"""Writing to a campaign: the drawer, examples, and the links by which people answer."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from candidly.actions import campaigns, examples, fan_out, people, templates
from candidly.models import (
    Campaign,
    CampaignMember,
    Conversation,
    Delivery,
    Mailing,
    Member,
    Message,
    Notice,
    Organization,
    Person,
    Place,
)
from candidly.rules.progress import progress_of

HTMX = {"HX-Request": "true"}
LINKS = "Dear {{first_name}},\n\nyes: {{accept_link}}\nno: {{decline_link}}"
type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def visits(hannah: Member, amara: Person, kwame: Person) -> Campaign:
    """With Amara and Kwame in it."""
    campaign = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, campaign, {"ids": [amara.pk, kwame.pk]}, "candidate")
    return campaign


def page(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def to_members(campaign: Campaign, **fields: Any) -> dict[str, Any]:
    audience = {"campaign": campaign.pk, **fields.pop("audience", {})}
    form = {"audience": json.dumps(audience), "kind": "candidate", "subject": "Come and see", "body": LINKS}
    return {**form, "address_rule": "private", "falls_back": "True", "send_key": "a-key", **fields}


def generate(browser: Client, campaign: Campaign, **fields: Any) -> Mailing:
    response = browser.post("/mailings/", to_members(campaign, **fields), headers=HTMX)
    assert response.status_code == 200, page(response)
    mailing = Mailing.objects.latest("pk")
    while fan_out.fan_out(mailing):
        pass
    return mailing


def link_in(person: Person, answer: str) -> str:
    """The path of the link in the mail to this person."""
    text = Message.objects.filter(conversation__person=person).latest("pk").text
    found = re.search(rf"https?://[^/\s]+(/r/[^/\s]+/{answer}/)", text)
    assert found, text
    return found[1]


def responses() -> dict[str, str]:
    return dict(CampaignMember.objects.values_list("person__first_name", "response"))


# ── The drawer


def test_the_drawer_offers_what_is_ticked_for_a_campaigns_candidates(
    browser: Client, hannah: Member, visits: Campaign
) -> None:
    templates.save(
        hannah, None, templates.Content(name="For campaigns", body="Dear you", places=[Place.CAMPAIGN_CANDIDATES])
    )
    templates.save(hannah, None, templates.Content(name="For candidates", body="Dear you", places=[Place.CANDIDATES]))
    drawer = page(browser.get("/mailings/compose/", {"campaign": visits.pk}, headers=HTMX))
    assert "To 2 candidates" in drawer
    assert "For campaigns" in drawer
    assert "For candidates" not in drawer
    assert "accept_link" in drawer
    assert '<span id="compose-verb" data-now="Generate">Generate</span>' in drawer


def test_a_template_brings_its_address_rule(browser: Client, hannah: Member, visits: Campaign) -> None:
    template = templates.save(
        hannah,
        None,
        templates.Content(
            name="To work", body="Dear you", places=[Place.CAMPAIGN_CANDIDATES], address_rule="work", falls_back=False
        ),
    )
    audience = json.dumps({"campaign": visits.pk})
    form = {"template": template.pk, "kind": "candidate", "audience": audience}
    text = page(browser.post("/mailings/compose/text/", form, headers=HTMX))
    assert 'name="address_rule" value="work" checked' in text
    assert 'name="falls_back" value="True">' in text


def test_the_preview_says_which_address_is_used_and_why_somebody_is_left_out(
    browser: Client, hannah: Member, northlane: Organization, visits: Campaign, amara: Person
) -> None:
    Person.objects.filter(pk=amara.pk).update(work_email="amara@ward.example")
    shown = page(
        browser.post("/mailings/preview/", to_members(visits, address_rule="work", falls_back=""), headers=HTMX)
    )
    assert "amara@ward.example (work)" in shown
    assert "<b>1</b> of 2 will get it" in shown
    assert "1 has no e-mail address" in shown


def test_generate_writes_to_the_members_and_to_nobody_else(
    browser: Client, northlane: Organization, visits: Campaign, amara: Person, kwame: Person
) -> None:
    people.add_candidate(northlane, first_name="Noor", private_email="noor@mail.example")
    mailing = generate(browser, visits)
    assert mailing.campaign == visits
    assert set(mailing.recipients.values_list("person", flat=True)) == {amara.pk, kwame.pk}
    shown = page(browser.get(f"/campaigns/{visits.pk}/"))
    assert "Come and see" in shown
    assert "2 candidates" in shown


def test_write_again_reaches_those_with_the_response_at_that_moment(
    browser: Client, visits: Campaign, amara: Person, kwame: Person
) -> None:
    CampaignMember.objects.filter(person=kwame).update(response="accepted")
    query = f"campaign={visits.pk}&all=1&response=none"
    drawer = browser.get(f"/mailings/compose/?{query}", headers=HTMX)
    assert "To 1 candidate<" in page(drawer)
    mailing = generate(browser, visits, audience={"responses": ["none"]})
    CampaignMember.objects.filter(person=kwame).update(response="none")
    assert mailing.recipients.get().person == amara


def test_a_campaign_of_another_organization_is_nobody(
    browser: Client, client_of: SignIn, omar: Member, visits: Campaign
) -> None:
    response = client_of(omar).post("/mailings/", to_members(visits), headers=HTMX)
    assert response.status_code == 422
    assert "The selection was lost." in page(response)
    assert not Mailing.objects.exists()


def test_the_links_work_in_a_campaign_alone(browser: Client, amara: Person) -> None:
    form = {"audience": json.dumps({"ids": [amara.pk]}), "subject": "Hello", "body": LINKS, "send_key": "a"}
    response = browser.post("/mailings/", form, headers=HTMX)
    assert response.status_code == 422
    assert "{{accept_link}} works only in the e-mails of a campaign." in page(response)


# ── The links


def test_looking_at_the_page_of_a_link_sets_nothing(browser: Client, visits: Campaign, amara: Person) -> None:
    generate(browser, visits)
    visitor = Client()
    for answer in ("accept", "decline"):
        address = link_in(amara, answer)
        assert f"Do you want to {answer}?" in page(visitor.get(address))
        assert visitor.head(address).status_code == 200
    assert set(responses().values()) == {"none"}


def test_pressing_the_button_answers_and_can_be_changed(
    browser: Client, visits: Campaign, amara: Person, kwame: Person
) -> None:
    generate(browser, visits)
    visitor = Client(enforce_csrf_checks=True)
    thanks = page(visitor.post(link_in(amara, "accept")))
    assert "Thank you, you have accepted" in thanks
    assert responses() == {amara.first_name: "accepted", kwame.first_name: "none"}
    assert CampaignMember.objects.get(person=amara).response_source == "link"
    visitor.post(link_in(amara, "decline"))
    assert responses()[amara.first_name] == "declined"
    assert "You have declined so far." in page(visitor.get(link_in(amara, "accept")))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "1" + t, lambda t: "nothing", lambda t: t.upper()[::-1]]
)
def test_a_token_that_we_did_not_make_opens_nothing(
    browser: Client, visits: Campaign, amara: Person, change: Callable[[str], str]
) -> None:
    generate(browser, visits)
    token = link_in(amara, "accept").split("/")[2]
    response = Client().post(f"/r/{change(token)}/accept/")
    assert response.status_code == 404
    assert set(responses().values()) == {"none"}


def test_no_other_site_and_no_search_engine_learns_the_link(browser: Client, visits: Campaign, amara: Person) -> None:
    generate(browser, visits)
    headers = Client().get(link_in(amara, "accept")).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in headers["Cache-Control"]


# ── Examples


def test_an_example_has_the_values_of_the_member_shown_and_counts_nowhere(
    browser: Client, visits: Campaign, amara: Person, kwame: Person
) -> None:
    form = to_members(visits, person=kwame.pk, example_to="me@elsewhere.example")
    response = browser.post("/mailings/example/", form, headers=HTMX)
    assert "Example sent to me@elsewhere.example" in response.headers["HX-Trigger"]
    notice = Notice.objects.get(kind=Notice.Kind.EXAMPLE)
    assert notice.to_address == "me@elsewhere.example"
    assert notice.subject == "[Example] Come and see"
    assert notice.text.startswith(f"This is an example of what {kwame.full_name} would get.")
    assert f"Dear {kwame.first_name}," in notice.text
    assert "/r/example/accept/" in notice.text
    assert not Conversation.objects.exists()
    assert not Mailing.objects.exists()
    mailing = generate(browser, visits)
    assert progress_of(mailing).total == 2
    assert Delivery.objects.filter(mailing=mailing).count() == 2
    assert "Example sent" in page(browser.get(f"/campaigns/{visits.pk}/"))


def test_the_links_of_an_example_answer_nothing(visits: Campaign) -> None:
    for ask in (Client().get, Client().post):
        assert "This is only an example" in page(ask("/r/example/accept/"))
    assert set(responses().values()) == {"none"}


def test_an_address_that_is_none_is_told(browser: Client, visits: Campaign) -> None:
    response = browser.post("/mailings/example/", to_members(visits, example_to="nowhere"), headers=HTMX)
    assert '"tone": "danger"' in response.headers["HX-Trigger"]
    assert not Notice.objects.exists()


def test_examples_are_limited(browser: Client, visits: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST", 2)
    for _ in range(3):
        response = browser.post(
            "/mailings/example/", to_members(visits, example_to="me@elsewhere.example"), headers=HTMX
        )
    assert "That was 2 examples within an hour" in response.headers["HX-Trigger"]
    assert Notice.objects.filter(kind=Notice.Kind.EXAMPLE).count() == 2
