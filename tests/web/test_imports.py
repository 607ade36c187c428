"""Lists of people that come in as a file."""

import csv
import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from candidly.actions import import_runs, imports, people
from candidly.models import (
    Application,
    AuditEvent,
    CustomField,
    Member,
    Opening,
    Organization,
    PeopleImport,
    Person,
    Stage,
)
from candidly.worker.taking_in import TakingIn

type ClientOf = Callable[[Member], Client]

HEADING = "First name,Last name,E-mail,Phone,Location,Tags\n"
AMARA = "Amara,Okafor,amara@mail.example,+44 7700 900101,Leeds,\n"
NEW = 'Ingrid,Solheim,ingrid@mail.example,07700 900102,York,"Nights, Bank"\n'


def work() -> None:
    """As the worker does, until nothing is left."""
    while TakingIn(threading.Event()).round():
        pass


def bring(client: Client, content: str | bytes, kind: str = "candidates", name: str = "people.csv") -> PeopleImport:
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    response = client.post("/imports/", {"kind": kind, "file": file})
    assert response.status_code == 302, response.content.decode()
    work()
    return PeopleImport.objects.latest("pk")


def take_in(client: Client, found: PeopleImport) -> PeopleImport:
    client.post(f"/imports/{found.pk}/begin/")
    work()
    found.refresh_from_db()
    return found


def counts(found: PeopleImport) -> tuple[int, int, int, int]:
    """New, changed, unchanged, wrong."""
    return found.new, found.changed, found.unchanged, found.wrong


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.fixture
def client(client_of: ClientOf, hannah: Member) -> Client:
    return client_of(hannah)


# ── What would become of it, and then doing it


def test_a_list_is_looked_through_before_anything_changes(client: Client, amara: Person) -> None:
    found = bring(client, HEADING + AMARA.replace("Leeds", "Hull") + NEW)
    assert found.state == "checked"
    assert counts(found) == (1, 1, 0, 0)
    assert Person.objects.count() == 1
    page = client.get(f"/imports/{found.pk}/").content.decode()
    assert "Import 2 candidates" in page
    assert "Nothing is changed yet" in page


def test_it_is_taken_in_and_found_by_the_list(client: Client, amara: Person) -> None:
    found = take_in(client, bring(client, HEADING + AMARA.replace("Leeds", "Hull") + NEW))
    assert (found.state, counts(found)) == ("done", (1, 1, 0, 0))
    amara.refresh_from_db()
    assert amara.location == "Hull"
    ingrid = Person.objects.get(private_email="ingrid@mail.example")
    assert ingrid.phone == "+447700900102"
    assert sorted(str(tag) for tag in ingrid.tags.all()) == ["Bank", "Nights"]
    assert "Solheim" in client.get("/candidates/?q=solheim+bank").content.decode()
    assert [event.verb for event in AuditEvent.objects.order_by("pk")][-2:] == ["import.started", "import.done"]


def test_the_same_list_again_changes_nothing(client: Client, amara: Person) -> None:
    take_in(client, bring(client, HEADING + AMARA + NEW))
    again = bring(client, HEADING + AMARA + NEW)
    assert counts(again) == (0, 0, 2, 0)
    page = client.get(f"/imports/{again.pk}/").content.decode()
    assert "all of it is here already" in page
    assert "Import 0" not in page
    assert not imports.begin(again.member, again)


def test_an_empty_cell_erases_nothing(client: Client, amara: Person) -> None:
    take_in(client, bring(client, HEADING + ",,amara@mail.example,,,\n"))
    amara.refresh_from_db()
    assert (amara.first_name, amara.location, amara.phone) == ("Amara", "Leeds", "+447700900101")


def test_people_are_known_by_id_then_by_address_whatever_its_case(client: Client, amara: Person) -> None:
    first = "ID,First name,E-mail\nA-1,Amara,AMARA@mail.example\n"
    take_in(client, bring(client, first))
    amara.refresh_from_db()
    assert amara.external_id == "A-1"
    take_in(client, bring(client, "ID,First name,E-mail\nA-1,Amara,okafor@post.example\n"))
    amara.refresh_from_db()
    assert (amara.private_email, Person.objects.count()) == ("okafor@post.example", 1)


