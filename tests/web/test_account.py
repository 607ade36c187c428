"""Signing in and out, a forgotten password, and the first visit."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from candidly.actions import organizations
from candidly.actions.errors import Refused
from candidly.models import Delivery, Member, Notice, Organization, Role, User
from tests.conftest import PASSWORD

type ClientOf = Callable[[Member], Client]

FIRST = {
    "organization": "Northlane Care",
    "name": "Sofia Lindqvist",
    "email": "sofia@northlane.example",
    "password": "a long new one",
}


@pytest.fixture(autouse=True)
def the_real_mailer(settings: Any) -> None:
    """Django's test set-up puts a list in its place."""
    settings.MAILERS = {"default": {"BACKEND": "candidly.web.account.outbox.OutboxBackend"}}


@pytest.fixture(autouse=True)
def forgotten_tries() -> None:
    """The rate limits remember."""
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> int:
    return client.post("/accounts/login/", {"login": email, "password": password} | more).status_code


def test_a_member_signs_in_and_lands_where_they_wanted_to_go(client: Client, hannah: Member) -> None:
    form = {"login": hannah.email.upper(), "password": PASSWORD, "next": "/candidates/"}
    assert client.post("/accounts/login/", form).headers["Location"] == "/candidates/"
    assert client.get("/candidates/").status_code == 200


def test_the_page_says_where_one_signs_in(client: Client, hannah: Member) -> None:
    assert "Sign in to Northlane Care" in client.get("/accounts/login/").content.decode()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, hannah: Member) -> None:
    for email in (hannah.email, "nobody@northlane.example"):
        response = client.post("/accounts/login/", {"login": email, "password": "wrong"})
        assert "E-mail or password is not right." in response.content.decode()
        assert "Try again, or reset your password." in response.content.decode()


def test_guessing_is_slowed_down(client: Client, hannah: Member) -> None:
    for _ in range(6):
        sign_in(client, hannah.email, "wrong")
    response = client.post("/accounts/login/", {"login": hannah.email, "password": PASSWORD})
    assert "Too many tries with this address. Wait five minutes" in response.content.decode()
    assert "Try again" not in response.content.decode()


def test_a_session_lasts_beyond_the_browser_only_when_asked_for(client: Client, hannah: Member) -> None:
    sign_in(client, hannah.email)
    assert client.session.get_expire_at_browser_close()
    client.logout()
    sign_in(client, hannah.email, remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_signing_out_takes_a_post(client_of: ClientOf, hannah: Member) -> None:
    client = client_of(hannah)
    client.get("/accounts/logout/")
    assert client.get("/candidates/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/candidates/").status_code == 302


def test_nobody_opens_an_account_by_themselves(client: Client, hannah: Member) -> None:
    details = {"email": "new@mail.example", "password1": "a long new one"}
    assert "Accounts are by invitation" in client.post("/accounts/signup/", details).content.decode()
    assert not User.objects.filter(email="new@mail.example").exists()


def test_a_forgotten_password_is_reset_by_mail_once(client: Client, hannah: Member) -> None:
    client.post("/accounts/password/reset/", {"email": hannah.email})
    notice = Notice.objects.get()
    assert (notice.to_address, notice.user, notice.organization) == (hannah.email, hannah.user, hannah.organization)
    assert Delivery.objects.get(notice=notice).address == hannah.email
    (link,) = re.findall(r"http://127\.0\.0\.1:\d+(/accounts/\S+)", notice.text)
    form = client.get(link, follow=True)
    new = {"password1": "a long new one", "password2": "a long new one"}
    client.post(form.request["PATH_INFO"], new)
    assert sign_in(client, hannah.email, "a long new one") == 302
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


def test_the_link_leads_to_the_configured_address_whatever_host_was_asked(client: Client, hannah: Member) -> None:
    client.post("/accounts/password/reset/", {"email": hannah.email}, headers={"host": "localhost"})
    assert "//localhost" not in Notice.objects.get().text


def test_asking_for_an_unknown_address_tells_nothing_and_sends_nothing(client: Client, hannah: Member) -> None:
    known = client.post("/accounts/password/reset/", {"email": hannah.email}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@mail.example"}, follow=True)
    assert known.content.count(b"Look in your mail") == unknown.content.count(b"Look in your mail") > 0
    assert Notice.objects.count() == 1


def test_a_member_changes_their_password(client_of: ClientOf, hannah: Member) -> None:
    client = client_of(hannah)
    new = {"oldpassword": PASSWORD, "password1": "a long new one", "password2": "a long new one"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert sign_in(Client(), hannah.email, "a long new one") == 302


def test_mail_that_django_sends_is_queued_once_a_recipient(db: None, hannah: Member) -> None:
    letter = EmailMultiAlternatives("Hello", "in words", to=[hannah.email], bcc=["x@mail.example"])
    letter.attach_alternative("<p>in HTML</p>", "text/html")
    assert mail.mailers["default"].send_messages([letter]) == 1
    queued = Notice.objects.order_by("pk")
    assert [notice.to_address for notice in queued] == [hannah.email, "x@mail.example"]
    assert {(notice.subject, notice.text, notice.html) for notice in queued} == {
        ("Hello", "in words", "<p>in HTML</p>")
    }


# ── First visit


def test_the_first_visit_sets_up_the_organization_and_signs_in(client: Client, db: None) -> None:
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/setup/"
    assert client.post("/setup/", FIRST).headers["Location"] == "/"
    member = Member.objects.get()
    assert (member.role, member.organization.slug) == (Role.SUPER_ADMIN, "northlane-care")
    assert client.get("/candidates/").status_code == 200


def test_there_is_no_second_first_visit(client: Client, hannah: Member) -> None:
    assert client.post("/setup/", FIRST).headers["Location"] == "/"
    assert Organization.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("password", "password12", "too common"),
        ("password", "short", "too short"),
        ("email", "sofia@", "valid"),
        ("organization", "", "required"),
    ],
)
def test_what_is_wrong_in_the_set_up_is_said_at_its_field(
    client: Client, db: None, field: str, value: str, sentence: str
) -> None:
    response = client.post("/setup/", FIRST | {field: value})
    assert response.status_code == 422
    (error,) = re.findall(rf'id="id_{field}_error">.*?<span>(.*?)</span>', response.content.decode(), re.S)
    assert sentence in error
    assert not User.objects.exists()


def test_two_organizations_of_one_name_have_addresses_of_their_own(db: None) -> None:
    founded = [organizations.found("Núñez & Co", "A", f"a{at}@mail.example", "a long new one") for at in range(3)]
    assert [member.organization.slug for member in founded] == ["nunez-co", "nunez-co-2", "nunez-co-3"]
    assert organizations.found("李", "B", "b@mail.example", "a long new one").organization.slug == "team"


def test_an_address_is_one_account(hannah: Member) -> None:
    with pytest.raises(Refused) as refusal:
        organizations.found("Other", "H", hannah.email.upper(), "a long new one")
    assert refusal.value.field == "email"
    assert not Organization.objects.filter(name="Other").exists()
