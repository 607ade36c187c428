"""Full-text search: what finds a message, what narrows it, and whom it tells nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from candidly import models
from candidly.actions import indexing, mailings, people
from candidly.actions.attachments import keep
from candidly.models import Application, Member, Message, MessageDocument, Person, Unindexed
from candidly.rules import search, search_index
from candidly.rules.search import messages_found
from candidly.rules.search_query import MessageQuery
from candidly.rules.search_words import Term
from candidly.worker import loops
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db


def found(member: Member, q: str = "", **narrowed: Any) -> list[str]:
    """The texts of what is found, once everything is indexed."""
    while indexing.index_new(100):
        pass
    return [message.text for message in messages_found(member, MessageQuery(q, **narrowed)).messages]


@pytest.fixture
def interview(hannah: Member, amara: Person) -> Message:
    return write_to(amara, hannah, subject="Ward visit", text="Your interview is on Tuesday morning, in the café.")


# ── Words


@pytest.mark.parametrize(
    "q",
    [
        "interview",
        "INTERVIEW",
        "interv",
        "tuesday interview",
        "cafe",
        "café",
        "“tuesday morning”",
        '"tuesday morning',
        "ward visit",
        "amara okaf",
        "hannah",
    ],
)
def test_a_message_is_found_by_its_words_its_subject_and_whose_it_is(
    hannah: Member, interview: Message, q: str
) -> None:
    assert found(hannah, q) == [interview.text]


@pytest.mark.parametrize(
    "q",
    ["interviewing", "interview wednesday", '"morning tuesday"', '"interv"', '"visit your"', "in terview", "nterview"],
)
def test_every_word_must_occur_and_a_phrase_as_it_is(hannah: Member, interview: Message, q: str) -> None:
    assert found(hannah, q) == []


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("Приходите на собеседование во вторник", "собесед"),
        ("Ελάτε στη συνέντευξη", "συνεντευξη"),
        ("تعالي إلى المقابلة يوم الثلاثاء", "المقابلة"),
        ("साक्षात्कार मंगलवार को है", "साक्षात्कार"),
        ("火曜日に面接があります", "面接"),
        ("다음 주 화요일에 면접", "화요일에"),
        ("การสัมภาษณ์ในวันอังคาร", "สัมภาษณ์"),
        ("Straße nach Łódź", "strasse lodz"),
        ("Write to jo.bloggs@mail.example", "jo.bloggs@mail.example"),
        ("Ring +44 7700 900101", "7700 900101"),
        ("It is 50% of £3,000 (C++)", "£3,000"),
        ("a\x1fb", "a b"),
    ],
)
def test_words_of_all_scripts_and_shapes_are_found(hannah: Member, amara: Person, text: str, q: str) -> None:
    write_to(amara, hannah, text=text)
    write_to(amara, hannah, text="Something else")
    assert found(hannah, q) == [text]


def test_what_is_quoted_of_earlier_mail_is_not_found_again(hannah: Member, amara: Person) -> None:
    first = write_to(amara, hannah, text="Bring your passport")
    hears_from(amara, first.conversation, "I will.\n\nOn Monday Hannah wrote:\n> Bring your passport\n")
    assert found(hannah, "passport") == ["Bring your passport"]


def test_a_file_is_found_by_its_name(hannah: Member, amara: Person) -> None:
    file = keep(hannah, "Führungszeugnis_2026.pdf", "application/pdf", BytesIO(b"%PDF"))
    write_to(amara, hannah, text="See attached", attachments=[file])
    assert found(hannah, "fuhrungszeugnis 2026") == ["See attached"]


def test_a_very_long_text_is_found_by_its_beginning(hannah: Member, amara: Person) -> None:
    write_to(amara, hannah, text="needle " + "".join(f"straw{n} " for n in range(60_000)) + " pin")
    assert len(found(hannah, "needle")) == 1
    assert found(hannah, "pin") == []


@given(q=st.text(max_size=40))
@example('" OR NEAR(a, b) * ^ {document}: -')
@example("'a':* & !b | (c <-> d)")
@example('"""')
@example("a\x00b\\")
@example("@o1 @f")
@example("़ⷥ️‍👩‍💻")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_a_search_and_finds_a_text_that_says_it(hannah: Member, amara: Person, q: str) -> None:
    query = MessageQuery(q)
    message = write_to(amara, hannah, text=f"Said: {q.replace(chr(0), '')}.")
    indexing.index_new(1)
    keys = [one.pk for one in messages_found(hannah, query, size=1).messages]
    assert keys == ([message.pk] if query.terms else [])


# ── What narrows it


