"""The frame of every page, the front door and the error pages."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from candidly.config import config
from candidly.models import (
    Conversation,
    Delivery,
    InboundMail,
    Mailbox,
    Member,
    Organization,
    Participation,
    Person,
    Role,
    User,
)
from candidly.web.shell.context import unread_count
from candidly.web.shell.tags import initials
from candidly.web.shell.toasts import ToastsForHtmx

type ClientOf = Callable[[Member], Client]


def render(source: str, **context: Any) -> str:
    return str(engines["django"].from_string(source).render(context))


def page_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


# ── Language


def test_every_page_is_english_whatever_the_browser_would_rather_read(
    client: Client, client_of: ClientOf, hannah: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "imap", True)
    moment = datetime.now(UTC) - timedelta(minutes=13)
    Mailbox.objects.create(organization=hannah.organization, member=hannah, state="connected", synced_at=moment)
    Organization.objects.update(own_mailboxes=True, own_mailboxes_at=datetime(2023, 5, 7, tzinfo=UTC))
    hannah.role = Role.SUPER_ADMIN
    hannah.save()
    answer = client_of(hannah).get("/settings/emails/", headers={"accept-language": "de-DE,de;q=0.9"})
    page = answer.content.decode()
    assert "13\xa0min ago" in page
    assert "7 May 2023" in page
    assert answer.headers.get("Content-Language", "en-gb").startswith("en")
    wrong = client.post("/accounts/login/", {"login": "nobody"}, headers={"accept-language": "de"})
    assert "Dieses Feld" not in wrong.content.decode()
    assert "This field is required." in wrong.content.decode()


# ── Sizes


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 byte"),
        (18, "18 bytes"),
        (1000, "1.0\xa0KB"),
        (999_940, "999.9\xa0KB"),
        (999_960, "1.0\xa0MB"),
        (20_000_000, "20.0\xa0MB"),
        (20_500_000, "20.5\xa0MB"),
    ],
)
def test_a_size_is_said_in_the_units_of_the_limits(size: int, words: str) -> None:
    assert render("{{ size|file_size }}", size=size) == words


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "English"),
        ("de-AT", "German"),
        ("pt-br", "Brazilian Portuguese"),
        ("zh-CN", "Chinese"),
        ("yo", "Yoruba"),
        ("Klingon", "Klingon"),
    ],
)
def test_a_language_is_called_by_its_name(tag: str, name: str) -> None:
    assert render("{{ tag|language_name }}", tag=tag) == name


# ── Front door


def test_a_stranger_is_led_to_the_sign_in(client: Client, hannah: Member) -> None:
    response = client.get("/candidates/")
    assert response.headers["Location"] == "/accounts/login/?next=/candidates/"


def test_a_member_starts_in_the_inbox(client_of: ClientOf, hannah: Member) -> None:
    assert client_of(hannah).get("/").headers["Location"] == reverse("inbox")


def test_an_account_without_an_organization_is_told_so(client: Client, hannah: Member) -> None:
    stray = User.objects.create_user("stray@mail.example", "Stray", "correct horse battery")
    client.force_login(stray)
    response = client.get("/")
    assert response.status_code == 403
    assert "belongs to no organization" in response.content.decode()
    inside = client.get("/candidates/")
    assert inside.headers["Location"] == "/"


# ── Frame


def test_the_navigation_names_what_the_member_may_open(client_of: ClientOf, hannah: Member, ruth: Member) -> None:
    links = re.compile(r'<a class="nav-link" href="([^"]+)"')
    hers = links.findall(page_of(client_of(hannah), "/candidates/"))
    assert hers == [
        *(
            "/inbox/",
            "/candidates/",
            "/contacts/",
            "/openings/",
            "/campaigns/",
            "/reminders/",
            "/mailings/",
            "/scheduled/",
            "/templates/",
            "/review/",
        ),
        "/settings/",
    ]
    assert "/review/" not in links.findall(page_of(client_of(ruth), "/candidates/"))


def test_no_page_of_the_frame_holds_an_inline_style_or_handler(client_of: ClientOf, sofia: Member) -> None:
    for path in ("/candidates/", "/settings/", "/settings/members/"):
        page = page_of(client_of(sofia), path)
        assert not re.search(r'\sstyle="', page)
        assert not re.search(r"\son[a-z]+=", page)


def test_the_policy_lets_only_the_marked_script_run(client_of: ClientOf, hannah: Member) -> None:
    response = client_of(hannah).get("/candidates/")
    (nonce,) = re.findall(r"script-src 'self' 'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", response.content.decode())
    assert scripts == [f'<script nonce="{nonce}">']


def unread(member: Member, person: Person, how_many: int = 1) -> None:
    for _ in range(how_many):
        conversation = Conversation.objects.create(organization=member.organization, person=person)
        Participation.objects.create(conversation=conversation, member=member, is_unread=True)


def test_the_envelope_counts_unread_conversations_that_are_not_archived(
    client_of: ClientOf, hannah: Member, amara: Person
) -> None:
    unread(hannah, amara, 3)
    Participation.objects.filter(pk=Participation.objects.latest("pk").pk).update(archived_at=datetime.now(UTC))
    assert 'aria-label="Message center, 2 unread"' in page_of(client_of(hannah), "/candidates/")


def test_the_counter_stops_at_99(hannah: Member, amara: Person) -> None:
    unread(hannah, amara, 99)
    assert unread_count(hannah) == "99"
    unread(hannah, amara)
    assert unread_count(hannah) == "99+"


def test_the_tray_counts_for_those_who_may_open_it(client_of: ClientOf, hannah: Member, ruth: Member) -> None:
    InboundMail.objects.create(
        organization=hannah.organization, external_id="1", envelope_to="x@y.example", raw=b"", size=0, state="review"
    )
    assert '1<span class="visually-hidden"> to review' in page_of(client_of(hannah), "/candidates/")
    assert "to review" not in page_of(client_of(ruth), "/candidates/")


def test_a_page_listens_to_the_members_own_topic_and_to_new_campaigns(client_of: ClientOf, hannah: Member) -> None:
    (token,) = re.findall(r'data-live="([^"]+)"', page_of(client_of(hannah), "/candidates/"))
    topics = [f"member:{hannah.pk}", f"campaigns:{hannah.organization_id}"]
    assert signing.loads(token, salt="live") == topics


def test_an_aged_live_token_is_renewed_for_its_own_member_only(
    client_of: ClientOf, hannah: Member, priya: Member
) -> None:
    topics = [f"member:{hannah.pk}", "mailing:7"]
    with time_machine.travel(datetime.now(UTC) - timedelta(days=30)):
        aged = signing.dumps(topics, salt="live")
    fresh = client_of(hannah).get("/live-token/", {"t": aged})
    assert signing.loads(fresh.content.decode(), salt="live", max_age=60) == topics
    assert client_of(priya).get("/live-token/", {"t": aged}).status_code == 404
    assert client_of(hannah).get("/live-token/", {"t": "made-up"}).status_code == 404


# ── Error pages


def test_a_missing_page_is_in_the_frame(client_of: ClientOf, hannah: Member) -> None:
    response = client_of(hannah).get("/no-such-page/")
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()
    assert 'class="nav"' in response.content.decode()


def test_a_missing_page_shows_a_stranger_no_frame(client: Client, hannah: Member) -> None:
    assert 'class="nav"' not in client.get("/no-such-page/").content.decode()


def test_what_the_role_forbids_is_said(client_of: ClientOf, ruth: Member) -> None:
    response = client_of(ruth).get("/candidates/new/")
    assert response.status_code == 403
    assert "Your role is read-only" in response.content.decode()


def test_a_stale_form_is_explained(hannah: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(hannah.user)
    response = client.post("/settings/", {"name": "Someone"})
    assert response.status_code == 403
    assert "This page was out of date" in response.content.decode()


def test_a_failure_of_ours_says_that_nothing_is_lost(
    client_of: ClientOf, hannah: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*args: object) -> None:
        raise RuntimeError("fell over")

    monkeypatch.setattr("candidly.web.candidates.views.Listing", fall)
    client = client_of(hannah)
    client.raise_request_exception = False
    response = client.get("/candidates/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


# ── Toasts


def answer_with(client: Client, hannah: Member, response: HttpResponse, **headers: str) -> HttpResponse:
    """What the middleware makes of an answer while a message waits."""
    request: HttpRequest = RequestFactory().get("/", headers=headers)
    request.session = client.session
    request._messages = messages.storage.default_storage(request)  # type: ignore[attr-defined]
    messages.error(request, "Zu spät – too late")
    return ToastsForHtmx(lambda _: response)(request)


def test_an_htmx_answer_carries_the_messages_in_its_header(client_of: ClientOf, hannah: Member) -> None:
    response = answer_with(client_of(hannah), hannah, HttpResponse(status=204), HX_Request="true")
    carried = json.loads(response.headers["HX-Trigger"])
    assert carried == {"toasts": {"toasts": [{"tone": "danger", "text": "Zu spät – too late"}]}}


def test_an_answer_that_leads_elsewhere_leaves_the_messages_to_that_page(client_of: ClientOf, hannah: Member) -> None:
    client = client_of(hannah)
    for leaving in (HttpResponse(headers={"HX-Redirect": "/inbox/"}), HttpResponse(status=302)):
        assert "HX-Trigger" not in answer_with(client, hannah, leaving, HX_Request="true").headers


def test_what_an_open_page_asks_by_itself_takes_no_message_from_the_page_that_is_coming(
    client_of: ClientOf, hannah: Member
) -> None:
    client, live = client_of(hannah), {"HX_Request": "true", "X_Live": "true"}
    assert "HX-Trigger" not in answer_with(client, hannah, HttpResponse("rows"), **live).headers


# ── Marks


@pytest.mark.parametrize(
    ("first", "last", "email", "expected"),
    [
        ("Amara", "Okafor", "", "AO"),
        ("siobhán", "ní Bhriain", "", "SN"),
        ("小龙", "李", "", "小李"),
        ("E\u0301lodie", "O'Brien", "", "E\u0301O"),
        ("", "", "kwame@mail.example", "K"),
        ("", "", "", "?"),
        ("“Ann”", "", "", "A"),
    ],
)
def test_initials_are_letters_of_any_script(first: str, last: str, email: str, expected: str) -> None:
    assert initials(Person(first_name=first, last_name=last, private_email=email)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 11, 9, 42, tzinfo=UTC), "09:42"),
        (datetime(2026, 3, 9, 9, 42, tzinfo=UTC), "Mon"),
        (datetime(2026, 3, 4, 9, 42, tzinfo=UTC), "4 March"),
        (datetime(2025, 3, 4, 9, 42, tzinfo=UTC), "4 March 2025"),
        (datetime(2026, 3, 12, 0, 5, tzinfo=UTC), "12 March"),
    ],
)
@time_machine.travel(datetime(2026, 3, 11, 18, 0, tzinfo=UTC), tick=False)
def test_times_are_as_short_as_they_can_be(moment: datetime, expected: str) -> None:
    assert f">{expected}</time>" in render("{% when moment %}", moment=moment)


def test_times_are_in_the_members_zone(client_of: ClientOf, hannah: Member, amara: Person) -> None:
    Member.objects.filter(pk=hannah.pk).update(time_zone="Asia/Tokyo")
    with time_machine.travel(datetime(2026, 3, 11, 18, 0, tzinfo=UTC), tick=False):
        Person.objects.update(last_message_at=datetime(2026, 3, 11, 17, 0, tzinfo=UTC), last_channel="email")
        assert "2026-03-12T02:00:00+09:00" in page_of(client_of(hannah), "/candidates/")


def test_a_failed_delivery_says_why(db: None) -> None:
    failed = Delivery(pk=4, state="failed", reason="The mailbox is full.")
    shown = render("{% delivery_state delivery %}", delivery=failed, may_write=True)
    assert "Failed: The mailbox is full." in shown
    assert reverse("message_retry", args=[4]) in shown
    assert "Retry" not in render("{% delivery_state delivery %}", delivery=failed, may_write=False)
