"""The inbox: what a member sees listed, in what order, and what they do not."""

from collections.abc import Callable

import pytest
from django.test import Client

from candidly.actions import conversations
from candidly.models import Delivery, Member, Message, Opening, Participation, Person
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
    assert 'id="tab-unread" hx-swap-oob="true">2<' in page(client, "/inbox/rows/")


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
