"""What a team does among itself in a conversation, on its pages."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import assign, calls, conversations, notes, people
from candidly.actions.attachments import keep
from candidly.models import Conversation, Member, Message, Opening, Person
from candidly.rules.portal_links import address_of
from tests.web.letters import hears_from, write_to

SignIn = Callable[[Member], Client]


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, subject="Your interview", application=amara.applications.get()).conversation


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def toasts(answer) -> str:  # type: ignore[no-untyped-def]
    return " ".join(toast["text"] for toast in json.loads(answer.headers["HX-Trigger"])["toasts"]["toasts"])


HX = {"HX-Request": "true"}


# ── Notes


def test_a_note_goes_from_the_composer_to_the_timeline_and_nowhere_else(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    answer = client_of(hannah).post(
        f"/conversations/{conversation.pk}/messages/",
        {"text": "@Priya Nair <b>look</b>", "note": "on", "send_key": "k1", "subject": "Re: Your interview"},
        headers=HX,
    )
    assert answer.status_code == 200
    assert toasts(answer) == "Note added, Priya Nair told"
    assert "message-sent" in answer.headers["HX-Trigger"]
    note = Message.objects.get(channel="note")
    assert not note.deliveries.exists()
    shown = page(client_of(priya), f"/conversations/{conversation.pk}/")
    assert 'data-channel="note"' in shown
    assert "Internal note, your team only" in shown
    assert '<span class="merge-field">@Priya Nair</span> &lt;b&gt;look' in shown
    assert re.search(r'day-separator" data-unread', shown)


def test_the_person_finds_nothing_of_the_team_in_the_portal(
    client: Client, hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    file = keep(hannah, "opinion.pdf", "application/pdf", BytesIO(b"%PDF-1.7 opinion"))
    notes.note(hannah, conversation, "CRRT unsupervised?", attachments=[file])
    calls.log(hannah, amara, outcome=Message.CallOutcome.SPOKE, note="Sounded tired", conversation=conversation)
    assign.assign(hannah, conversation, priya)
    conversations.answer(hannah, conversation, text="Can you start in May?", channels=("app",))
    seed = conversation.portal_links.get().seed
    shown = client.get(urlsplit(address_of(seed)).path, follow=True).content.decode()
    assert "Can you start in May?" in shown
    for own in ("CRRT", "opinion.pdf", "tired", "Spoke", "assigned"):
        assert own not in shown


def test_a_note_that_is_begun_comes_back_as_a_note(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    client.post("/drafts/", {"conversation": conversation.pk, "text": "Not for her", "note": "1", "channels": "email"})
    assert re.search(r'name="note"[^>]* checked', page(client, f"/conversations/{conversation.pk}/"))


def test_what_a_note_is_refused_for_stands_at_the_composer(
    client_of: SignIn, hannah: Member, marcus: Member, kwame: Person
) -> None:
    elsewhere = write_to(kwame, hannah).conversation
    refused = client_of(hannah).post(
        f"/conversations/{elsewhere.pk}/messages/", {"text": "@Marcus look", "note": "on"}, headers=HX
    )
    assert refused.status_code == 422
    assert "Marcus Bell cannot see this conversation" in refused.content.decode()


def test_the_menu_of_names_holds_those_who_can_see_the_conversation(
    client_of: SignIn, hannah: Member, priya: Member, marcus: Member, ruth: Member, kwame: Person
) -> None:
    elsewhere = write_to(kwame, hannah).conversation
    names = re.findall('data-name="([^"]+)"', page(client_of(hannah), f"/conversations/{elsewhere.pk}/colleagues/"))
    assert names == ["Priya Nair", "Ruth Adeyemi"]


def test_the_inbox_shows_whose_note_is_the_newest_line(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    notes.note(hannah, conversation, "@Priya look")
    assign.assign(priya, conversation, priya)
    shown = page(client_of(priya), "/inbox/")
    assert "Hannah: @Priya look" in shown
    assert "#i-note" in shown


def test_a_conversation_asks_no_more_questions_for_more_notes_and_calls(
    client_of: SignIn, hannah: Member, priya: Member, marcus: Member, amara: Person, conversation: Conversation
) -> None:
    client = client_of(hannah)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page(client, f"/conversations/{conversation.pk}/")
        return len(caught)

    notes.note(hannah, conversation, "@Priya look")
    calls.log(hannah, amara, outcome=Message.CallOutcome.SPOKE, conversation=conversation)
    queries()
    few = queries()
    for _ in range(5):
        notes.note(hannah, conversation, "@Priya and @Marcus look")
        calls.log(hannah, amara, outcome=Message.CallOutcome.SPOKE, conversation=conversation)
    assert queries() == few


# ── Who leads


def test_a_conversation_is_assigned_from_its_head(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    assert "Assigned to </span><bdi>Hannah Whitlock</bdi>" in page(client, f"/conversations/{conversation.pk}/")
    assert "<bdi>Priya Nair</bdi>" in page(client, f"/conversations/{conversation.pk}/assign/?menu")
    answer = client.post(f"/conversations/{conversation.pk}/assign/", {"to": priya.pk}, headers=HX)
    assert toasts(answer) == "Assigned to Priya Nair"
    assert "Assigned to </span><bdi>Priya Nair</bdi>" in answer.content.decode()
    shown = page(client, f"/conversations/{conversation.pk}/")
    assert re.search(r"timeline-event.*<bdi>Hannah Whitlock</bdi></b> assigned this to Priya Nair", shown)


def test_a_stranger_cannot_be_assigned(
    client_of: SignIn, hannah: Member, omar: Member, conversation: Conversation
) -> None:
    for to in (omar.pk, "", "x"):
        assert client_of(hannah).post(f"/conversations/{conversation.pk}/assign/", {"to": to}).status_code == 404


# ── Calls


def test_a_call_is_logged_from_the_profile_and_stands_in_the_timeline(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    client = client_of(hannah)
    assert 'data-opens="log-call"' in page(client, f"/candidates/{amara.pk}/")
    call = {"they_called": "yes", "outcome": "voicemail", "note": "Asks about parking", "send_key": "k1"}
    answer = client.post(f"/candidates/{amara.pk}/calls/", call, headers=HX)
    assert toasts(answer) == "Call logged"
    assert {"dialog-done", "message-sent"} <= json.loads(answer.headers["HX-Trigger"]).keys()
    shown = page(client, f"/conversations/{conversation.pk}/")
    assert re.search(r'data-channel="call".*?Amara Okafor</bdi></b> called you.*?Left a voicemail', shown, re.DOTALL)
    assert "Asks about parking" in shown


def test_a_call_without_an_outcome_is_asked_about_and_the_note_stays(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    refused = client_of(hannah).post(
        f"/conversations/{conversation.pk}/calls/", {"they_called": "no", "note": "Long talk"}, headers=HX
    )
    assert refused.status_code == 422
    assert "Long talk" in refused.content.decode()
    assert "call-outcome_error" in refused.content.decode()


# ── Previous applications


@pytest.fixture
def past(amara: Person, nights: Opening, priya: Member) -> Conversation:
    """With another colleague, at another place, and declined."""
    application = people.apply(amara, nights)
    conversation = write_to(amara, priya, subject="About the nights", application=application).conversation
    hears_from(amara, conversation, "I only work days")
    return conversation


def test_a_hiring_manager_reads_what_was_written_about_other_openings(
    client_of: SignIn, marcus: Member, amara: Person, conversation: Conversation, past: Conversation
) -> None:
    client = client_of(marcus)
    shown = page(client, f"/candidates/{amara.pk}/previous/")
    for part in (
        "Healthcare Assistant, Nights – Bradford",
        "Priya Nair",
        "2 messages",
        "I only work days",
        "Read-only",
    ):
        assert part in shown
    beside = page(client, f"/conversations/{conversation.pk}/")
    assert "Healthcare Assistant, Nights – Bradford" in beside
    assert "2 messages with Priya Nair" in beside
    assert client.post(f"/conversations/{past.pk}/messages/", {"text": "Hello"}).status_code == 422


def test_who_may_answer_there_is_led_there(
    client_of: SignIn, hannah: Member, amara: Person, past: Conversation
) -> None:
    shown = page(
        client_of(hannah), f"/candidates/{amara.pk}/previous/?application={amara.applications.earliest('pk').pk}"
    )
    assert "Nothing was written" in shown
    newest = page(client_of(hannah), f"/candidates/{amara.pk}/previous/")
    assert "Previous applications <span" in newest


def test_an_application_or_thread_of_somebody_else_is_not_there(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person, past: Conversation
) -> None:
    client = client_of(hannah)
    other = kwame.applications.get().pk
    for asked in (f"application={other}", "application=x", f"thread={past.pk + 1000}"):
        assert client.get(f"/candidates/{amara.pk}/previous/?{asked}").status_code == 404


def test_who_applied_once_has_none(client_of: SignIn, hannah: Member, amara: Person) -> None:
    assert "No previous applications" in page(client_of(hannah), f"/candidates/{amara.pk}/previous/")


def test_previous_applications_cost_the_same_however_many(
    client_of: SignIn, hannah: Member, amara: Person, past: Conversation, icu: Opening
) -> None:
    client = client_of(hannah)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            page(client, f"/candidates/{amara.pk}/previous/")
        return len(caught)

    write_to(amara, hannah, subject="The first", application=amara.applications.earliest("pk"))
    queries()
    few = queries()
    for number in range(4):
        write_to(amara, hannah, subject=f"Again {number}", application=people.apply(amara, icu))
    assert queries() == few


# ── Messages


def test_texts_and_in_app_messages_stand_together_and_mails_do_not(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person
) -> None:
    write_to(amara, hannah, text="By mail alone")
    write_to(amara, priya, text="By mail and in-app", channels=("email", "app"))
    write_to(amara, hannah, text="In-app alone", channels=("app",))
    shown = page(client_of(hannah), f"/candidates/{amara.pk}/messages/")
    assert "By mail alone" not in shown
    assert "By mail and in-app" in shown
    assert "In-app alone" in shown
    assert 'Messages <span class="badge">2</span>' in shown
