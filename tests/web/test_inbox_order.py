"""The order of the list: chosen in the address, kept wherever it leads, and read from one index both ways."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from candidly.actions import conversations, participations
from candidly.models import Conversation, Member, Participation, Person
from candidly.rules.access import participations_for
from candidly.web.inbox.folders import FOLDERS
from candidly.web.inbox.paging import ORDERS
from tests.web.letters import write_to

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def letters(client: Client, url: str) -> list[str]:
    return [row.conversation.snippet for row in client.get(url).context["list"].rows]


def test_oldest_first_turns_the_list_around(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for word in ("one", "two", "three"):
        write_to(amara, hannah, text=word)
    client = client_of(hannah)
    assert letters(client, "/inbox/?sort=oldest") == ["one", "two", "three"]
    assert letters(client, "/inbox/?sort=newest") == ["three", "two", "one"]
    assert letters(client, "/inbox/?sort=by-mood") == ["three", "two", "one"]


@pytest.mark.parametrize(("order", "label"), [("newest", "Newest first"), ("oldest", "Oldest first")])
def test_the_menu_says_which_order_it_is(client_of: SignIn, hannah: Member, order: str, label: str) -> None:
    shown = page(client_of(hannah), f"/inbox/?sort={order}")
    assert f'<span class="visually-hidden">Sort: </span>{label}' in shown
    (chosen,) = [
        one for one in shown.split('role="menuitemradio"') if one.startswith(' aria-checked="true"') and label in one
    ]
    assert "i-check" in chosen


def test_what_the_page_leads_to_keeps_the_order(client_of: SignIn, hannah: Member, amara: Person) -> None:
    pk = write_to(amara, hannah).conversation_id
    client = client_of(hannah)
    shown = page(client, "/inbox/?folder=mine&sort=oldest")
    for folder in ("unread", "waiting", "archived"):
        assert f'href="/inbox/?folder={folder}&amp;sort=oldest"' in shown
    assert 'href="/inbox/?sort=oldest"' in shown  # all
    assert f'href="/conversations/{pk}/?folder=mine&amp;sort=oldest"' in shown
    assert 'hx-get="/inbox/rows/?folder=mine&amp;sort=oldest"' in shown
    shown = page(client, f"/conversations/{pk}/?sort=oldest")
    assert f'href="/conversations/{pk}/"' in shown  # newest first, with the conversation still open
    assert f'hx-post="/conversations/{pk}/archive/?sort=oldest"' in shown


@pytest.mark.parametrize("act", ["archive", "unread", "snooze"])
def test_who_leaves_a_conversation_comes_back_to_the_list_in_its_order(
    client_of: SignIn, hannah: Member, amara: Person, act: str
) -> None:
    pk = write_to(amara, hannah).conversation_id
    url = f"/conversations/{pk}/{act}/?folder=mine&sort=oldest&channel=email"
    left = client_of(hannah).post(url, {"choice": "tomorrow"}, headers=HTMX)
    assert left.headers["HX-Redirect"] == "/inbox/?folder=mine&sort=oldest&channel=email"


def test_what_is_brought_back_stands_in_a_list_of_that_order(client_of: SignIn, hannah: Member, amara: Person) -> None:
    pk = write_to(amara, hannah).conversation_id
    participations.archive(hannah, [pk])
    back = client_of(hannah).delete(f"/conversations/{pk}/archive/?folder=archived&sort=oldest", headers=HTMX)
    assert back.headers["HX-Redirect"] == f"/conversations/{pk}/?sort=oldest"


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_in_either_order_show_everything_once(
    client_of: SignIn, hannah: Member, amara: Person, order: str
) -> None:
    """Also where many came at one moment, as from a mailing."""
    sent = [write_to(amara, hannah, text=f"Letter {number:03}") for number in range(65)]
    Participation.objects.filter(conversation__in=[one.conversation_id for one in sent[10:50]]).update(
        last_message_at=sent[50].created_at
    )
    client, url, seen = client_of(hannah), f"/inbox/rows/?sort={order}", []
    while url:
        shown = client.get(url).context["list"]
        seen += [row.conversation.snippet for row in shown.rows]
        url = f"/inbox/rows/?sort={order}&after={shown.next}" if shown.next else ""
    letters = [f"Letter {number:03}" for number in range(65)]
    assert seen == (letters if order == "oldest" else letters[::-1])


def test_with_the_oldest_first_a_new_message_moves_no_row_of_the_first_page(
    client_of: SignIn, hannah: Member, amara: Person
) -> None:
    for number in range(25):
        write_to(amara, hannah, text=f"Letter {number:03}")
    client, refreshed = client_of(hannah), "/inbox/rows/?sort=oldest&rows=20"
    before = letters(client, refreshed)
    write_to(amara, hannah, text="Meanwhile")
    assert letters(client, refreshed) == before


def test_the_open_conversation_keeps_its_place_among_the_oldest(
    client_of: SignIn, hannah: Member, amara: Person
) -> None:
    first, second, third = (write_to(amara, hannah, text=word).conversation_id for word in ("one", "two", "three"))
    hannah.participations.filter(conversation__in=[first, third]).update(is_unread=True)
    rows = f"/inbox/rows/?folder=unread&sort=oldest&open={second}"
    assert letters(client_of(hannah), rows) == ["one", "two", "three"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_both_orders_of_a_tab_are_read_from_its_index(hannah: Member, amara: Person, folder: str, order: str) -> None:
    """Among a thousand conversations, because planners weigh an index by what stands in it."""
    whose = {"organization": hannah.organization, "person": amara}
    crowd = Conversation.objects.bulk_create([Conversation(**whose) for _ in range(1000)])
    kinds: list[dict[str, Any]] = [
        {"is_unread": True},
        {"role": "owner"},
        {"is_waiting": True},
        {"archived_at": crowd[0].created_at},
    ]
    told = [{"role": "follower", **only} for only in kinds + [{}] * (len(crowd) - len(kinds))]
    Participation.objects.bulk_create(
        [Participation(conversation=one, member=hannah, **what) for one, what in zip(crowd, told, strict=True)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = ORDERS[order].apply(participations_for(hannah).filter(**FOLDERS[folder].only))
    plan = rows[:31].explain()
    assert f"participation_{'inbox' if folder == 'all' else folder} " in f"{plan} "
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_a_page_far_down_in_the_oldest_asks_no_more_than_the_first(
    client_of: SignIn, hannah: Member, amara: Person, django_assert_num_queries: Callable[[int], object]
) -> None:
    for number in range(65):
        conversations.start(hannah, amara, subject=f"Letter {number}", text="Hello")
    client, after = client_of(hannah), ""
    for _ in range(3):
        with django_assert_num_queries(3):  # type: ignore[attr-defined]  # session, account with member, rows
            shown = client.get(f"/inbox/rows/?sort=oldest&after={after}")
        after = shown.context["list"].next