def test_an_address_of_somebody_with_another_id_is_not_given_away(client: Client, amara: Person) -> None:
    take_in(client, bring(client, "ID,E-mail\nA-1,amara@mail.example\n"))
    found = bring(client, "ID,E-mail\nA-2,amara@mail.example\n")
    assert "This address belongs to Amara Okafor, who has the ID A-1 here." in sentences(found)


def test_a_contact_with_the_address_of_a_candidate_is_somebody_else(client: Client, amara: Person) -> None:
    contacts = "Name,E-mail,Company,Job title\nAmara Okafor,amara@mail.example,Meridian,Director\n"
    found = take_in(client, bring(client, contacts, "contacts"))
    assert counts(found) == (1, 0, 0, 0)
    contact = Person.objects.get(kind="contact")
    assert (contact.first_name, contact.last_name, contact.company) == ("Amara", "Okafor", "Meridian")
    assert contact.work_email == "amara@mail.example"


def test_nobody_of_another_organization_is_changed(client: Client, leila: Person, northlane: Organization) -> None:
    take_in(client, bring(client, f"Candidly ID,E-mail,Location\n,leila@mail.example,Leeds\n{leila.pk},,York\n"))
    leila.refresh_from_db()
    assert leila.location == "Hull"
    assert northlane.people.get().location == "Leeds"


# ── Rows that are wrong


def sentences(found: PeopleImport) -> list[str]:
    return list(found.problems.order_by("row", "pk").values_list("sentence", flat=True))


def test_each_wrong_cell_is_named_with_its_row_and_column_and_the_rest_is_taken_in(client: Client) -> None:
    rows = "Bo,Ek,not an address,,,\n\nCy,Ek,cy@mail.example,12,,\nDi,Ek,,,,\n" + NEW
    found = bring(client, HEADING + rows)
    assert counts(found) == (1, 0, 0, 3)
    assert list(found.problems.order_by("row").values_list("row", "column")) == [(2, "E-mail"), (4, "Phone"), (5, "")]
    take_in(client, found)
    assert Person.objects.get().first_name == "Ingrid"


def test_what_is_wrong_comes_as_a_file(client: Client) -> None:
    found = bring(client, HEADING + "Bo,Ek,=1+1@x,,,\n")
    response = client.get(f"/imports/{found.pk}/problems.csv")
    body = b"".join(response).decode("utf-8-sig")
    heading, line = csv.reader(io.StringIO(body))
    assert heading == ["Row", "Column", "What is wrong"]
    assert line[:2] == ["2", "E-mail"]


def test_the_same_person_twice_in_a_list_is_left_out_the_second_time(client: Client) -> None:
    found = take_in(client, bring(client, HEADING + NEW + NEW.replace("York", "Hull")))
    assert counts(found) == (1, 0, 0, 1)
    assert sentences(found) == ["This row is the same person as row 2. Keep one of the two."]
    assert Person.objects.get().location == "York"


def test_problems_are_paged_by_key(client: Client) -> None:
    found = bring(client, HEADING + "".join(f"Bo,{at},no address,,,\n" for at in range(45)))
    seen, address = [], ""
    while True:
        page = client.get(f"/imports/{found.pk}/{address}").content.decode()
        seen += re.findall(r"<b>Row (\d+)", page)
        links = re.findall(r'rel="next" href="([^"]+)"', page)
        if not links:
            break
        address = links[0]
    assert seen == [str(row) for row in range(2, 47)]


# ── Columns


def test_headings_are_known_by_other_words(client: Client) -> None:
    content = (
        "Forename;Surname;Email address;Mobile;City;Shoe size\n"
        "Ingrid;Solheim;ingrid@mail.example;07700 900102;York;38\n"
    )
    take_in(client, bring(client, content))
    ingrid = Person.objects.get()
    assert (ingrid.last_name, ingrid.phone, ingrid.location) == ("Solheim", "+447700900102", "York")
    assert ingrid.custom_fields == {}


def test_applications_name_only_what_they_can_be_known_by(client: Client) -> None:
    found = bring(client, "Phone,Opening\n07700 900102,Staff Nurse\n", kind="applications")
    assert "none that is called E-mail or ID." in found.reason
    assert ">Phone</option>" not in client.get(f"/imports/{found.pk}/").content.decode()
    found = bring(client, "E-mail,Opening\n,Staff Nurse\n", kind="applications")
    assert found.problems.get().sentence == (
        "This row has no e-mail address and no ID by which the candidate is known. Add one."
    )


