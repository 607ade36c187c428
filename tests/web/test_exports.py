"""Lists of people that go out: and come in again without changing anything."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from candidly.actions import people
from candidly.models import AuditEvent, Member, Opening, Organization, Person, Stage
from candidly.rules.audit import sentence
from candidly.sheets.cells import neutralised, restored
from candidly.sheets.writing import as_xlsx
from tests.web.test_imports import bring, counts

type ClientOf = Callable[[Member], Client]


@pytest.fixture
def client(client_of: ClientOf, hannah: Member) -> Client:
    return client_of(hannah)


def content_of(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(client, address).decode("utf-8-sig"))))


def test_the_filter_of_the_list_is_what_goes_out(client: Client, amara: Person, kwame: Person, leila: Person) -> None:
    assert [row["First name"] for row in rows_of(client, "/exports/candidates.csv?all=1")] == ["Amara", "Kwame"]
    assert [row["First name"] for row in rows_of(client, "/exports/candidates.csv?all=1&location=Leeds")] == ["Amara"]
    assert [row["First name"] for row in rows_of(client, f"/exports/candidates.csv?id={kwame.pk}&id={leila.pk}")] == [
        "Kwame"
    ]
    assert rows_of(client, "/exports/candidates.csv") == []


def test_contacts_and_candidates_go_out_apart(client: Client, northlane: Organization, amara: Person) -> None:
    people.add_contact(northlane, first_name="Declan", company="Meridian", tags=["Locums", "Leeds"])
    (row,) = rows_of(client, "/exports/contacts.csv?all=1")
    assert (row["First name"], row["Company"], row["Tags"]) == ("Declan", "Meridian", "Leeds, Locums")


def test_applications_of_the_filter_go_out(client: Client, amara: Person, kwame: Person, icu: Opening) -> None:
    people.apply(kwame, icu, stage=Stage.OFFER)
    rows = rows_of(client, f"/exports/applications.csv?all=1&opening={icu.pk}")
    assert [(row["First name"], row["Opening"], row["Stage"]) for row in rows] == [
        ("Amara", icu.title, "Applied"),
        ("Kwame", icu.title, "Offer"),
    ]


def test_what_could_be_a_formula_is_neutralised(client: Client, northlane: Organization) -> None:
    people.add_candidate(northlane, first_name="=HYPERLINK(1)", last_name="@SUM", phone="+447700900101", source="-1")
    for name in ("csv", "xlsx"):
        content = content_of(client, f"/exports/candidates.{name}?all=1")
        if name == "csv":
            cells = content.decode("utf-8-sig").splitlines()[1].split(",")
        else:
            sheet = load_workbook(io.BytesIO(content)).active
            assert {cell.data_type for cell in sheet[2]} <= {"s", "n", "inlineStr"}
            cells = [str(cell.value or "") for cell in sheet[2]]
        assert {"'=HYPERLINK(1)", "'@SUM", "'+447700900101", "'-1"} <= set(cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_answer_begins_before_a_workbook_is_written() -> None:
    """Of 100,000 people it takes most of a minute, in which a browser would show nothing."""
    read: list[str] = []

    def rows() -> Iterator[list[str]]:
        read.append("a row")
        yield ["Amara"]

    content = as_xlsx(["First name"], rows())
    assert next(content) == b""
    assert read == []
    assert load_workbook(io.BytesIO(b"".join(content))).active["A2"].value == "Amara"


@given(text=st.text(alphabet="'=+-@\t\ra1 ", max_size=6))
def test_what_was_neutralised_is_read_as_it_was(text: str) -> None:
    assert restored(neutralised(text)) == text
    assert not neutralised(text).startswith(("=", "+", "-", "@", "\t", "\r"))


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
RISKY = st.sampled_from(
    ["=1+1", "'=x", "+44", "-", "@me", 'a,b;c"d', "two\r\nlines", "007", "1e5", "2026-01-01", "NULL"]
)
WORDS = NAMES | RISKY
NUMBERS = count()


@st.composite
def persons(draw: st.DrawFn) -> dict[str, Any]:
    """Whoever may stand in a list, with and without an address."""
    number = next(NUMBERS)
    fields = {
        name: draw(WORDS)[:12] for name in ("first_name", "last_name", "location", "company", "job_title", "summary")
    }
    fields |= {
        "language": draw(st.sampled_from(["", "en", "pl"])),
        "external_id": draw(st.sampled_from(["", f"{number:04}"])),
    }
    fields["private_email"] = draw(st.sampled_from(["", f"P{number}@Mail.example", f"p{number}@bücher.example"]))
    fields["phone"] = draw(st.sampled_from(["", "+447700900101", "+35315550123"]))
    return {**fields, "custom_fields": draw(st.sampled_from([{}, {"Shoe size": "38"}, {"Start": "=1"}]))}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(crowd=st.lists(persons(), min_size=1, max_size=8), name=st.sampled_from(["csv", "xlsx"]))
def test_what_goes_out_comes_in_again_and_changes_nothing(
    crowd: list[dict[str, Any]], name: str, client: Client, northlane: Organization
) -> None:
    Person.objects.all().delete()
    for fields in crowd:
        people.add_contact(northlane, tags=["Bank", "Nights, late"[: len(fields["first_name"])]], **fields)
    before = list(Person.objects.order_by("pk").values())
    found = bring(client, content_of(client, f"/exports/contacts.{name}?all=1"), "contacts", f"contacts.{name}")
    assert counts(found) == (0, 0, len(crowd), 0), list(found.problems.values_list("row", "column", "sentence"))
    assert list(Person.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_applications_that_go_out_come_in_again_and_change_nothing(
    name: str, client: Client, amara: Person, kwame: Person, icu: Opening, nights: Opening, hannah: Member
) -> None:
    people.apply(kwame, icu, stage=Stage.DECLINED, stage_owner=hannah)
    people.apply(kwame, icu, stage=Stage.INTERVIEW)  # a second time
    found = bring(client, content_of(client, f"/exports/applications.{name}?all=1"), "applications", f"a.{name}")
    assert counts(found) == (0, 0, 4, 0), list(found.problems.values_list("row", "column", "sentence"))


def test_a_list_is_read_in_pages_however_long_it_is(
    client: Client, northlane: Organization, django_assert_max_num_queries: Any
) -> None:
    Person.objects.bulk_create(Person(organization=northlane, first_name=str(at)) for at in range(1200))
    with django_assert_max_num_queries(20):
        assert len(rows_of(client, "/exports/candidates.csv?all=1")) == 1200


def test_who_takes_a_list_is_noted(client: Client, amara: Person) -> None:
    content_of(client, "/exports/candidates.csv?all=1")
    event = AuditEvent.objects.latest("pk")
    assert (event.member_name, sentence(event)) == ("Hannah Whitlock", "exported 1 candidate.")


def test_members_go_out_to_super_admins_alone(
    client: Client, client_of: ClientOf, sofia: Member, hannah: Member
) -> None:
    assert client.get("/exports/members.csv").status_code == 404
    rows = rows_of(client_of(sofia), "/exports/members.csv")
    assert {row["E-mail"] for row in rows} == {"hannah@northlane.example", "sofia@northlane.example"}


def test_there_are_no_other_lists_and_no_other_forms(client: Client) -> None:
    assert client.get("/exports/secrets.csv").status_code == 404
    assert client.get("/exports/candidates.pdf").status_code == 404


def test_readers_and_hiring_managers_take_no_lists(client_of: ClientOf, ruth: Member, marcus: Member) -> None:
    for member in (ruth, marcus):
        assert client_of(member).get("/exports/candidates.csv?all=1").status_code == 403
