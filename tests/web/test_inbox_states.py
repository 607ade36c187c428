"""What a member does with conversations of their inbox: archived, snoozed, unread. Nobody else's inbox changes."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from candidly.actions import conversations, participations
from candidly.models import Conversation, Delivery, LiveEvent, Member, Message, Participation, Person
from tests.web.letters import hears_from, write_to

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(hannah: Member, priya: Member, amara: Person) -> Conversation:
    """Hannah's, in which Priya takes part, with an answer that both have read."""
    message = write_to(amara, hannah, text="Dear Amara")
    conversations.answer(priya, message.conversation, text="Me too")
    hears_from(amara, message.conversation, "Yes, gladly")
    for member in (hannah, priya):
        participations.mark_read(member, [message.conversation_id])
    return message.conversation


def listed(client: Client, folder: str = "all") -> list[int]:
    """The conversations that the tab shows."""
    shown = client.get(f"/inbox/?folder={folder}")
    return [row.conversation.pk for row in shown.context["list"].rows]


def toast(answer) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """The only confirmation that came with an htmx answer."""
    (only,) = json.loads(answer.headers["HX-Trigger"])["toasts"]["toasts"]
    return dict(only)


def own(member: Member, conversation: Conversation) -> Participation:
    return member.participations.get(conversation=conversation)


# ── Archive