def test_filters_narrow_and_hold_together(
    hannah: Member, priya: Member, interview: Message, amara: Person, kwame: Person, amaras_application: Application
) -> None:
    applied = write_to(amara, hannah, text="Your interview again", application=amaras_application)
    file = keep(priya, "rota.pdf", "application/pdf", BytesIO(b"%PDF"))
    other = write_to(kwame, priya, text="Interview rota", channels=["email", "app"], attachments=[file])
    assert found(hannah, "interview") == [other.text, applied.text, interview.text]
    assert found(hannah, "interview", person=amara.pk) == [applied.text, interview.text]
    assert found(hannah, "interview", opening=amaras_application.opening_id) == [applied.text]
    assert found(hannah, "interview", channel="app") == [other.text]
    assert found(hannah, "interview", channel="sms") == []
    assert found(hannah, "interview", has_file=True) == [other.text]
    assert found(hannah, "interview", has_file=True, person=amara.pk) == []
    assert found(hannah, person=amara.pk) == [applied.text, interview.text], "without words, everything"
    assert found(hannah) == [], "nothing asked, nothing found"


def test_days_are_whole_days_of_the_one_who_searches(hannah: Member, amara: Person) -> None:
    with timezone.override("America/New_York"):
        for day, hour in [(30, 23), (31, 0), (31, 23), (1, 0)]:
            message = write_to(amara, hannah, text=f"Hello at {hour} on {day}")
            said = timezone.make_aware(datetime(2024, 1 if day == 1 else 12, 31 if day == 1 else day, hour, 30))
            Message.objects.filter(pk=message.pk).update(created_at=said + timedelta(days=day == 1))
        assert found(hannah, "hello", since=date(2024, 12, 31)) == ["Hello at 23 on 31", "Hello at 0 on 31"]
        assert found(hannah, "hello", until=date(2024, 12, 30)) == ["Hello at 0 on 1", "Hello at 23 on 30"]
        assert found(hannah, "hello", since=date(2024, 12, 31), until=date(2024, 12, 31)) == found(
            hannah, "hello", since=date(2024, 12, 31)
        )
        assert found(hannah, "hello", since=date(1900, 1, 1), until=date(2999, 12, 31)) == found(hannah, "hello")


WRITTEN = [
    date(*day)
    for day in [(2023, 12, 31), (2024, 1, 1), (2024, 2, 29), (2024, 3, 1), (2024, 3, 31), (2024, 12, 31), (2025, 1, 1)]
]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
def test_all_days_from_one_to_another_are_found_and_no_other(hannah: Member, amara: Person, zone: str) -> None:
    with timezone.override(zone):
        for day in WRITTEN:
            for time in [datetime.min.time(), datetime.max.time()]:
                message = write_to(amara, hannah, text=f"{day} {time:%H:%M}")
                said = timezone.make_aware(datetime.combine(day, time))
                Message.objects.filter(pk=message.pk).update(created_at=said)
        for since in WRITTEN:
            for until in WRITTEN:
                expected = [day for day in reversed(WRITTEN) if since <= day <= until for _ in range(2)]
                days = [date.fromisoformat(text.split()[0]) for text in found(hannah, since=since, until=until)]
                assert days == expected, (since, until)


def test_before_they_began_and_tomorrow_nothing_was_written(hannah: Member, interview: Message) -> None:
    tomorrow = timezone.localdate() + timedelta(days=3)
    assert found(hannah, "interview", since=tomorrow) == []
    assert found(hannah, "interview", until=date(1950, 1, 1)) == []
    assert found(hannah, "interview", since=tomorrow, until=date(2999, 12, 31)) == []


@given(
    params=st.dictionaries(st.sampled_from(["q", "person", "opening", "channel", "since", "until", "file"]), st.text())
)
@example(params={"person": "9" * 30, "since": "0001-01-01", "until": "9999-12-31", "channel": "pigeon"})
def test_any_address_is_a_search(params: dict[str, str]) -> None:
    data = QueryDict(mutable=True)
    data.update(params)
    query = MessageQuery.from_query(data)
    assert MessageQuery.from_query(QueryDict(query.to_query())) == query


# ── Whose


def test_another_organization_finds_nothing(hannah: Member, omar: Member, leila: Person, interview: Message) -> None:
    own = write_to(leila, omar, text="Your interview in Hull")
    assert found(omar, "interview") == [own.text]
    assert found(omar, "interview", person=interview.conversation.person_id) == []
    assert found(hannah, "interview") == [interview.text]


def test_a_hiring_manager_finds_what_was_said_with_their_own_candidates(
    hannah: Member, marcus: Member, interview: Message, kwame: Person
) -> None:
    write_to(kwame, hannah, text="Your interview for nights")
    assert len(found(hannah, "interview")) == 2
    assert found(marcus, "interview") == [interview.text]


