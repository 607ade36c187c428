"""The agency users' own pages: their candidates, submitting one, their preferences."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import agencies, agency_talk, people, submitting
from candidly.actions.agency_talk import Words
from candidly.envelope import File
from candidly.models import Agency, AgencyUser, Application, Attachment, Member, Opening, Person, Stage
from candidly.rules.agencies import Talk, audience_of

type ClientOf = Callable[[Member | AgencyUser], Client]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def declans(client_of: ClientOf, declan: AgencyUser) -> Client:
    return client_of(declan)


def shown(client: Client, address: str = "/agency/") -> str:
    return client.get(address).content.decode()


def form(opening: Opening, /, **changed: Any) -> dict[str, Any]:
    filled = {"opening": opening.pk, "first_name": "Wen", "last_name": "Huang", "email": "wen@mail.example"}
    return filled | changed


# ── The list


def test_before_the_first_candidate_the_list_says_what_will_stand_there(declans: Client) -> None:
    page = shown(declans)
    assert "No candidates yet" in page
    assert "Northlane Care" in page


def test_the_list_has_what_was_submitted_with_opening_and_stage(
    declans: Client, esra: Person, callum: Person, amara: Person
) -> None:
    people.move(esra.applications.get(), Stage.INTERVIEW)
    page = shown(declans)
    for said in (
        "Esra Vural",
        "Staff Nurse, ICU – Leeds",
        'data-stage="interview"',
        "Callum Byrne",
        "2 submitted by you",
    ):
        assert said in page
    assert "Amara" not in page


def test_colleagues_see_each_others_where_the_organization_allows_it(
    client_of: ClientOf, hannah: Member, meridian: Agency, bridget: AgencyUser, esra: Person
) -> None:
    client = client_of(bridget)
    assert "Esra" not in shown(client)
    assert client.get(f"/agency/candidates/{esra.pk}/").status_code == 404
    agencies.let_colleagues_see(hannah, meridian, allowed=True)
    assert "Esra" in shown(client)
    assert "by Declan Farrell" in shown(client)
    assert client.get(f"/agency/candidates/{esra.pk}/").status_code == 200


def test_the_list_is_searched_and_says_when_nothing_is_found(declans: Client, esra: Person, callum: Person) -> None:
    found = shown(declans, "/agency/?q=nurse")
    assert "Esra Vural" in found
    assert "Callum" not in found
    nothing = shown(declans, "/agency/?q=nobody")
    assert "“nobody”" in nothing
    assert "Show all" in nothing


def test_with_htmx_comes_the_list_alone(declans: Client, esra: Person) -> None:
    for address in ("/agency/", f"/agency/candidates/{esra.pk}/"):
        part = declans.get(address, headers=HTMX).content.decode().strip()
        assert part.startswith('<div id="candidates-list"')
        assert "Esra" in part


def test_the_list_is_read_page_by_page(declans: Client, declan: AgencyUser, icu: Opening) -> None:
    for number in range(45):
        submitting.submit(declan, icu, email=f"n{number}@mail.example", first_name=f"Number{number}.")
    seen, address = [], "/agency/?q=leeds"
    while address:
        page = shown(declans, address)
        seen.append([f"Number{number}." for number in range(45) if f"Number{number}." in page])
        following = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        address = f"/agency/{following}" if following else ""
    assert [len(names) for names in seen] == [20, 20, 5]
    assert len({name for names in seen for name in names}) == 45


def test_a_dot_says_what_is_new_and_the_envelope_counts_the_candidates(
    declans: Client, hannah: Member, declan: AgencyUser, esra: Person, callum: Person
) -> None:
    talk = Talk(callum, declan)
    for text in ("Good news", "More of it"):
        message = agency_talk.say(hannah, talk, Words(text, drawn=audience_of(talk).mark))
    page = shown(declans)
    assert "New message about Callum Byrne" in page
    assert "Start a conversation about Esra Vural" in page
    assert 'data-unread="1"' in page
    only = shown(declans, "/agency/?new=1")
    assert "Callum" in only
    assert "Esra" not in only
    declans.post(f"/agency/candidates/{callum.pk}/seen/", {"up_to": message.pk})
    assert "Messages about Callum Byrne" in shown(declans)
    assert 'data-unread=""' in shown(declans, "/agency/counter/")
    assert "Nothing new" in shown(declans, "/agency/?new=1")


def test_a_candidate_with_news_in_two_threads_counts_once(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    for talk in (Talk(callum, declan), Talk(callum, declan, hannah)):
        agency_talk.say(hannah, talk, Words("Good news", drawn=audience_of(talk).mark))
    assert 'data-unread="1"' in shown(declans)


def test_the_list_costs_the_same_however_long_it_is(
    declans: Client, declan: AgencyUser, hannah: Member, icu: Opening, esra: Person
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert declans.get("/agency/?q=leeds").status_code == 200
        return len(asked)

    before = cost()
    for number in range(15):
        person = submitting.submit(declan, icu, email=f"n{number}@mail.example", first_name="A").person
        talk = Talk(person, declan)
        agency_talk.say(hannah, talk, Words("Hello", drawn=audience_of(talk).mark))
    assert cost() == before


# ── Submitting


def test_a_candidate_is_submitted_with_a_cv(declans: Client, declan: AgencyUser, icu: Opening) -> None:
    assert "Staff Nurse, ICU – Leeds" in shown(declans, "/agency/submit/")
    cv = BytesIO(b"%PDF-1.7 cv")
    cv.name = "Wen Huang.pdf"
    answer = declans.post("/agency/submit/", form(icu, phone="07700 900123", summary="Two winters on nights", cv=cv))
    application = Application.objects.get()
    assert answer.headers["Location"] == f"/agency/candidates/{application.person_id}/"
    assert (application.submitted_by, application.opening) == (declan, icu)
    assert (application.person.phone, application.person.summary) == ("+447700900123", "Two winters on nights")
    page = shown(declans, answer.headers["Location"])
    assert "Wen Huang is submitted for Staff Nurse, ICU – Leeds." in page
    file = Attachment.objects.get()
    assert f"/agency/files/{file.pk}/" in page
    got = declans.get(f"/agency/files/{file.pk}/")
    assert b"".join(got.streaming_content) == b"%PDF-1.7 cv"  # type: ignore[attr-defined]
    assert got.headers["Content-Disposition"] == 'attachment; filename="Wen Huang.pdf"'


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(declans: Client, icu: Opening) -> None:
    for field, wrong in (
        ("email", {"email": "wen"}), ("email", {"email": ""}), ("first_name", {"first_name": " "}),
        ("phone", {"phone": "12"}), ("opening", {"opening": ""}), ("cv", {"cv": _file("cv.exe", b"MZ")}),
        ("cv", {"cv": _file("cv.pdf", b"")}),
    ):  # fmt: skip
        answer = declans.post("/agency/submit/", form(icu, location="Hull", summary="Fits <well>", **wrong))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in page, field
        for typed in ('value="Huang"', 'value="Hull"', "Fits &lt;well&gt;"):
            assert typed in page
    assert not Person.objects.exists()


def _file(name: str, content: bytes) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def test_whom_they_have_submitted_before_is_told_in_a_sentence(declans: Client, icu: Opening, esra: Person) -> None:
    Application.objects.update(applied_at="2026-01-05T10:00:00Z")
    answer = declans.post("/agency/submit/", form(icu, email="ESRA@mail.example"))
    assert answer.status_code == 422
    assert "You have submitted Esra Vural for Staff Nurse, ICU – Leeds already." in answer.content.decode()
    assert Person.objects.count() == 1


def test_only_the_form_is_drawn_again_for_scripts_so_that_the_chosen_cv_stays(declans: Client, icu: Opening) -> None:
    answer = declans.post("/agency/submit/", form(icu, email=""), headers=HTMX)
    assert answer.status_code == 422
    assert answer.content.decode().startswith("<form")
    assert 'hx-preserve="true"' in answer.content.decode()
    answer = declans.post("/agency/submit/", form(icu), headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/agency/candidates/{Person.objects.get().pk}/"


def test_an_opening_of_another_organization_or_a_closed_one_takes_nobody(
    declans: Client, omar: Member, icu: Opening
) -> None:
    elsewhere = people.add_opening(omar.organization, "Driver")
    assert "Driver" not in shown(declans, "/agency/submit/")
    Opening.objects.filter(pk=icu.pk).update(is_open=False)
    for opening in (elsewhere, icu):
        assert declans.post("/agency/submit/", form(opening)).status_code == 422
    assert not Person.objects.exists()
    assert "No opening takes candidates" in shown(declans, "/agency/submit/")


def test_a_file_of_somebody_elses_candidate_is_not_there(
    client_of: ClientOf, tomos: AgencyUser, declan: AgencyUser, hannah: Member, icu: Opening
) -> None:
    cv = File("cv.pdf", "application/pdf", b"%PDF-1.7 cv")
    submitting.submit(declan, icu, email="wen@mail.example", first_name="Wen", cv=cv)
    for who in (tomos, hannah):
        assert client_of(who).get(f"/agency/files/{Attachment.objects.get().pk}/").status_code == 404


# ── Preferences


def test_preferences_are_kept(declans: Client, declan: AgencyUser) -> None:
    assert "Declan Farrell" in shown(declans, "/agency/preferences/")
    answer = declans.post("/agency/preferences/", {"name": "Declan O’Farrell", "time_zone": "Europe/Dublin"})
    assert answer.status_code == 302
    declan.refresh_from_db()
    assert (declan.name, declan.time_zone, declan.wants_alerts) == ("Declan O’Farrell", "Europe/Dublin", False)
    assert declans.post("/agency/preferences/", {"name": "", "time_zone": "Nowhere"}).status_code == 422
