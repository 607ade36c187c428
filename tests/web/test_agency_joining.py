"""Accepting an invitation, and signing in and out as an agency user."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from candidly.actions import agencies
from candidly.models import Agency, AgencyInvitation, AgencyUser, Member, Notice, User, clock
from tests.conftest import PASSWORD

type ClientOf = Callable[[Member | AgencyUser], Client]

NEW_PASSWORD = "eleven quiet lanterns"


@pytest.fixture(autouse=True)
def forgotten_tries() -> None:
    """The rate limits remember."""
    cache.clear()


@pytest.fixture
def link(hannah: Member, meridian: Agency) -> str:
    """The address in the mail with which Hannah invites Nora."""
    agencies.invite(hannah, meridian, email="nora@meridian.example", name="Nora Quinn")
    found = re.search(r"/agency/join/\w+/", Notice.objects.latest("pk").text)
    assert found
    return found[0]


def accept(client: Client, link: str, password: str = NEW_PASSWORD) -> tuple[int, str]:
    answer = client.post(link, {"name": "Nora Quinn", "password": password})
    return answer.status_code, answer.content.decode()


def sign_in(email: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def where(client: Client, address: str) -> str:
    """At which page the browser ends up."""
    answer = client.get(address, follow=True)
    return str(answer.request["PATH_INFO"])


def test_who_is_invited_chooses_a_password_and_is_in(client: Client, link: str, meridian: Agency) -> None:
    page = client.get(link).content.decode()
    for said in ("Northlane Care", "Meridian Locums", "nora@meridian.example", 'value="Nora Quinn"'):
        assert said in page
    assert accept(client, link)[0] == 302
    assert "Welcome" in client.get("/agency/").content.decode()
    assert AgencyUser.objects.get(agency=meridian).name == "Nora Quinn"
    assert where(sign_in("nora@meridian.example", NEW_PASSWORD), "/") == "/agency/"


def test_looking_at_the_link_uses_nothing_up(client: Client, link: str) -> None:
    client.get(link)
    client.head(link)
    assert AgencyInvitation.objects.get().used_at is None
    assert client.get(link).headers["Cache-Control"].startswith("max-age=0")


def test_the_link_works_once(client: Client, link: str) -> None:
    accept(client, link)
    answer = Client().get(link)
    assert answer.status_code == 404
    assert "opens nothing any more" in answer.content.decode()
    assert accept(Client(), link)[0] == 404
    assert AgencyUser.objects.count() == 1


def test_a_link_that_ran_out_was_withdrawn_or_never_was_gets_the_same_page(
    client: Client, link: str, hannah: Member
) -> None:
    AgencyInvitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    ran_out = client.get(link)
    AgencyInvitation.objects.update(expires_at=clock.now() + timedelta(days=1))
    agencies.withdraw(hannah, AgencyInvitation.objects.get())
    for page in (ran_out, client.get(link), client.get("/agency/join/nothing/")):
        assert page.status_code == 404
        assert "opens nothing any more" in page.content.decode()
        assert "Northlane" not in page.content.decode()


def test_an_easy_password_is_refused_at_its_field_and_the_link_still_works(client: Client, link: str) -> None:
    status, page = accept(client, link, "12345678")
    assert status == 422
    assert 'id="id_password_error"' in page
    assert "Nora Quinn" in page
    assert accept(client, link)[0] == 302


def test_who_is_signed_in_already_is_asked_to_sign_out_first(
    client_of: ClientOf, link: str, priya: Member, declan: AgencyUser
) -> None:
    for who in (priya, declan):
        client = client_of(who)
        assert f"You are signed in as {who.email}" in client.get(link).content.decode()
        assert accept(client, link)[0] == 422
        assert not User.objects.filter(email="nora@meridian.example").exists()
        assert client.post("/accounts/logout/", {"next": link}).headers["Location"] == link
    assert accept(client, link)[0] == 302


def test_an_agency_user_signs_in_where_members_do_and_lands_on_their_own_pages(declan: AgencyUser) -> None:
    client = sign_in(declan.email)
    assert where(client, "/") == "/agency/"
    client.post("/accounts/logout/")
    assert where(client, "/agency/") == "/accounts/login/"


def test_a_link_to_a_members_page_leads_an_agency_user_to_their_own(client_of: ClientOf, declan: AgencyUser) -> None:
    client = client_of(declan)
    for address in ("/inbox/", "/candidates/", "/settings/", "/search/?q=esra"):
        assert where(client, address) == "/agency/"
    assert client.get("/inbox/rows/", headers={"HX-Request": "true"}).status_code == 403


def test_for_a_member_there_are_no_agency_pages(client_of: ClientOf, hannah: Member) -> None:
    client = client_of(hannah)
    for address in ("/agency/", "/agency/submit/", "/agency/preferences/", "/agency/live-token/"):
        assert client.get(address).status_code == 404


def test_the_password_is_changed_on_a_page_of_their_own_frame(client_of: ClientOf, declan: AgencyUser) -> None:
    client = client_of(declan)
    page = client.get("/accounts/password/change/").content.decode()
    assert "Agency portal" in page
    assert 'href="/agency/preferences/"' in page
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert where(sign_in(declan.email, NEW_PASSWORD), "/") == "/agency/"


def test_a_forgotten_password_is_set_anew(declan: AgencyUser, settings: object) -> None:
    settings.MAILERS = {"default": {"BACKEND": "candidly.web.account.outbox.OutboxBackend"}}  # type: ignore[attr-defined]
    client = Client()
    client.post("/accounts/password/reset/", {"email": declan.email})
    found = re.search(r"/accounts/password/reset/key/\S+", Notice.objects.get(to_address=declan.email).text)
    assert found
    form_at = client.get(found[0]).headers["Location"]
    client.post(form_at, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert where(sign_in(declan.email, NEW_PASSWORD), "/") == "/agency/"


def test_whose_access_ended_is_out_at_once_and_is_told(
    client_of: ClientOf, hannah: Member, meridian: Agency, declan: AgencyUser, bridget: AgencyUser
) -> None:
    declans, bridgets = client_of(declan), client_of(bridget)
    agencies.deactivate(hannah, declan)
    assert where(declans, "/agency/") == "/accounts/login/"
    agencies.close(hannah, meridian)
    answer = bridgets.get("/agency/", follow=True)
    assert answer.status_code == 403
    assert "Your agency’s access has ended" in answer.content.decode()
    agencies.reopen(hannah, meridian)
    assert where(bridgets, "/") == "/agency/"