def test_a_hiring_managers_page_is_full_however_much_is_not_theirs(
    hannah: Member, marcus: Member, amara: Person, kwame: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write_to(amara, hannah, text=f"Interview {number}")
        for _ in range(20):
            write_to(kwame, hannah, text="Another interview")
    assert found(marcus, "interview") == ["Interview 2", "Interview 1", "Interview 0"]
    monkeypatch.setattr(search, "MOST", 10)
    short = messages_found(marcus, MessageQuery("interview"), size=2)
    assert short.next, "it says that there is more to look at"
    assert [m.text for m in messages_found(marcus, MessageQuery("interview"), short.next, size=2).messages]


# ── Pages


def test_a_search_that_took_long_enough_says_where_it_goes_on(
    hannah: Member, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index._PostgreSQL, "WALKED", 2)
    monkeypatch.setattr(search_index._PostgreSQL, "PATIENCE", 0)
    write_to(amara, hannah, text="Interview")
    for _ in range(6):
        write_to(amara, hannah, text="Something else")
    assert found(hannah, "interview") == ([] if connection.vendor == "postgresql" else ["Interview"])
    seen, after, asked = [], search_index.LATEST, 0
    while after and asked < 10:
        page = messages_found(hannah, MessageQuery("interview"), after)
        seen += [message.text for message in page.messages]
        after, asked = page.next, asked + 1
    assert seen == ["Interview"]
    assert not after


def test_pages_follow_each_other_however_much_comes_meanwhile(hannah: Member, amara: Person) -> None:
    for number in range(7):
        write_to(amara, hannah, text=f"Interview {number}")
    assert len(found(hannah, "interview")) == 7
    seen, after = [], 0
    while True:
        page = messages_found(hannah, MessageQuery("interview"), after, size=3)
        seen += [message.text for message in page.messages]
        write_to(amara, hannah, text="Interview meanwhile")
        indexing.index_new(10)
        after = page.next
        if not after:
            break
    assert seen == [f"Interview {number}" for number in reversed(range(7))]


def test_frequent_rare_and_once_frequent_words_are_found_alike(
    hannah: Member, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the ways that PostgreSQL is asked, with bounds that few messages reach."""
    for name, value in {"WALKED": 3, "WIDTH": 3, "PATIENCE": 60}.items():
        monkeypatch.setattr(search_index._PostgreSQL, name, value)
    monkeypatch.setattr(models.search, "ERA_BITS", 2)
    for number in range(24):
        once = "heatwave" if number < 12 else "frost"
        write_to(amara, hannah, text=f"{number} {once} weather {'unicorn' if number == 1 else ''}")
    assert [int(text.split()[0]) for text in found(hannah, "weather")] == list(reversed(range(24)))
    assert [int(text.split()[0]) for text in found(hannah, "heatwave")] == list(reversed(range(12)))
    assert [int(text.split()[0]) for text in found(hannah, "unicorn")] == [1]
    assert [int(text.split()[0]) for text in found(hannah, "“heatwave weather”")] == list(reversed(range(12)))
    assert found(hannah, "“weather heatwave”") == []
    page = messages_found(hannah, MessageQuery("heatwave"), size=5)
    assert [int(m.text.split()[0]) for m in page.messages] == [11, 10, 9, 8, 7]
    page = messages_found(hannah, MessageQuery("heatwave"), page.next, size=5)
    assert [int(m.text.split()[0]) for m in page.messages] == [6, 5, 4, 3, 2]


@pytest.mark.parametrize("number", [2, 30])
def test_a_search_asks_the_same_few_questions_however_much_it_finds(
    hannah: Member,
    amara: Person,
    number: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for _ in range(number):
        write_to(amara, hannah, text="Interview")
    assert len(found(hannah, "interview")) == number
    with django_assert_max_num_queries(5):
        assert len(messages_found(hannah, MessageQuery("interview")).messages) == number


# ── The index


@pytest.mark.parametrize("number", [2, 12])
def test_the_index_is_filled_in_a_fixed_number_of_queries(
    hannah: Member,
    amara: Person,
    kwame: Person,
    number: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for _ in range(number):
        write_to(amara, hannah)
    mailings.send(hannah, mailings.Order(subject="Hello", body="All", audience={"filter": {}}))
    loops.write_mailings()
    with django_assert_max_num_queries(11):
        assert indexing.index_new(100) == number + 2
    assert not Unindexed.objects.exists()
    assert MessageDocument.objects.count() == number + 2


def test_the_newest_are_indexed_first(hannah: Member, amara: Person) -> None:
    keys = [write_to(amara, hannah).pk for _ in range(3)]
    indexing.index_new(1)
    assert list(MessageDocument.objects.values_list("pk", flat=True)) == keys[-1:]


def test_a_person_who_is_called_otherwise_is_found_by_the_new_name(hannah: Member, interview: Message) -> None:
    assert found(hannah, "okafor")
    people.update_person(interview.conversation.person, first_name="Amara", last_name="Mensah-Bonsu")
    assert found(hannah, "bonsu") == [interview.text]
    assert found(hannah, "okafor") == []


def test_what_is_deleted_is_found_no_more(hannah: Member, interview: Message) -> None:
    assert found(hannah, "interview")
    interview.conversation.delete()
    assert not MessageDocument.objects.exists()
    assert index_holds("interview") == 0


def test_what_search_is_told_to_forget_is_found_no_more(hannah: Member, interview: Message) -> None:
    assert found(hannah, "interview")
    indexing.forget([interview.pk])
    assert found(hannah, "interview") == []
    assert index_holds("interview") == 0
    assert Message.objects.filter(pk=interview.pk).exists()


def index_holds(word: str) -> int:
    """Messages that the index itself names for the word."""
    return len(search_index.newest(search_index.Wanted([Term((word,))]), search_index.LATEST, 10).ids)