def test_a_column_is_corrected_and_the_list_looked_through_again(client: Client) -> None:
    found = bring(client, "Who,Where to,Shoe size\nIngrid Solheim,ingrid@mail.example,38\n")
    assert found.state == "failed"
    assert "No column tells who is meant" in found.reason
    form = {"column_0": "full_name", "column_1": "private_email", "column_2": "custom.Shoe size"}
    client.post(f"/imports/{found.pk}/columns/", form)
    work()
    found.refresh_from_db()
    assert (found.state, found.reason, counts(found)) == ("checked", "", (1, 0, 0, 0))
    take_in(client, found)
    assert Person.objects.get().custom_fields == {"Shoe size": "38"}
    assert [str(one) for one in CustomField.objects.all()] == ["Shoe size"]


def test_two_columns_cannot_hold_the_same(client: Client) -> None:
    found = bring(client, HEADING + NEW)
    response = client.post(f"/imports/{found.pk}/columns/", {"column_0": "first_name", "column_1": "first_name"})
    assert response.status_code == 422
    assert "Two columns are to be First name" in response.content.decode()


# ── Kinds of files


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_is_read_in_any_usual_dress(encoding: str, delimiter: str, client: Client) -> None:
    content = delimiter.join(("First name", "Last name", "E-mail")) + "\r\n"
    content += delimiter.join(("Zoë", '"Muñoz\r\nGarcía"', "zoe@mail.example")) + "\r\n"
    take_in(client, bring(client, content.encode(encoding)))
    assert Person.objects.get().first_name == "Zoë"


def test_a_workbook_is_read_with_its_numbers_and_days(client: Client) -> None:
    content = workbook(("ID", "First name", "E-mail", "Phone"), (17, "Ingrid", "ingrid@mail.example", 447700900102))
    take_in(client, bring(client, content, name="people.xlsx"))
    ingrid = Person.objects.get()
    assert (ingrid.external_id, ingrid.phone) == ("17", "+447700900102")


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return file.getvalue()


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name in names:
            zipped.writestr(name, HEADING)
    return file.getvalue()


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7\n\x00\x01\x02", "This is not a spreadsheet"),
        (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "This is not a spreadsheet. Choose a CSV or an XLSX"),
        (b"{\\rtf1\\ansi Dear all}", "This is not a spreadsheet"),
        (b"\xef\xbb\xbf\n<!doctype html><table></table>", "This is not a spreadsheet"),
        (archive("[Content_Types].xml", "word/document.xml"), "This is not a spreadsheet"),
        (archive("mimetype", "content.xml", "META-INF/manifest.xml"), "OpenDocument"),
        (LOCKED, "locked with a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old kind (.xls)"),
        (b"\n\n\n", "nothing in this file"),
        (HEADING.encode(), "no rows below the headings"),
        (AMARA.encode() + NEW.encode(), "holds data, not headings"),
        (b"Shoe size,Colour\n38,blue\n", "No column tells who is meant"),
        (bomb(), "unpack to far more"),
        (archive("people.csv"), "a ZIP archive, not a spreadsheet"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_no_list_is_refused_in_plain_words(content: bytes, sentence: str, client: Client) -> None:
    found = bring(client, content)
    assert found.state == "failed"
    assert sentence in found.reason
    assert found.reason in client.get(f"/imports/{found.pk}/").content.decode().replace("&#x27;", "'")


def test_what_is_only_named_a_workbook_is_refused(client: Client) -> None:
    found = bring(client, "I was never a workbook\n", name="fake.xlsx")
    assert found.state == "failed"
    assert "named XLSX, but there is no workbook in it" in found.reason
    assert bring(client, LOCKED, name="people.xlsx").reason.startswith("This workbook is locked")


def test_an_empty_and_a_huge_file_are_refused_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = client.post("/imports/", {"kind": "candidates", "file": SimpleUploadedFile("a.csv", b"")})
    assert empty.status_code == 422
    assert "a.csv is empty" in empty.content.decode()
    monkeypatch.setattr(imports, "MAX_BYTES", 10)
    huge = client.post("/imports/", {"kind": "candidates", "file": SimpleUploadedFile("a.csv", HEADING.encode())})
    assert "a.csv is larger than" in huge.content.decode()


def test_too_many_rows_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "BATCH", 2)
    monkeypatch.setattr(import_runs, "MOST_ROWS", 4)
    found = bring(client, HEADING + "".join(f"Bo,{at},bo{at}@mail.example,,,\n" for at in range(5)))
    assert (found.state, "has more than" in found.reason) == ("failed", True)


