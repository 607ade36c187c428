"""The delivery page, through a browser without scripts."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import consent, conversations, fan_out, mailings, notices
from candidly.models import Delivery, Gateway, LiveEvent, Member, Organization, Person
from candidly.rules.outbox import HELD_UNTIL

type SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}
State = Delivery.State
BOX = "The mail server of {} says there is no such mailbox. Check the address."


@pytest.fixture
def browser(client_of: SignIn, sofia: Member) -> Client:
    return client_of(sofia)


def written(member: Member, person: Person, state: str, **fields: Any) -> Delivery:
    delivery = conversations.start(member, person, subject="Hello", text="Hello").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **fields)
    return delivery


def page(response: Any) -> str:
    assert response.status_code == 200
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def toast(response: Any) -> str:
    """What floats up after a button."""
    assert response.status_code == 204
    return unescape(str(response.headers["HX-Trigger"]))


def press(browser: Client, path: str, *deliveries: Delivery) -> Any:
    return browser.post(path, {"id": [delivery.pk for delivery in deliveries]}, headers=HTMX)


# ── Who


@pytest.mark.parametrize("path", ["/delivery/", "/delivery/figures/"])
def test_for_anybody_but_a_super_admin_there_is_no_such_page(
    path: str, client_of: SignIn, hannah: Member, marcus: Member, ruth: Member, sofia: Member
) -> None:
    for member in (hannah, marcus, ruth):
        assert client_of(member).get(path).status_code == 404
    assert client_of(sofia).get(path).status_code == 200
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("verb", ["retry", "again", "sent", "hold", "gateways/email/try"])
def test_nobody_else_presses_a_button(verb: str, client_of: SignIn, hannah: Member, amara: Person) -> None:
    delivery = written(hannah, amara, State.FAILED)
    assert press(client_of(hannah), f"/delivery/{verb}/", delivery).status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED


def test_the_settings_lead_there(browser: Client, client_of: SignIn, hannah: Member) -> None:
    assert 'href="/delivery/"' in page(browser.get("/settings/"))
    assert 'href="/delivery/"' not in page(client_of(hannah).get("/settings/"))


def test_another_organizations_deliveries_are_neither_shown_nor_changed(
    browser: Client, omar: Member, leila: Person
) -> None:
    theirs = written(omar, leila, State.FAILED, reason="Secret")
    shown = page(browser.get("/delivery/"))
    assert "Nothing has failed" in shown
    assert "Leila" not in shown
    assert "Nothing to retry" in toast(press(browser, "/delivery/retry/", theirs))
    theirs.refresh_from_db()
    assert theirs.state == State.FAILED


def test_account_mail_is_not_shown(browser: Client, hannah: Member) -> None:
    notices.enqueue(kind="account", to_address="secret@mail.example", subject="Reset", text="link", user=hannah.user)
    Delivery.objects.update(state=State.FAILED)
    assert "secret@mail.example" not in page(browser.get("/delivery/"))


# ── What it shows


def test_it_shows_how_full_the_queue_is(browser: Client, hannah: Member, amara: Person) -> None:
    now = timezone.now()
    written(hannah, amara, State.QUEUED, due_at=now - timedelta(minutes=4))
    written(hannah, amara, State.QUEUED, due_at=now + timedelta(minutes=4), attempts=1)
    written(hannah, amara, State.QUEUED, due_at=now + timedelta(hours=4))
    written(hannah, amara, State.UNCONFIRMED, due_at=HELD_UNTIL)
    written(hannah, amara, State.SENT, sent_at=now)
    shown = page(browser.get("/delivery/"))
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", shown))
    assert figures == {
        "Due now": "1",
        "Waiting for retry": "1",
        "For later": "1",
        "Being sent": "0",
        "Unconfirmed": "0",
        "Held": "1",
        "Failed in 24 hours": "0",
        "Sent in the last minute": "1",
        "Sent in the last hour": "1",
    }
    assert "Longest waiting since" in shown


def test_it_shows_a_gateway_that_is_down_and_tries_it_now(browser: Client, sofia: Member) -> None:
    assert "E-mail: answers" in page(browser.get("/delivery/"))
    later = timezone.now() + timedelta(minutes=1)
    Gateway.objects.create(channel="email", down_since=timezone.now(), retry_at=later, reason="Connection refused.")
    shown = page(browser.get("/delivery/figures/"))
    assert "E-mail: does not answer" in shown
    assert "Connection refused." in shown
    assert "tried again with the next message" in toast(browser.post("/delivery/gateways/email/try/", headers=HTMX))
    assert Gateway.objects.filter(retry_at__lt=later).exists()
    Gateway.objects.update(down_since=None)
    assert "Nothing to try" in toast(browser.post("/delivery/gateways/email/try/", headers=HTMX))


def test_it_shows_mailings_under_way(
    browser: Client, hannah: Member, northlane: Organization, amara: Person, kwame: Person
) -> None:
    mailing = mailings.send(
        hannah, mailings.Order(subject="Ward visits", body="Hi", is_html=False, audience={"ids": [amara.pk, kwame.pk]})
    )
    fan_out.fan_out(mailing)
    Delivery.objects.filter(message__conversation__person=amara).update(state=State.SENT)
    shown = page(browser.get("/delivery/figures/"))
    assert "Ward visits" in shown
    assert "1 of 2 sent" in shown
    mailings.pause(mailing)
    assert "Paused" in page(browser.get("/delivery/figures/"))


def test_a_failure_stands_there_with_what_the_server_said(browser: Client, hannah: Member, amara: Person) -> None:
    written(hannah, amara, State.FAILED, reason=BOX.format("mail.example"), reply="550 5.1.1 <unknown>")
    shown = page(browser.get("/delivery/"))
    assert "Amara Okafor" in shown
    assert BOX.format("mail.example") in shown
    assert "550 5.1.1 <unknown>" in shown
    assert "&lt;unknown&gt;" in browser.get("/delivery/").content.decode()


def test_a_notice_stands_there_by_its_kind(browser: Client, hannah: Member) -> None:
    notices.enqueue(
        kind="mailing_done", to_address=hannah.email, subject="Sent", text="…", organization=hannah.organization
    )
    Delivery.objects.update(state=State.FAILED)
    assert "Mailing complete" in page(browser.get("/delivery/"))


def test_the_list_is_of_one_state_and_one_reason(browser: Client, hannah: Member, amara: Person, kwame: Person) -> None:
    written(hannah, amara, State.FAILED, reason=BOX.format("mail.example"))
    written(hannah, kwame, State.BOUNCED, reason="The mailbox is full.")
    both = page(browser.get("/delivery/?show=failed", headers=HTMX))
    assert "Amara" in both
    assert "Kwame" in both
    only = page(browser.get("/delivery/", {"reason": BOX.format("…")}, headers=HTMX))
    assert "Amara" in only
    assert "Kwame" not in only
    assert "Kwame" in page(browser.get("/delivery/?reason=made+up", headers=HTMX))
    assert "Nothing is unconfirmed" in page(browser.get("/delivery/?show=unconfirmed", headers=HTMX))


def test_the_list_comes_in_pages(browser: Client, hannah: Member, amara: Person) -> None:
    made = [written(hannah, amara, State.FAILED, reason="Full.") for _ in range(25)]
    first = page(browser.get("/delivery/?reason=Full.", headers=HTMX))
    assert first.count('name="id"') == 20
    (after,) = re.findall(r'href="\?(show=failed&reason=Full.&after=\d+)#problems"', first)
    second = page(browser.get(f"/delivery/?{after}", headers=HTMX))
    assert second.count('name="id"') == 5
    assert f'value="{made[0].pk}"' in second


def test_the_number_of_queries_does_not_depend_on_the_rows(browser: Client, hannah: Member, amara: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            browser.get("/delivery/")
        return len(counted)

    written(hannah, amara, State.FAILED)
    queries()
    one = queries()
    for _ in range(5):
        written(hannah, amara, State.FAILED)
    assert queries() == one


def test_there_is_nothing_inline_that_the_policy_refuses(browser: Client, hannah: Member, amara: Person) -> None:
    written(hannah, amara, State.UNCONFIRMED)
    for path in ("/delivery/", "/delivery/?show=unconfirmed"):
        assert not re.search(r"\s(style|on[a-z]+)=\"", page(browser.get(path)))


# ── What it does


def test_one_or_several_are_retried(browser: Client, hannah: Member, amara: Person) -> None:
    one, two, three = (written(hannah, amara, State.FAILED, attempts=3) for _ in range(3))
    assert "1 delivery queued again." in toast(press(browser, "/delivery/retry/", one))
    assert "2 deliveries queued again." in toast(press(browser, "/delivery/retry/", one, two, three))
    assert set(Delivery.objects.values_list("state", "attempts")) == {("queued", 0)}


def test_who_is_on_the_suppression_list_must_be_released_first(
    browser: Client, hannah: Member, amara: Person, kwame: Person, northlane: Organization
) -> None:
    one, two, free = (written(hannah, person, State.BOUNCED) for person in (amara, amara, kwame))
    consent.suppress(northlane, "email", amara.email, cause="bounced", reason="There is no such mailbox.")
    said = toast(press(browser, "/delivery/retry/", one))
    assert "1 delivery was not queued: its address is on the suppression list. Release it there first" in said
    assert "queued again" not in said
    assert "Nothing" not in said
    said = toast(press(browser, "/delivery/retry/", one, two, free))
    assert "2 deliveries were not queued: their addresses are on the suppression list." in said
    assert "1 delivery queued again." in said
    assert Delivery.objects.filter(state=State.BOUNCED).count() == 2
    assert amara.email in page(browser.get("/delivery/"))


def test_an_unconfirmed_one_is_held_released_or_settled(browser: Client, hannah: Member, amara: Person) -> None:
    delivery = written(hannah, amara, State.UNCONFIRMED)
    assert "Send again" in page(browser.get("/delivery/?show=unconfirmed"))
    assert "held until you release it" in toast(press(browser, "/delivery/hold/", delivery))
    assert "Release" in page(browser.get("/delivery/?show=unconfirmed"))
    assert "released to be sent again" in toast(press(browser, "/delivery/again/", delivery))
    delivery.refresh_from_db()
    assert delivery.due_at <= timezone.now()
    assert "marked as sent" in toast(press(browser, "/delivery/sent/", delivery))
    assert "no longer unconfirmed" in toast(press(browser, "/delivery/hold/", delivery))
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def test_nothing_selected_is_said(browser: Client, sofia: Member) -> None:
    answer = browser.post("/delivery/retry/", {"id": ["x", "９", "-1"]}, headers=HTMX)
    assert "Nothing is selected" in toast(answer)
    assert "Nothing to retry" in toast(browser.post("/delivery/retry/", {"id": ["9" * 30]}, headers=HTMX))


def test_open_conversations_hear_of_it(browser: Client, hannah: Member, amara: Person) -> None:
    delivery = written(hannah, amara, State.FAILED)
    LiveEvent.objects.all().delete()
    press(browser, "/delivery/retry/", delivery)
    assert delivery.message is not None
    topic = f"conversation:{delivery.message.conversation_id}"
    assert LiveEvent.objects.filter(topic=topic, name="conversation").exists()
