"""Bulk mail at its time and at its pace, within the plan; and what became of it as a file."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from candidly.actions import fan_out, mailings, people
from candidly.models import AuditEvent, Delivery, Mailing, Member, Notice, Organization, Person
from candidly.rules import pacing
from tests.support import own_fields

pytestmark = pytest.mark.django_db

type SignIn = Callable[[Member], Client]

HTMX = {"HX-Request": "true"}
LATER = {"is_later": "on", "date": "2090-03-03", "time": "09:00"}


def form(**more: Any) -> dict[str, Any]:
    words = {"subject": "Ward visit", "body": "Come and see us.", "channels": ["email"], "send_key": "k1"}
    return {**words, "audience": json.dumps({"filter": {}}), **more}


def page(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    shown: str = response.content.decode()
    return shown


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def waiting(browser: Client, amara: Person, kwame: Person) -> Mailing:
    """To Amara and Kwame, on 3 March 2090 at 09:00 in London."""
    page(browser.post("/mailings/", form(**LATER), headers=HTMX))
    return Mailing.objects.get()


# ── A time


def test_it_waits_for_the_chosen_time_and_the_page_says_so(browser: Client, waiting: Mailing) -> None:
    assert waiting.state == "scheduled"
    assert waiting.starts_at is not None
    assert waiting.starts_at.isoformat() == "2090-03-03T09:00:00+00:00"
    assert not mailings.start_due()
    assert not Delivery.objects.exists()
    shown = page(browser.get(f"/mailings/{waiting.pk}/"))
    assert "Goes <b>" in shown
    assert "Europe/London" in shown
    assert "Scheduled" in page(browser.get("/mailings/"))


def test_the_confirmation_says_when(browser: Client, amara: Person, kwame: Person) -> None:
    said = page(browser.post("/mailings/", form(**LATER, is_local_time="on"), headers=HTMX))
    assert "Scheduled for 2 candidates, 3 March 2090, 09:00 where each of them is." in said


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({"is_later": "on"}, "Choose both a day and an hour, or send it now."),
        ({"is_later": "on", "date": "2090-03-03"}, "Choose both a day and an hour, or send it now."),
        ({"is_later": "on", "date": "2001-03-03", "time": "09:00"}, "That time is past."),
        ({"is_later": "on", "date": "yesterday", "time": "09:00"}, "Choose the day from the calendar."),
        ({"is_later": "on", "date": "2090-03-26", "time": "01:30"}, "There is no 01:30 on Sunday 26 March in London"),
    ],
)
def test_what_is_no_time_to_come_is_said_and_nothing_is_sent(
    browser: Client, amara: Person, when: dict[str, str], sentence: str
) -> None:
    refused = browser.post("/mailings/", form(**when), headers=HTMX)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert all(f'value="{value}"' in refused.content.decode() for value in when.values() if value != "on")
    assert not Mailing.objects.exists()


def test_words_and_time_change_while_it_waits_and_who_gets_it_stays(
    browser: Client, waiting: Mailing, northlane: Organization
) -> None:
    people.add_candidate(northlane, first_name="Late", private_email="late@mail.example")
    shown = page(browser.get(f"/mailings/{waiting.pk}/edit/"))
    assert 'value="2090-03-03"' in shown
    assert 'value="09:00"' in shown
    saved = browser.post(f"/mailings/{waiting.pk}/edit/", form(**{**LATER, "time": "10:30"}, body="Better words."))
    assert saved.status_code == 302
    waiting.refresh_from_db()
    assert (waiting.body, waiting.starts_at and waiting.starts_at.hour, waiting.state) == (
        "Better words.", 10, "scheduled",
    )  # fmt: skip
    assert waiting.recipients.count() == 2


def preview(browser: Client, mailing: Mailing, **more: Any) -> str:
    return page(browser.post(f"/mailings/{mailing.pk}/edit/preview/", form(**LATER, **more), headers=HTMX))


def test_the_new_words_are_seen_as_each_of_those_gets_them_who_were_selected_then(
    browser: Client, waiting: Mailing, northlane: Organization, amara: Person, kwame: Person
) -> None:
    assert f'hx-post="/mailings/{waiting.pk}/edit/preview/"' in page(browser.get(f"/mailings/{waiting.pk}/edit/"))
    people.add_candidate(northlane, first_name="Late", private_email="late@mail.example")
    Person.objects.filter(pk=kwame.pk).update(private_email="moved@mail.example")
    words = {"body": "Dear {{first_name}}, come."}
    first = preview(browser, waiting, **words)
    assert "1 of 2" in first
    assert "Dear Amara, come." in first
    last = preview(browser, waiting, person=amara.pk, go="next", **words)
    assert "2 of 2" in last
    assert "Dear Kwame, come." in last
    assert "kwame@mail.example" in last
    assert "Dear Kwame, come." in preview(browser, waiting, person=kwame.pk, go="next", **words)
    assert "Unknown field" in preview(browser, waiting, body="Dear {{frist_name}}")


def test_the_preview_says_who_is_left_out_as_it_was_chosen_when_it_was_scheduled(
    browser: Client, waiting: Mailing
) -> None:
    words = {"body": "Dear {{last_name}} {{custom.shift}}"}
    Mailing.objects.update(left_out=["empty"])
    for person in Person.objects.all():
        own_fields.have(person, shift="night")
    assert "Will be skipped" not in preview(browser, waiting, **words)
    Person.objects.update(last_name="")
    assert "Will be skipped: No value for last_name." in preview(browser, waiting, **words)
    Mailing.objects.update(left_out=[])
    assert "Will be skipped" not in preview(browser, waiting, **words)
    waiting.recipients.update(state="skipped", reason="Wants no campaign mail.")
    assert "Will be skipped: Wants no campaign mail." in preview(browser, waiting, **words)


def test_a_preview_costs_the_same_however_many_get_it(
    browser: Client, northlane: Organization, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        people.add_candidate(northlane, first_name=f"N{number}", private_email=f"n{number}@mail.example")
    page(browser.post("/mailings/", form(**LATER), headers=HTMX))
    waiting = Mailing.objects.get()
    preview(browser, waiting)
    with django_assert_max_num_queries(13):
        assert "1 of 30" in preview(browser, waiting)


def test_an_example_of_the_new_words_goes_out_as_one_of_those_who_were_selected(
    browser: Client, waiting: Mailing, northlane: Organization
) -> None:
    late = people.add_candidate(northlane, first_name="Late", private_email="late@mail.example")
    asked = form(**LATER, body="Dear {{first_name}}", mailing=waiting.pk, person=late.pk, example_to="me@mail.example")
    assert browser.post("/mailings/example/", asked, headers=HTMX).status_code == 204
    assert "Dear Amara" in Notice.objects.get(to_address="me@mail.example").text


def test_another_organizations_mailing_has_no_preview(client_of: SignIn, omar: Member, waiting: Mailing) -> None:
    theirs = client_of(omar)
    assert theirs.post(f"/mailings/{waiting.pk}/edit/preview/", form(), headers=HTMX).status_code == 404
    asked = form(mailing=waiting.pk, example_to="omar@mail.example")
    assert theirs.post("/mailings/example/", asked, headers=HTMX).status_code == 404


def test_what_has_begun_is_no_longer_changed(browser: Client, waiting: Mailing) -> None:
    page_seen = form(**LATER, body="Too late")
    mailings.start_now(waiting)
    assert browser.post(f"/mailings/{waiting.pk}/edit/", page_seen).status_code == 302
    waiting.refresh_from_db()
    assert waiting.body == "Come and see us."
    assert "can no longer be changed" in page(browser.get(f"/mailings/{waiting.pk}/"))


def test_it_is_sent_now_or_cancelled_instead(browser: Client, waiting: Mailing) -> None:
    browser.post(f"/mailings/{waiting.pk}/start/")
    waiting.refresh_from_db()
    assert waiting.state == "sending"
    fan_out.fan_out(waiting)
    assert Delivery.objects.filter(mailing=waiting, due_at__lte=timezone.now()).count() == 2


def test_cancelled_before_its_time_nobody_gets_it(browser: Client, waiting: Mailing) -> None:
    browser.post(f"/mailings/{waiting.pk}/cancel/")
    Mailing.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    assert not mailings.start_due()
    assert not Delivery.objects.exists()
    assert set(waiting.recipients.values_list("state", flat=True)) == {"cancelled"}


# ── A pace


def test_the_rate_changes_in_mid_run(browser: Client, waiting: Mailing) -> None:
    mailings.start_now(waiting)
    browser.post(f"/mailings/{waiting.pk}/pace/", {"per_minute": "12"})
    waiting.refresh_from_db()
    assert waiting.per_minute == 12
    assert "At most 12 a minute from now on." in page(browser.get(f"/mailings/{waiting.pk}/"))
    browser.post(f"/mailings/{waiting.pk}/pace/", {"per_minute": ""})
    waiting.refresh_from_db()
    assert waiting.per_minute == 0


def test_a_rate_that_is_none_is_refused_in_words(browser: Client, waiting: Mailing) -> None:
    browser.post(f"/mailings/{waiting.pk}/pace/", {"per_minute": "fast"})
    assert "as a whole number" in page(browser.get(f"/mailings/{waiting.pk}/"))


def test_super_admins_set_the_pace_of_bulk_mail(client_of: SignIn, sofia: Member, northlane: Organization) -> None:
    settings = {"name": "Northlane Care", "time_zone": "Europe/London", "quiet_from": "21:00", "quiet_until": "08:00"}
    sent = client_of(sofia).post("/settings/organization/", {**settings, "per_minute": "30", "domain_per_minute": ""})
    assert sent.status_code == 302
    northlane.refresh_from_db()
    assert (northlane.per_minute, northlane.domain_per_minute, northlane.warms_up_since) == (30, 0, None)
    sofia.refresh_from_db()
    assert pacing.time_for(750, pacing.limit_of(sofia)) == "about 25 minutes"


# ── A plan


def test_a_plan_limits_how_many_get_one_mailing(
    browser: Client, amara: Person, kwame: Person, northlane: Organization
) -> None:
    call_command("plan", "Starter", "--bulk-limit=1", "--features=")
    call_command("plan", "Starter", f"--to={northlane.slug}")
    shown = page(browser.post("/mailings/preview/", form()))
    assert "Your plan sends to 1 candidate at a time" in shown
    assert 'data-reached="0"' in shown
    refused = browser.post("/mailings/", form(), headers=HTMX)
    assert refused.status_code == 422
    assert "Your plan sends to at most 1 people at once; 2 are selected. Nothing was sent." in refused.content.decode()
    assert not Mailing.objects.exists()
    call_command("plan", "none", f"--to={northlane.slug}")
    page(browser.post("/mailings/", form(), headers=HTMX))
    assert AuditEvent.objects.filter(verb="organization.plan").count() == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Starter", "--features=telepathy"], "There is no feature “telepathy”."),
        (["Starter", "--bulk-limit=0"], "The limit must be 1 or more."),
        (["Starter", "--to=nobody"], "There is no organization “nobody”."),
    ],
)
def test_what_is_no_plan_is_said(words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("plan", *words)


# ── A file


def test_what_became_of_each_is_saved_as_a_file(
    browser: Client, waiting: Mailing, kwame: Person, northlane: Organization
) -> None:
    Person.objects.filter(pk=kwame.pk).update(first_name="=Kwame")
    mailings.start_now(waiting)
    fan_out.fan_out(waiting)
    Delivery.objects.filter(address=kwame.email).update(state="failed", reason="The mailbox is full.")
    answer = browser.get(f"/mailings/{waiting.pk}/report/", {"show": "failed"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode("utf-8-sig")
    head, *rows = csv.reader(StringIO(text))
    assert head == ["Name", "By", "Address", "State", "Reason", "Sent at"]
    failed = [("'=Kwame", "E-mail", kwame.email, "Failed", "The mailbox is full.")]
    assert [(row[0][:7], *row[1:5]) for row in rows] == failed
    assert AuditEvent.objects.filter(verb="export.mailing").exists()
