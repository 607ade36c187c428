"""The page of reminders, their counter, and the panel beside a conversation."""

import json
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import reminders
from candidly.models import Member, Person, Reminder, clock
from tests.web.letters import write_to

type SignIn = Callable[[Member], Client]


def page(client: Client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def due(person: Person, member: Member) -> Reminder:
    write_to(person, member, remind_days=1, channels=("app",))
    reminder = Reminder.objects.latest("pk")
    long_ago = clock.now() - timedelta(days=3)
    reminder.message.deliveries.update(sent_at=long_ago)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=long_ago + timedelta(days=1))
    reminders.fall_due()
    reminder.refresh_from_db()
    assert reminder.state == Reminder.State.DUE
    return reminder


def test_what_is_due_stands_first_and_is_counted(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person, kwame: Person
) -> None:
    write_to(kwame, hannah, remind_days=3, text="To Kwame")
    due(amara, hannah)
    write_to(amara, priya, remind_days=3, text="Priya’s own")
    shown = page(client_of(hannah), "/reminders/")
    assert shown.index("Due</h2>") < shown.index("Amara Okafor") < shown.index("Waiting</h2>") < shown.index("To Kwame")
    assert "Priya’s own" not in shown
    assert '1<span class="visually-hidden"> due</span>' in shown


def test_without_any_the_page_says_how_to_get_one(client_of: SignIn, hannah: Member) -> None:
    assert "No reminders" in page(client_of(hannah), "/reminders/")


def test_a_tick_ends_it_and_without_the_tick_it_is_there_again(
    client_of: SignIn, hannah: Member, amara: Person
) -> None:
    reminder = due(amara, hannah)
    client = client_of(hannah)
    done = client.post(f"/reminders/{reminder.pk}/done/", {"done": "on"}, headers={"HX-Request": "true"})
    assert "Reminder done" in done.headers["HX-Trigger"]
    assert "No reminders" in page(client, "/reminders/")
    client.post(f"/reminders/{reminder.pk}/done/", headers={"HX-Request": "true"})
    assert "Amara Okafor" in page(client, "/reminders/")


def test_the_toast_names_who_has_not_answered(client_of: SignIn, hannah: Member, amara: Person) -> None:
    reminder = due(amara, hannah)
    told = client_of(hannah).get(f"/reminders/{reminder.pk}/due/", headers={"HX-Request": "true"})
    (toast,) = json.loads(told.headers["HX-Trigger"])["toasts"]["toasts"]
    assert toast["text"] == "Reminder: no answer from Amara Okafor yet"


def test_the_panel_beside_the_conversation_holds_the_members_own(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person
) -> None:
    reminder = due(amara, hannah)
    place = f"/conversations/{reminder.conversation_id}/"
    assert f'hx-post="/reminders/{reminder.pk}/done/"' in page(client_of(hannah), place)
    assert f'hx-post="/reminders/{reminder.pk}/done/"' not in page(client_of(priya), place)
    assert "Due: follow up" in page(client_of(hannah), f"{place}reminders/")


def test_a_long_list_goes_on_by_key_at_the_same_cost(client_of: SignIn, hannah: Member, amara: Person) -> None:
    message = write_to(amara, hannah)
    for days in range(1, 41):
        reminders.remind(hannah, message, days)
    client = client_of(hannah)
    page(client, "/reminders/")
    with CaptureQueriesContext(connection) as first:
        shown = page(client, "/reminders/", **{"HX-Request": "true"})
    assert shown.count("reminder-row") == 30
    following = shown.split("?after=")[1].split('"')[0]
    with CaptureQueriesContext(connection) as second:
        rest = page(client, f"/reminders/?after={following}", **{"HX-Request": "true"})
    assert rest.count("reminder-row") == 10
    assert "?after=" not in rest
    assert len(first) == len(second)
    with CaptureQueriesContext(connection) as third:
        anew = page(client, "/reminders/?rows=33", **{"HX-Request": "true"})
    assert anew.count("reminder-row") == 33
    assert "?after=" in anew
    assert len(first) == len(third)
    assert page(client, "/reminders/?rows=none", **{"HX-Request": "true"}).count("reminder-row") == 30
    assert client.get("/reminders/?after=nonsense").status_code == 404