def test_archiving_takes_it_out_of_this_members_inbox_alone(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    done = client.post("/inbox/archive/", {"ids": f"{conversation.pk}"}, headers=HTMX)
    assert done.status_code == 204
    assert toast(done)["text"] == "Archived 1 conversation."
    assert listed(client) == []
    assert listed(client, "archived") == [conversation.pk]
    assert listed(client_of(priya)) == [conversation.pk]
    assert LiveEvent.objects.filter(topic=f"member:{hannah.pk}", name="inbox").exists()


def test_undo_brings_back_what_was_archived_and_nothing_else(
    client_of: SignIn, hannah: Member, conversation: Conversation, kwame: Person
) -> None:
    archived = write_to(kwame, hannah).conversation
    participations.archive(hannah, [archived.pk])
    client = client_of(hannah)
    done = client.post("/inbox/archive/", {"ids": f"{conversation.pk},{archived.pk}"}, headers=HTMX)
    undo = toast(done)["undo"]
    assert undo == {"method": "delete", "url": f"/inbox/archive/?ids={conversation.pk}"}
    assert client.delete(undo["url"], headers=HTMX).status_code == 204
    assert listed(client) == [conversation.pk]
    assert listed(client, "archived") == [archived.pk]


def test_archiving_twice_confirms_once(client_of: SignIn, hannah: Member, conversation: Conversation) -> None:
    client = client_of(hannah)
    first, second = (client.post("/inbox/archive/", {"ids": conversation.pk}, headers=HTMX) for _ in range(2))
    assert "toasts" in first.headers["HX-Trigger"]
    assert "toasts" not in second.headers["HX-Trigger"]


def test_an_answer_brings_it_back_from_the_archive(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    participations.archive(hannah, [conversation.pk])
    hears_from(amara, conversation, "One more thing")
    assert listed(client_of(hannah)) == [conversation.pk]


def test_the_open_conversation_is_archived_from_its_head_and_left(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    done = client.post(f"/conversations/{conversation.pk}/archive/?folder=mine", headers=HTMX)
    assert done.headers["HX-Redirect"] == "/inbox/?folder=mine"
    shown = client.get("/inbox/?folder=mine").content.decode()
    assert "Archived 1 conversation." in shown
    assert f'hx-delete="/inbox/archive/?ids={conversation.pk}"' in shown


def test_an_archived_conversation_offers_to_come_back(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    participations.archive(hannah, [conversation.pk])
    client = client_of(hannah)
    assert 'aria-label="Unarchive"' in client.get(f"/conversations/{conversation.pk}/").content.decode()
    done = client.delete(f"/conversations/{conversation.pk}/archive/", headers=HTMX)
    assert done.headers["HX-Redirect"] == f"/conversations/{conversation.pk}/"
    assert listed(client) == [conversation.pk]


# ── Read and unread


def test_marking_unread_shows_the_last_answer_as_new_again(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    assert client.post("/inbox/unread/", {"ids": conversation.pk}, headers=HTMX).status_code == 204
    assert listed(client, "unread") == [conversation.pk]
    assert not own(priya, conversation).is_unread
    shown = client.get(f"/conversations/{conversation.pk}/").content.decode()
    assert re.search(r'day-separator" data-unread.*?Yes, gladly', shown, re.DOTALL)


def test_marking_read_needs_no_opening(client_of: SignIn, hannah: Member, conversation: Conversation) -> None:
    participations.mark_unread(hannah, [conversation.pk])
    client = client_of(hannah)
    assert client.delete(f"/inbox/unread/?ids={conversation.pk}", headers=HTMX).status_code == 204
    assert listed(client, "unread") == []
    assert own(hannah, conversation).read_up_to == conversation.messages.latest("pk").pk


def test_the_open_conversation_is_left_unread(client_of: SignIn, hannah: Member, conversation: Conversation) -> None:
    client = client_of(hannah)
    client.get(f"/conversations/{conversation.pk}/")
    done = client.post(f"/conversations/{conversation.pk}/unread/", headers=HTMX)
    assert done.headers["HX-Redirect"] == "/inbox/"
    assert own(hannah, conversation).is_unread


# ── Snooze


@pytest.fixture
def in_leeds(hannah: Member) -> Member:
    """Hannah, an hour or none before UTC."""
    hannah.time_zone = "Europe/London"
    hannah.save(update_fields=["time_zone"])
    return hannah


def snooze(client: Client, conversation: Conversation, **chosen: str):  # type: ignore[no-untyped-def]
    return client.post(f"/conversations/{conversation.pk}/snooze/", chosen, headers=HTMX)


def test_snoozed_until_tomorrow_it_waits_in_the_archive(
    client_of: SignIn, in_leeds: Member, conversation: Conversation
) -> None:
    client = client_of(in_leeds)
    assert snooze(client, conversation, choice="tomorrow").headers["HX-Redirect"] == "/inbox/"
    shown = client.get("/inbox/?folder=archived").content.decode()
    assert "Snoozed until tomorrow 08:30." in shown
    assert re.search("Snoozed until <time[^>]*>tomorrow 08:30</time>", shown)
    assert listed(client) == []
    until = own(in_leeds, conversation).snoozed_until
    assert until is not None
    local = until.astimezone(ZoneInfo("Europe/London"))
    assert (local.hour, local.minute) == (8, 30)


def test_a_picked_time_is_in_the_members_zone(client_of: SignIn, in_leeds: Member, conversation: Conversation) -> None:
    noon = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT12:00")
    snooze(client_of(in_leeds), conversation, until=noon)
    expected = datetime.fromisoformat(noon).replace(tzinfo=ZoneInfo("Europe/London"))
    assert own(in_leeds, conversation).snoozed_until == expected


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("2020-01-01T12:00", "This time has passed."),
        ("2999-01-01T12:00", "more than a year away"),
        ("soon", "This is no date and time."),
        ("", "Choose a date and a time."),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(
    client_of: SignIn, hannah: Member, conversation: Conversation, until: str, sentence: str
) -> None:
    refused = snooze(client_of(hannah), conversation, until=until)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert own(hannah, conversation).archived_at is None


def test_the_worker_wakes_what_is_due_unread_and_at_the_top(
    client_of: SignIn, hannah: Member, kwame: Person, conversation: Conversation
) -> None:
    snooze(client_of(hannah), conversation, choice="tomorrow")
    later = write_to(kwame, hannah).conversation
    assert not participations.wake_snoozed()
    Participation.objects.filter(snoozed_until__isnull=False).update(snoozed_until=timezone.now())
    LiveEvent.objects.all().delete()
    assert participations.wake_snoozed()
    assert listed(client_of(hannah)) == [conversation.pk, later.pk]
    assert listed(client_of(hannah), "unread") == [conversation.pk]
    assert LiveEvent.objects.filter(topic=f"member:{hannah.pk}", name="inbox").exists()
    assert not participations.wake_snoozed()


def test_an_answer_ends_a_snooze(client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation) -> None:
    snooze(client_of(hannah), conversation, choice="monday")
    hears_from(amara, conversation, "One more thing")
    assert own(hannah, conversation).snoozed_until is None
    assert listed(client_of(hannah)) == [conversation.pk]


def test_a_snoozed_conversation_can_be_brought_back_now(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    snooze(client, conversation, choice="tomorrow")
    client.delete(f"/conversations/{conversation.pk}/snooze/", headers=HTMX)
    assert listed(client) == [conversation.pk]
    assert own(hannah, conversation).snoozed_until is None


# ── Whose


def test_nobody_changes_what_they_take_no_part_in(
    client_of: SignIn, hannah: Member, omar: Member, sofia: Member, conversation: Conversation
) -> None:
    for stranger in (omar, sofia):
        client = client_of(stranger)
        client.post("/inbox/archive/", {"ids": conversation.pk}, headers=HTMX)
        for noun in ("archive", "unread", "snooze"):
            assert client.post(f"/conversations/{conversation.pk}/{noun}/", headers=HTMX).status_code == 404
    assert listed(client_of(hannah)) == [conversation.pk]


def test_who_only_reads_a_conversation_is_not_offered_to_archive_it(
    client_of: SignIn, ruth: Member, conversation: Conversation
) -> None:
    shown = client_of(ruth).get(f"/conversations/{conversation.pk}/").content.decode()
    assert 'data-act="archive"' not in shown.partition("pane-thread")[2]


@pytest.mark.parametrize("ids", ["", "all", "1,", ",".join("1" * 301)])
def test_made_up_ids_are_not_found(client_of: SignIn, hannah: Member, ids: str) -> None:
    assert client_of(hannah).post("/inbox/archive/", {"ids": ids}, headers=HTMX).status_code == 404


# ── How much is asked


@pytest.mark.parametrize("number", [2, 40])
@pytest.mark.parametrize("does", ["archive", "unarchive", "mark_read", "mark_unread"])
def test_many_are_changed_in_as_few_queries_as_two(
    hannah: Member, amara: Person, does: str, number: int, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    ids = [hears_of(amara, hannah).pk for _ in range(number)]
    if does == "unarchive":
        participations.archive(hannah, ids)
    if does == "mark_unread":
        participations.mark_read(hannah, ids)
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        assert len(getattr(participations, does)(hannah, ids)) == number


def hears_of(person: Person, member: Member) -> Conversation:
    """A conversation with an unread message of the person, made without the mail in between."""
    conversation = write_to(person, member).conversation
    Message.objects.create(
        organization=member.organization, conversation=conversation, person=person, direction=Message.Direction.IN
    )
    conversation.participations.update(is_unread=True)
    Delivery.objects.all().delete()
    return conversation