# ── Workers and colleagues


class Killed(BaseException):
    """As a power cut: nothing of the process goes on."""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "BATCH", 3)


def killed_after(batches: int) -> Callable[[], bool]:
    left: Iterator[int] = iter(range(batches))

    def goes_on() -> bool:
        if next(left, None) is None:
            raise Killed
        return True

    return goes_on


def test_a_killed_worker_leaves_off_where_another_goes_on(client: Client, small_batches: None) -> None:
    found = bring(client, HEADING + "".join(f"Bo,{at},bo{at}@mail.example,,,\n" for at in range(10)))
    client.post(f"/imports/{found.pk}/begin/")
    claimed = imports.claim()
    assert claimed
    with pytest.raises(Killed):
        import_runs.work_on(claimed, killed_after(2))
    found.refresh_from_db()
    assert (found.state, found.position, found.new) == ("importing", 7, 6)
    assert Person.objects.count() == 6
    assert imports.claim() is None  # until the dead one's lease has run out
    PeopleImport.objects.update(lease_until=None)
    work()
    found.refresh_from_db()
    assert (found.state, counts(found)) == ("done", (10, 0, 0, 0))
    assert Person.objects.values("private_email").distinct().count() == Person.objects.count() == 10


def test_a_check_that_was_killed_begins_again(client: Client, small_batches: None) -> None:
    file = SimpleUploadedFile("a.csv", (HEADING + "Bo,Ek,wrong,,,\n" * 7 + NEW + NEW).encode())
    client.post("/imports/", {"kind": "candidates", "file": file})
    claimed = imports.claim()
    assert claimed
    with pytest.raises(Killed):
        import_runs.work_on(claimed, killed_after(2))
    PeopleImport.objects.update(lease_until=None)
    work()
    found = PeopleImport.objects.get()
    assert (found.state, counts(found), found.problems.count()) == ("checked", (1, 0, 0, 8), 8)


def test_a_worker_that_stops_gives_it_back_at_once(client: Client, small_batches: None) -> None:
    found = bring(client, HEADING + "".join(f"Bo,{at},bo{at}@mail.example,,,\n" for at in range(10)))
    client.post(f"/imports/{found.pk}/begin/")
    claimed = imports.claim()
    assert claimed
    turns = iter([True, False])
    import_runs.work_on(claimed, lambda: next(turns))
    assert Person.objects.count() == 3
    work()
    assert Person.objects.count() == 10


def test_what_is_cancelled_ends_behind_its_batch(client: Client, small_batches: None) -> None:
    found = bring(client, HEADING + "".join(f"Bo,{at},bo{at}@mail.example,,,\n" for at in range(10)))
    client.post(f"/imports/{found.pk}/begin/")
    claimed = imports.claim()
    assert claimed
    turns: list[None] = []

    def cancelled_at_the_second() -> bool:
        turns.append(None)
        if len(turns) == 2:
            client.post(f"/imports/{found.pk}/cancel/")
        return True

    import_runs.work_on(claimed, cancelled_at_the_second)
    found.refresh_from_db()
    assert (found.state, Person.objects.count()) == ("cancelled", 3)
    assert not found.file


def test_the_page_hears_how_far_it_is(client: Client) -> None:
    found = bring(client, HEADING + NEW)
    PeopleImport.objects.update(state="importing", total=10, new=4)
    progress = client.get(f"/imports/{found.pk}/progress/?state=importing&step=0", headers={"HX-Request": "true"})
    assert 'aria-valuenow="4"' in progress.content.decode()
    assert "4 of 10 rows" in progress.content.decode()
    other = client.get(f"/imports/{found.pk}/progress/?state=checking", headers={"HX-Request": "true"})
    assert other.headers["HX-Refresh"] == "true"


