"""The bulk composer's choice of channels, and what the pages of such a mailing say."""

import json
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from candidly.actions import consent, fan_out, mailings, people
from candidly.config import config
from candidly.models import Campaign, KeptDraft, Mailing, Member, Organization, Person

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def phoneless(northlane: Organization) -> Person:
    return people.add_candidate(northlane, first_name="Noor", private_email="noor@mail.example")


def form(*channels: str, **more: Any) -> dict[str, Any]:
    words = {"subject": "Ward visit", "body": "Dear {{first_name}}, come and see us.", "send_key": "k1"}
    return {**words, "audience": json.dumps({"filter": {}}), "channels": list(channels), **more}


def page(response: Any) -> str:
    return unescape(response.content.decode())


def chips(shown: str) -> dict[str, bool]:
    """Which are offered, and whether they are chosen."""
    found = [part for part in shown.split("<input") if 'name="channels"' in part]
    return {part.split('value="')[1].split('"')[0]: " checked" in part.split(">")[0] for part in found}


def test_the_drawer_offers_three_and_begins_with_two(browser: Client, amara: Person) -> None:
    shown = page(browser.get("/mailings/compose/", {"all": "1"}, headers=HTMX))
    assert chips(shown) == {"email": True, "sms": False, "app": True}
    assert "Text messages wait for the day where they are, 08:00 to 21:00." in shown


def test_a_campaign_has_no_choice(browser: Client, northlane: Organization) -> None:
    spring = Campaign.objects.create(organization=northlane, name="Spring")
    assert chips(page(browser.get("/mailings/compose/", {"campaign": spring.pk}, headers=HTMX))) == {}


def test_where_no_texts_are_sent_the_choice_says_so(
    browser: Client, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(config()), "texts", property(lambda _: False))
    shown = page(browser.get("/mailings/compose/", {"all": "1"}, headers=HTMX))
    assert "Text messages are not set up on this server." in shown
    assert 'aria-describedby="obstacle-compose-sms"' in shown


def test_the_preview_shows_the_text_message_and_whom_each_channel_misses(
    browser: Client, amara: Person, phoneless: Person
) -> None:
    shown = page(browser.post("/mailings/preview/", form("email", "sms", "app"), headers=HTMX))
    assert f"{amara.email}, {amara.phone}" in shown
    text = shown.split("data-text-message>")[1].split("<")[0]
    assert text.startswith("Dear Amara, come and see us.\nhttp")
    assert "1 has no phone number and gets no SMS." in shown
    assert "<b>2</b> of 2 will get it." in shown

    by_text = page(browser.post("/mailings/preview/", form("sms"), headers=HTMX))
    assert "1 has no phone number and will be left out." in by_text
    assert "<b>1</b> of 2 will get it." in by_text
    by_mail = page(browser.post("/mailings/preview/", form("email", "app"), headers=HTMX))
    assert "phone number" not in by_mail
    assert "data-text-message" not in by_mail


@pytest.mark.parametrize(
    ("channels", "sentence"), [((), "Choose how to send it: by e-mail or SMS."), (("app",), "Choose e-mail or SMS too")]
)
def test_in_the_app_alone_it_cannot_be_sent_and_the_preview_says_why(
    browser: Client, amara: Person, channels: tuple[str, ...], sentence: str
) -> None:
    shown = page(browser.post("/mailings/preview/", form(*channels), headers=HTMX))
    assert sentence in shown
    assert 'data-reached="0"' in shown
    refused = browser.post("/mailings/", form(*channels), headers=HTMX)
    assert refused.status_code == 422
    assert sentence in page(refused)
    assert not Mailing.objects.exists()


def test_a_text_is_sent_without_a_subject(browser: Client, amara: Person) -> None:
    assert "Sending to 1 candidate." in page(browser.post("/mailings/", form("sms", subject=""), headers=HTMX))
    assert Mailing.objects.get().channels == ["sms"]


def test_the_draft_keeps_the_choice(browser: Client, amara: Person) -> None:
    browser.post("/drafts/", {"body": "Come.", "channels": ["sms"], "is_html": "False"})
    assert KeptDraft.objects.get().fields["channels"] == ["sms"]
    shown = page(browser.get("/mailings/compose/", {"all": "1"}, headers=HTMX))
    assert chips(shown) == {"email": False, "sms": True, "app": False}


def test_its_page_tells_of_each_channel(browser: Client, hannah: Member, amara: Person, phoneless: Person) -> None:
    browser.post("/mailings/", form("email", "sms"), headers=HTMX)
    mailing = Mailing.objects.get()
    fan_out.fan_out(mailing)
    mailing.deliveries.filter(channel="email").update(state="sent")
    shown = page(browser.get(f"/mailings/{mailing.pk}/"))
    assert "to 2 candidates by e-mail and SMS" in shown
    by_channel = " ".join(shown.split('class="ways"')[1].split("</ul>")[0].split())
    assert "<b>E-mail</b><span>2 sent</span>" in by_channel
    assert "<b>SMS</b><span>0 sent, 1 skipped, 1 waiting</span>" in by_channel
    assert f"{amara.email}, {amara.phone}" in shown
    rows = browser.get(f"/mailings/{mailing.pk}/report/").getvalue().decode("utf-8-sig").splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [
        ["Amara Okafor", "E-mail", amara.email],
        ["Amara Okafor", "SMS", f"'{amara.phone}"],
        ["Noor", "E-mail", phoneless.email],
    ]


def test_a_scheduled_one_is_changed_without_a_choice_of_channels(browser: Client, amara: Person) -> None:
    browser.post("/mailings/", form("sms", is_later="on", date="2090-03-03", time="09:00"), headers=HTMX)
    mailing = Mailing.objects.get()
    shown = page(browser.get(f"/mailings/{mailing.pk}/edit/"))
    assert "By SMS, to the 1 who were selected" in shown
    preview = page(browser.post(f"/mailings/{mailing.pk}/edit/preview/", form("sms"), headers=HTMX))
    assert amara.phone in preview
    assert amara.email not in preview.split("example-foot")[0]
    changed = form("email", subject="", is_later="on", date="2090-03-04", time="09:00")
    browser.post(f"/mailings/{mailing.pk}/edit/", changed)
    mailing.refresh_from_db()
    assert mailing.channels == ["sms"]


def test_a_retry_that_the_suppression_list_forbids_says_so(browser: Client, hannah: Member, amara: Person) -> None:
    mailing = mailings.send(hannah, mailings.Order(subject="Hi", body="Hi", audience={"ids": [amara.pk]}))
    fan_out.fan_out(mailing)
    mailing.deliveries.update(state="bounced")
    consent.opt_out(hannah.organization, "email", amara.email, source="unsubscribe", said="")
    browser.post(f"/mailings/{mailing.pk}/retry/")
    assert "What has failed is on the suppression list by now." in page(browser.get(f"/mailings/{mailing.pk}/"))
