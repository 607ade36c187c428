"""The inbox: what a member sees listed, in what order, and what they do not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from candidly.actions import conversations, participations
from candidly.models import Conversation, Delivery, Member, Message, Opening, Participation, Person
from candidly.rules.access import participations_for
from candidly.web.inbox.folders import FOLDERS
from tests.web.letters import hears_from, write_to

SignIn = Callable[[Member], Client]


def page(client: Client, url: str = "/inbox/") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_inbox_offers_one_next_step(client_of: SignIn, hannah: Member) -> None:
    shown = page(client_of(hannah))
    assert "You’re all caught up" in shown
    assert "Find candidates" in shown


def test_the_inbox_lists_the_members_own_conversations_newest_first(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person, kwame: Person
) -> None:
    write_to(amara, hannah, text="Dear Amara")
    write_to(kwame, hannah, text="Dear Kwame")
    write_to(kwame, priya, text="From Priya alone")
    shown = page(client_of(hannah))
    assert shown.index("Dear Kwame") < shown.index("Dear Amara")
    assert "From Priya alone" not in shown
    assert "You: Dear Kwame" in shown


def test_a_teammates_words_carry_their_name(client_of: SignIn, hannah: Member, priya: Member, amara: Person) -> None:
    first = write_to(amara, hannah)
    conversations.answer(priya, first.conversation, text="I take over")
    assert "Priya: I take over" in page(client_of(hannah))


def test_a_reply_is_unread_and_stands_in_the_unread_tab(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    hears_from(amara, write_to(amara, hannah).conversation, "Yes, gladly")
    write_to(kwame, hannah, text="Dear Kwame")
    shown = page(client_of(hannah), "/inbox/?folder=unread")
    assert "Yes, gladly" in shown
    assert "data-unread" in shown
    assert "Dear Kwame" not in shown


def test_a_failed_message_says_why_in_the_list(client_of: SignIn, hannah: Member, amara: Person) -> None:
    message = write_to(amara, hannah)
    message.deliveries.update(state=Delivery.State.FAILED, reason="The mailbox is full.")
    conversation = message.conversation
    conversation.has_failure = True
    conversation.save(update_fields=["has_failure"])
    assert "Not delivered: The mailbox is full." in page(client_of(hannah))


def test_archived_conversations_are_not_listed(client_of: SignIn, hannah: Member, amara: Person) -> None:
    message = write_to(amara, hannah, text="Dear Amara")
    Participation.objects.update(archived_at=message.created_at)
    assert "Dear Amara" not in page(client_of(hannah))


@pytest.fixture
def four(hannah: Member, priya: Member, amara: Person, kwame: Person) -> dict[str, int]:
    """Of each kind one, for Hannah: her own, another's that she joined, one that waits on her, one archived."""
    kinds = {
        "own": write_to(amara, hannah),
        "joined": write_to(amara, priya),
        "waiting": write_to(kwame, hannah),
        "archived": write_to(kwame, hannah),
    }
    conversations.answer(hannah, kinds["joined"].conversation, text="I take over")
    hears_from(kwame, kinds["waiting"].conversation, "When do I start?")
    participations.archive(hannah, [kinds["archived"].conversation_id])
    return {kind: message.conversation_id for kind, message in kinds.items()}


@pytest.mark.parametrize(
    ("folder", "kinds"),
    [
        ("all", {"own", "joined", "waiting"}),
        ("unread", {"waiting"}),
        ("mine", {"own", "waiting"}),
        ("waiting", {"waiting"}),
        ("archived", {"archived"}),
    ],
)
def test_each_tab_has_its_own(
    client_of: SignIn, hannah: Member, four: dict[str, int], folder: str, kinds: set[str]
) -> None:
    shown = client_of(hannah).get(f"/inbox/?folder={folder}")
    assert {row.conversation.pk for row in shown.context["list"].rows} == {four[kind] for kind in kinds}
    assert f'folder={folder}" aria-current="page"' in shown.content.decode() or folder == "all"


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("unread", "Nothing unread"),
        ("mine", "Nothing of your own"),
        ("waiting", "Nobody waits"),
        ("archived", "Nothing"),
    ],
)
def test_an_empty_tab_says_so(client_of: SignIn, hannah: Member, folder: str, says: str) -> None:
    assert says in page(client_of(hannah), f"/inbox/?folder={folder}")


@pytest.mark.parametrize("folder", ["unread", "waiting"])
def test_the_open_conversation_keeps_its_place_in_a_tab_it_has_left(
    client_of: SignIn, hannah: Member, four: dict[str, int], folder: str
) -> None:
    client = client_of(hannah)
    client.get(f"/conversations/{four['waiting']}/?folder={folder}")
    Participation.objects.update(is_unread=False, is_waiting=False)
    rows = f"/inbox/rows/?folder={folder}"
    assert f'id="row-{four["waiting"]}"' in page(client, f"{rows}&open={four['waiting']}")
    assert "conversation-row" not in page(client, rows)
    assert "conversation-row" not in page(client, f"{rows}&open={four['archived']}")