def test_a_file_that_nobody_took_in_goes_after_a_week(client: Client) -> None:
    found = bring(client, HEADING + NEW)
    imports.discard_forgotten()
    found.refresh_from_db()
    assert found.file
    imports.discard_forgotten(older_than=timedelta(0))
    found.refresh_from_db()
    assert (found.state, bool(found.file)) == ("cancelled", False)


def test_readers_and_hiring_managers_take_nothing_in(client_of: ClientOf, ruth: Member, marcus: Member) -> None:
    for member in (ruth, marcus):
        assert client_of(member).get("/imports/").status_code == 403


# ── Applications


APPLICATIONS = "E-mail,Opening,Location of the opening,Stage,Stage owner,Applied on\n"


def test_applications_are_entered_moved_and_not_doubled(
    client: Client, amara: Person, kwame: Person, icu: Opening, nights: Opening, priya: Member
) -> None:
    content = APPLICATIONS + (
        f'amara@mail.example,"{icu.title}",Leeds,Interview,priya@northlane.example,\n'
        f'kwame@mail.example,"{icu.title}",Leeds,Hired,,31/03/2026\n'
    )
    found = take_in(client, bring(client, content, "applications"))
    assert counts(found) == (1, 1, 0, 0)
    application = amara.applications.get()
    assert (application.stage, application.stage_owner) == (Stage.INTERVIEW, priya)
    hired = kwame.applications.get(opening=icu)
    assert (hired.stage, hired.status, f"{hired.applied_at:%Y-%m-%d}") == (Stage.HIRED, "hired", "2026-03-31")
    amara.refresh_from_db()
    assert amara.stage == Stage.INTERVIEW
    assert "Kwame" in client.get("/candidates/?q=kwame+icu").content.decode()
    again = bring(client, content, "applications")
    assert counts(again) == (0, 0, 2, 0)
    assert Application.objects.count() == 3


def test_a_list_that_declines_does_not_say_when_and_one_that_says_nothing_new_leaves_the_day(
    client: Client, amara: Person, icu: Opening
) -> None:
    def standing(stage: str) -> tuple[str, bool]:
        content = f'{APPLICATIONS}amara@mail.example,"{icu.title}",Leeds,{stage},,31/03/2026\n'
        take_in(client, bring(client, content, "applications"))
        application = amara.applications.get()
        return application.status, application.declined_at is not None

    people.move(amara.applications.get(), Stage.DECLINED)
    assert standing("Declined") == ("declined", True)
    assert standing("Screening") == ("active", False)
    assert standing("Declined") == ("declined", False)


def test_a_day_that_another_clock_might_not_have_is_wrong(client: Client, amara: Person, icu: Opening) -> None:
    """Spreadsheets say 31 December 9999 for "no end", which is in no year at all east of here."""
    row = f'amara@mail.example,"{icu.title}",,,,9999-12-31\n'
    found = bring(client, APPLICATIONS + row, "applications")
    assert sentences(found) == ["“9999-12-31” is in no year from 1900 to 2999. Leave the cell empty."]


def test_an_application_needs_its_candidate_its_opening_and_its_owner(
    client: Client, amara: Person, icu: Opening, northlane: Organization
) -> None:
    for place in ("York", "Hull"):
        people.add_opening(northlane, "Porter", place)
    rows = (
        f'nobody@mail.example,"{icu.title}",,,,\n'
        "amara@mail.example,Astronaut,,,,\n"
        "amara@mail.example,Porter,,,,\n"
        f'amara@mail.example,"{icu.title}",,Lunch,,\n'
        f'amara@mail.example,"{icu.title}",,,stranger@northlane.example,\n'
    )
    found = bring(client, APPLICATIONS + rows, "applications")
    assert counts(found) == (0, 0, 0, 5)
    said = sentences(found)
    assert said[0].startswith("There is no candidate with nobody@mail.example.")
    assert said[1].startswith("There is no opening called “Astronaut”.")
    assert said[2].startswith("There are several openings called “Porter”.")
    assert said[3].startswith("“Lunch” is not a stage. It is one of Applied, Screening")
    assert said[4].startswith("This row is the same application as row") or said[4].startswith("Nobody here signs in")
