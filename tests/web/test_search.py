"""The search page: what it shows for words and filters, to whom, and where its rows lead."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from django.test import Client

from candidly.actions import indexing
from candidly.models import Application, Member, Message, Opening, Person
from tests.web.letters import hears_from, write_to

type SignIn = Callable[[Member], Client]


def page(client: Client, address: str = "") -> str:
    """What the page shows, once everything is indexed."""
    while indexing.index_new(100):
        pass
    answer = client.get(f"/search/{address}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def interview(hannah: Member, amara: Person, amaras_application: Application) -> Message:
    text = "Dear Amara, <b>your</b> interview is on Tuesday morning, in the café."
    return write_to(amara, hannah, subject="Ward visit", text=text, application=amaras_application)


def test_before_anything_is_asked_it_says_what_will_be_found(client_of: SignIn, hannah: Member) -> None:
    assert "Search everything that was said" in page(client_of(hannah))


def test_a_message_is_shown_with_its_words_marked_and_leads_to_its_place(
    client_of: SignIn, hannah: Member, interview: Message
) -> None:
    shown = page(client_of(hannah), "?q=interv+café")
    assert "<mark>interview</mark> is on Tuesday morning, in the <mark>café</mark>." in shown
    assert f"/conversations/{interview.conversation_id}/?at={interview.pk}" in shown
    assert "You: " in shown
    assert "Staff Nurse, ICU – Leeds" in shown or "Staff Nurse, ICU" in shown
    assert "1 message" in shown


def test_what_was_written_is_shown_and_not_obeyed(client_of: SignIn, hannah: Member, interview: Message) -> None:
    shown = client_of(hannah).get("/search/?q=your") if indexing.index_new(10) else None
    assert shown is not None
    assert "&lt;b&gt;<mark>your</mark>&lt;/b&gt;" in shown.content.decode()


def test_a_long_text_is_shown_from_just_before_the_word(client_of: SignIn, hannah: Member, amara: Person) -> None:
    write_to(amara, hannah, text=f"{'before ' * 100}needle {'after ' * 100}")
    shown = page(client_of(hannah), "?q=needle")
    assert "… before before" in shown
    assert "<mark>needle</mark> after" in shown
    assert "after …" in shown


def test_words_in_scripts_without_spaces_are_marked_too(client_of: SignIn, hannah: Member, amara: Person) -> None:
    write_to(amara, hannah, text="火曜日に面接があります")
    assert "火曜日に<mark>面接</mark>があります" in page(client_of(hannah), "?q=面接")


def test_candidates_and_openings_of_that_name_come_first(
    client_of: SignIn, hannah: Member, amara: Person, icu: Opening
) -> None:
    write_to(amara, hannah, text="Hello")
    shown = page(client_of(hannah), "?q=amara")
    assert shown.index(f'href="/candidates/{amara.pk}/"') < shown.index('<h2 id="found-messages">')
    assert f'href="/candidates/?opening={icu.pk}"' in page(client_of(hannah), "?q=nurse+icu")
    narrowed = page(client_of(hannah), f"?q=amara&person={amara.pk}")
    assert "found-candidates" not in narrowed, "once it is narrowed, messages alone are meant"


def test_filtered_to_nothing_it_names_the_filter_and_offers_to_clear_it(
    client_of: SignIn, hannah: Member, interview: Message, icu: Opening
) -> None:
    shown = page(client_of(hannah), f"?q=interview&channel=sms&opening={icu.pk}&since=2026-01-05&file=1")
    assert "No message is in this filter" in shown
    assert f"Words: “interview”, Opening: {icu}, Channel: SMS, From: 5 January 2026, Attachment: yes" in shown
    assert 'href="/search/?q=interview">Clear</a>' in shown


def test_nothing_found_repeats_what_was_asked(client_of: SignIn, hannah: Member, interview: Message) -> None:
    assert "No message says “<zzyzx>”" in page(client_of(hannah), "?q=<zzyzx>")


@pytest.mark.parametrize("q", ['"', "NEAR(", "a' OR 1=1 --", "%00", "*", "@o1", "🙂", "(", "\\"])
def test_no_input_is_an_error(client_of: SignIn, hannah: Member, interview: Message, q: str) -> None:
    page(client_of(hannah), f"?q={q}&person=x&since=nonsense&after=-1&opening={'9' * 40}")


def test_a_filter_changed_by_htmx_changes_the_list_the_chips_and_the_address(
    client_of: SignIn, hannah: Member, interview: Message
) -> None:
    indexing.index_new(10)
    answer = client_of(hannah).get(
        f"/search/?q=interview&person={interview.person_id or ''}&channel=email", headers={"HX-Request": "true"}
    )
    shown = answer.content.decode()
    assert "<mark>interview</mark>" in shown
    assert "Remove the filter Channel: E-mail" in shown
    assert answer["HX-Push-Url"] == "/search/?q=interview&channel=email"


def test_older_messages_follow_one_after_the_other(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for number in range(35):
        write_to(amara, hannah, text=f"Interview {number:03}")
    while indexing.index_new(100):
        pass
    client = client_of(hannah)
    first = client.get("/search/?q=interview").context["results"]
    assert first.total_words == "30+ messages"
    rest = client.get(f"/search/{first.next}", headers={"HX-Request": "true"})
    assert [row.message.text for row in rest.context["results"].rows] == [f"Interview {n:03}" for n in (4, 3, 2, 1, 0)]
    assert "Older messages" not in rest.content.decode()


def test_another_organization_finds_nothing(
    client_of: SignIn, omar: Member, leila: Person, hannah: Member, interview: Message, icu: Opening
) -> None:
    shown = page(client_of(omar), f"?q=interview&person={interview.conversation.person_id}&opening={icu.pk}")
    assert "Person: unknown, Opening: unknown" in shown
    for address in ("?q=interview", "?q=amara", "?q=nurse", f"?person={interview.conversation.person_id}"):
        shown = page(client_of(omar), address)
        assert "Tuesday" not in shown
        assert "Okafor" not in shown
        assert "Staff Nurse" not in shown


def test_a_hiring_manager_finds_their_own_candidates_alone(
    client_of: SignIn, marcus: Member, hannah: Member, interview: Message, kwame: Person, nights: Opening
) -> None:
    write_to(kwame, hannah, text="Your interview for nights")
    shown = page(client_of(marcus), "?q=interview")
    assert "Tuesday" in shown
    assert "Kwame" not in shown
    assert "Healthcare" not in shown


def test_the_persons_own_words_carry_no_other_name(
    client_of: SignIn, hannah: Member, priya: Member, interview: Message, amara: Person
) -> None:
    hears_from(amara, interview.conversation, "An interview suits me")
    shown = page(client_of(priya), "?q=interview")
    assert '<p dir="auto">An <mark>interview</mark> suits me</p>' in shown
    assert "Hannah Whitlock: Dear Amara" in shown


@pytest.mark.parametrize("number", [2, 29])
def test_the_page_asks_the_same_few_questions_however_much_it_finds(
    client_of: SignIn,
    hannah: Member,
    amara: Person,
    amaras_application: Application,
    number: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for _ in range(number):
        write_to(amara, hannah, text="Interview", application=amaras_application)
    while indexing.index_new(100):
        pass
    client = client_of(hannah)
    with django_assert_max_num_queries(15):
        shown = client.get(f"/search/?q=interview&opening={amaras_application.opening_id}&channel=email")
    assert len(shown.context["results"].rows) == number
