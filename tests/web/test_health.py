"""What programs ask that watch over Candidly, and what the log says and does not say."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from candidly.actions import arrivals, receive
from candidly.channels.registry import open_channel
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import TemporaryFailure
from candidly.models import AgencyUser, Conversation, Delivery, InboundMail, Mailbox, Member, Organization, Person
from candidly.web.health import measures, readiness
from candidly.worker.journal import Journal
from candidly.worker.sending import Sending
from tests.peers.faulty import FaultyServer, faulty_server_running
from tests.support.own_mail import new_post, turn_on
from tests.web.letters import hears_from, write_to

type SignIn = Callable[[Member], Client]
LOOPBACK: dict[str, Any] = {"HTTP_HOST": "localhost"}


@pytest.fixture(autouse=True)
def asked_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of another test is remembered."""
    monkeypatch.setattr(measures, "FRESH", 0.0)
    readiness._require_tables.cache_clear()


# ── Health and readiness


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    """There is no `db` fixture here: a query would fail the test."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_it_is_ready_when_the_tables_are_there(client: Client, db: None) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").content) == (200, b"ready\n")


def test_it_is_not_ready_while_migrations_are_missing(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'candidly'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"Run: candidly migrate" in response.content


def test_it_is_not_ready_without_a_database(client: Client, db: None) -> None:
    with away():
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


@contextmanager
def away() -> Iterator[None]:
    """Whatever asks the database is refused by its driver."""

    def refuse(*args: object) -> None:
        raise OperationalError("canary: server at 10.9.8.7 refused")

    with connection.execute_wrapper(refuse):
        yield


# ── Measurements


def measured(client: Client, **extra: Any) -> dict[str, float]:
    response = client.get("/metrics", **{**LOOPBACK, **extra})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    lines = [line.rsplit(" ", 1) for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_requests_are_counted_by_view(client: Client, hannah: Member) -> None:
    name = 'candidly_http_requests_total{method="GET",status="302",view="candidates"}'
    before = measured(client).get(name, 0)
    client.get("/candidates/")
    after = measured(client)
    assert after[name] == before + 1
    assert after['candidly_http_request_duration_seconds_count{method="GET",view="candidates"}'] >= 1


def test_an_address_that_leads_nowhere_makes_no_new_series(client: Client, db: None) -> None:
    client.get("/canary-address/")
    client.generic("CANARY", "/")
    answer = client.get("/metrics", **LOOPBACK).content.decode()
    assert "canary" not in answer.lower()
    assert 'method="other"' in answer
    assert 'view="none"' in answer


def test_the_outbox_is_measured(client: Client, hannah: Member, amara: Person, northlane: Organization) -> None:
    write_to(amara, hannah)
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    InboundMail.objects.create(organization=northlane, external_id="1", envelope_to="x@y.example", raw=b"", size=0)
    found = measured(client)
    assert found['candidly_deliveries{state="due"}'] == 1
    assert found['candidly_inbound_mails{state="stored"}'] == 1
    assert found['candidly_gateway_up{channel="email"}'] == 1
    assert found["candidly_oldest_due_seconds"] >= 120
    assert found["candidly_database_up"] == 1


def test_what_waits_for_a_mailbox_to_be_connected_is_not_late(
    client: Client, sofia: Member, hannah: Member, amara: Person
) -> None:
    turn_on(sofia, hannah)
    new_post().connect(hannah)
    write_to(amara, hannah)
    Delivery.objects.filter(message__isnull=False).update(due_at=timezone.now() - timedelta(hours=2))
    Mailbox.objects.filter(member=hannah).update(state="reconnect")
    found = measured(client)
    assert found['candidly_deliveries{state="unconnected"}'] == 1
    assert found["candidly_oldest_due_seconds"] < 600


def test_own_mailboxes_are_measured(client: Client, sofia: Member, hannah: Member, priya: Member) -> None:
    turn_on(sofia, hannah, priya)
    post = new_post()
    for member in (hannah, priya):
        post.connect(member)
    post.of(priya).fault = TemporaryFailure("No answer.")
    post.look()
    Mailbox.objects.filter(member=hannah).update(due_at=timezone.now() - timedelta(minutes=5))
    found = measured(client)
    assert found['candidly_mailboxes{state="connected"}'] == 2
    assert found['candidly_mailboxes{state="failing"}'] == 1
    assert found['candidly_mailboxes{state="reconnect"}'] == 0
    assert 290 < found["candidly_mailbox_lag_seconds"] < 600


def test_measurements_name_nobody_and_quote_nothing(client: Client, hannah: Member, amara: Person) -> None:
    message = write_to(amara, hannah, subject="Canary subject", text="Canary body")
    Delivery.objects.update(state="failed", reason="Canary reason", reply="Canary reply")
    client.get(f"/conversations/{message.conversation_id}/")
    answer = client.get("/metrics", **LOOPBACK).content.decode().lower()
    for word in ("canary", "northlane", "amara", "mail.example", "hannah"):
        assert word not in answer


def test_without_a_database_the_rest_is_still_measured(client: Client, db: None) -> None:
    with away():
        found = measured(client)
    assert found["candidly_database_up"] == 0
    assert not [name for name in found if name.startswith("candidly_deliveries")]


def test_the_database_is_not_asked_at_every_scrape(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    measured(client)
    monkeypatch.setattr(measures, "FRESH", 3600.0)
    with django_assert_num_queries(0):
        measured(client)


@pytest.mark.parametrize(
    "request_of",
    [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "candidly.example.org"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.7"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": "Bearer wrong", "REMOTE_ADDR": "203.0.113.7"},
    ],
)
def test_for_strangers_and_through_a_proxy_there_are_no_measurements(
    client: Client, db: None, request_of: dict[str, Any]
) -> None:
    """A proxy on the same machine comes from loopback as well: its marks tell it."""
    away_from_here = "HTTP_AUTHORIZATION" in request_of
    with override_settings(ALLOWED_HOSTS=["*"]):
        extra = {**LOOPBACK, **({"REMOTE_ADDR": "203.0.113.7"} if away_from_here else {}), **request_of}
        assert client.get("/metrics", **extra).status_code == 404


def test_whoever_knows_the_token_may_come_from_anywhere(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.CONFIG, "metrics_token", "s3cret-ä")
    far: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    assert measured(client, HTTP_AUTHORIZATION="Bearer s3cret-ä", **far)["candidly_database_up"] == 1
    for wrong in ("Bearer s3cret", "Basic s3cret-ä", "s3cret-ä", ""):
        assert client.get("/metrics", HTTP_AUTHORIZATION=wrong, **{**LOOPBACK, **far}).status_code == 404


# ── The log


def test_every_answer_names_the_id_that_its_lines_carry(
    client_of: SignIn, hannah: Member, amara: Person, log: io.StringIO
) -> None:
    form = {"subject": "Hello", "text": "Hello"}
    response = client_of(hannah).post(f"/candidates/{amara.pk}/conversations/", form)
    request_id = response.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    (line,) = [line for line in log.getvalue().splitlines() if "event=request" in line]
    assert f"request_id={request_id}" in line
    assert f"member={hannah.pk}" in line
    assert f"pk={amara.pk}" in line
    assert "view=person_conversations" in line


def test_a_proxys_id_is_kept_and_nothing_else_is_taken_for_one(client: Client, db: None) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "proxy-4711-abc"})
    assert given.headers["X-Request-ID"] == "proxy-4711-abc"
    for odd in ("short", "a b c d e f g h", "x" * 65, "line\tbreak-in"):
        assert client.get("/healthz", headers={"X-Request-ID": odd}).headers["X-Request-ID"] != odd


def test_who_asked_does_not_stay_for_the_next_request(client: Client, hannah: Member, declan: AgencyUser) -> None:
    for user in (hannah.user, declan.user):
        client.force_login(user)
        client.get("/", follow=True)
        assert structlog.contextvars.get_contextvars() == {}


CANARY = "canary4711"


@pytest.mark.parametrize("trouble", [{}, {"rcpt": f"550 5.1.1 <{CANARY}@mail.example> {CANARY}"}, {"dot": "drop"}])
def test_no_word_of_a_mail_gets_into_the_log(
    trouble: dict[str, Any], client_of: SignIn, hannah: Member, amara: Person, log: io.StringIO, tmp_path: Path
) -> None:
    """Sent through the pages and the worker, answered at the door: in peace, refused, and broken off."""
    Person.objects.filter(pk=amara.pk).update(private_email=f"{CANARY}@mail.example")
    form = {"subject": f"Subject {CANARY}", "text": f"Body {CANARY}", "channels": ["email"]}
    client_of(hannah).post(f"/candidates/{amara.pk}/conversations/", form)
    with faulty_server_running(FaultyServer(**trouble)) as server, Journal(tmp_path, "w") as journal:
        channel = open_channel("smtp", RelaySettings(server.host, server.port, security="none", timeout=5))
        Sending("w", "email", channel, journal).round()
        channel.close()
    state = {"rcpt": "bounced", "dot": "unconfirmed"}.get(next(iter(trouble), ""), "sent")
    assert Delivery.objects.get().state == state
    amara.refresh_from_db()
    conversation = Conversation.objects.get()
    hears_from(amara, conversation, f"Answer {CANARY}")
    token = conversation.reply_addresses.get(person=amara).token
    said = log.getvalue()
    assert "event=request" in said
    assert CANARY not in said.lower()
    assert token not in said


def test_a_mail_that_breaks_the_reader_is_not_quoted_in_the_log(
    hannah: Member, amara: Person, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file cannot be kept, and the error that comes of it quotes the address."""
    conversation = write_to(amara, hannah).conversation
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"{CANARY} <{amara.email}>", CANARY
    mail.set_content(CANARY)
    token = conversation.reply_addresses.get(person=amara).token
    address = f"r.{token}@{settings.CONFIG.inbound_domain}"
    (stored,) = arrivals.store(envelope_from=amara.email, recipients=[address], raw=mail.as_bytes())

    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError(f"cannot file {CANARY} for {address}")

    monkeypatch.setattr("candidly.actions.filing.file", broken)
    receive.process(stored)
    assert "inbound mail not processed" in log.getvalue()
    assert CANARY not in log.getvalue()
    assert token not in log.getvalue()


def break_off(request: HttpRequest, key: str) -> HttpResponse:
    try:
        raise KeyError(f"{key} first")
    except KeyError as error:
        raise ValueError(f"cannot read {key}") from error


urlpatterns = [path("broken/<str:key>/", break_off, name="broken"), path("", include("candidly.urls"))]


@override_settings(ROOT_URLCONF=__name__)
def test_a_page_that_breaks_off_tells_where_and_not_what(client_of: SignIn, hannah: Member, log: io.StringIO) -> None:
    """Addresses of pages may hold a token, as the one to choose a password does."""
    browser = client_of(hannah)
    browser.raise_request_exception = False
    response = browser.get(f"/broken/{CANARY}/")
    assert response.status_code == 500
    said = log.getvalue()
    assert 'error="ValueError after KeyError"' in said
    assert "in break_off" in said
    assert "broken/<str:key>/" in said
    assert said.count(f"request_id={response.headers['X-Request-ID']}") >= 2
    assert CANARY not in said