@pytest.mark.parametrize(
    ("folder", "index"),
    [
        ("all", "participation_inbox"),
        ("unread", "participation_unread"),
        ("mine", "participation_mine"),
        ("waiting", "participation_waiting"),
        ("archived", "participation_archived"),
    ],
)
def test_each_tab_is_read_from_an_index_of_its_own(hannah: Member, amara: Person, folder: str, index: str) -> None:
    """Among a thousand conversations, because planners weigh an index by what stands in it."""
    whose = {"organization": hannah.organization, "person": amara}
    crowd = Conversation.objects.bulk_create([Conversation(**whose) for _ in range(1000)])
    few: list[dict[str, Any]] = [
        {"is_unread": True},
        {"role": "owner"},
        {"is_waiting": True},
        {"archived_at": timezone.now()},
    ]
    told = [{"role": "follower", "member": hannah, **only} for only in few + [{}] * (len(crowd) - len(few))]
    Participation.objects.bulk_create(
        [Participation(conversation=one, **what) for one, what in zip(crowd, told, strict=True)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = participations_for(hannah).filter(**FOLDERS[folder].only).order_by("-last_message_at", "-pk")[:31].explain()
    assert f"{index} " in f"{plan} "
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_the_count_of_unread_ends_at_a_hundred(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for _ in range(101):
        write_to(amara, hannah)
    hannah.participations.update(is_unread=True)
    assert 'id="tab-unread">99+<' in page(client_of(hannah))


def test_load_more_continues_after_the_last_row_shown(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for number in range(65):
        write_to(amara, hannah, text=f"Letter {number:03}")
    client, url, seen = client_of(hannah), "/inbox/rows/?folder=all", []
    while url:
        shown = client.get(url)
        seen += [row.conversation.snippet for row in shown.context["list"].rows]
        write_to(amara, hannah, text="Meanwhile")  # what comes at the top shifts nothing below
        following = shown.context["list"].next
        url = f"/inbox/rows/?folder=all&after={following}" if following else ""
    assert seen == [f"Letter {number:03}" for number in reversed(range(65))]


def test_the_list_is_fetched_again_as_long_as_it_is_shown(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for number in range(45):
        write_to(amara, hannah, text=f"Letter {number:03}")
    shown = client_of(hannah).get("/inbox/rows/?folder=all&rows=45")
    assert len(shown.context["list"].rows) == 45


def test_a_made_up_key_is_not_found(client_of: SignIn, hannah: Member) -> None:
    assert client_of(hannah).get("/inbox/rows/?after=yesterday").status_code == 404
    assert client_of(hannah).get("/inbox/?folder=secret").status_code == 404


def test_the_counter_counts_unread_conversations(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    client = client_of(hannah)
    assert "badge" not in page(client, "/inbox/counter/").partition("</a>")[0]
    for person in (amara, kwame):
        hears_from(person, write_to(person, hannah).conversation, "Yes")
    counter = page(client, "/inbox/counter/")
    assert "Message center, 2 unread" in counter
    assert 'id="nav-unread"' in counter
    assert 'id="tab-unread" hx-swap-oob="morph">2<' in page(client, "/inbox/rows/")


def test_another_organization_sees_nothing(
    client_of: SignIn, hannah: Member, omar: Member, amara: Person, leila: Person
) -> None:
    write_to(amara, hannah, text="Dear Amara")
    write_to(leila, omar, text="Dear Leila")
    shown = page(client_of(omar))
    assert "Dear Leila" in shown
    assert "Amara" not in shown


@pytest.mark.parametrize("rows", [3, 30])
def test_the_inbox_asks_the_database_the_same_few_questions_however_long_it_is(
    client_of: SignIn,
    hannah: Member,
    nights: Opening,
    kwame: Person,
    rows: int,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    application = kwame.applications.get()
    for _ in range(rows):
        message = write_to(kwame, hannah, application=application)
        message.deliveries.update(state=Delivery.State.FAILED, reason="The mailbox is full.")
    client = client_of(hannah)
    hannah.participations.update(is_unread=True)
    for message in Message.objects.select_related("conversation"):
        message.conversation.has_failure = True
        message.conversation.save(update_fields=["has_failure"])
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        page(client)


def test_a_page_far_down_asks_no_more_than_the_first(
    client_of: SignIn, hannah: Member, amara: Person, django_assert_num_queries: Callable[[int], object]
) -> None:
    for number in range(95):
        write_to(amara, hannah, text=f"Letter {number:03}")
    client, after = client_of(hannah), ""
    for _ in range(3):
        with django_assert_num_queries(3):  # type: ignore[attr-defined]  # session, account with member, rows
            shown = client.get(f"/inbox/rows/?after={after}")
        after = shown.context["list"].next
