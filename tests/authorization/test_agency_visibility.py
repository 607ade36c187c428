"""Who reads what is said with agencies: each reader, each kind of thread, each candidate, both ways of the switch.

A letter for each of READERS: y reads it, and "." does not. What a reader reads they find on their pages, may fetch the
file of, and hear of while a page is open; of what they do not read they find, fetch and hear nothing. Search finds
nothing of it for anybody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import DjangoDbBlocker

from candidly.actions import agencies, agency_talk, indexing, people, submitting
from candidly.actions.agency_talk import Words
from candidly.envelope import File
from candidly.models import Agency, AgencyMessage, AgencyThread, AgencyUser, LiveEvent, Member, Organization, Role
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.web.shell.context import LIVE_SALT
from tests.authorization.asking import become, patterns, session_of
from tests.conftest import join, work_for

pytestmark = pytest.mark.django_db

READERS = (
    "nobody",
    "Omar of another organization",
    "Ruth, who only reads",
    "Marcus, who hires for Esra's opening",
    "Hannah, who owns the stage",
    "Priya, who owned it before",
    "Sofia, the super admin",
    "Declan, who submitted both",
    "Bridget, his colleague",
    "Tomos of another agency",
)
MEMBERS = {
    "Ruth Adeyemi": Role.READ_ONLY,
    "Marcus Bell": Role.HIRING_MANAGER,
    "Hannah Whitlock": Role.RECRUITER,
    "Priya Nair": Role.RECRUITER,
    "Sofia Lindqvist": Role.SUPER_ADMIN,
}
SECRET = "Zugspitze"

#: A reader, and the session by which they are signed in.
type Visit = tuple[Speaker | None, str]


@dataclass(frozen=True)
class Row:
    """`thread` is whose it is, and what is behind it whom it is private with."""

    candidate: str
    thread: str
    colleagues_see: bool
    letters: str


TABLE = (
    #                                            n O R M H P S D B T
    Row("esra", "declan", False, "..yyyyyy.."),
    Row("esra", "declan", True, "..yyyyyy.."),
    Row("esra", "declan hannah", False, "....y..y.."),
    Row("esra", "declan hannah", True, "....y..y.."),
    Row("esra", "declan priya", False, ".....y.y.."),
    Row("esra", "declan priya", True, ".....y.y.."),
    Row("esra", "declan marcus", False, "...y...y.."),
    Row("esra", "declan sofia", True, "......yy.."),
    Row("esra", "bridget", False, "..yyyyy..."),  # begun while she saw the candidate
    Row("esra", "bridget", True, "..yyyyy.y."),
    Row("esra", "bridget hannah", False, "....y....."),
    Row("esra", "bridget hannah", True, "....y...y."),
    Row("callum", "declan", False, "..y.yyyy.."),
    Row("callum", "declan", True, "..y.yyyy.."),
    Row("callum", "declan hannah", False, "....y..y.."),
    Row("callum", "declan priya", True, ".....y.y.."),
    Row("callum", "declan marcus", False, ".......y.."),  # he wrote while he saw the candidate
    Row("callum", "bridget", False, "..y.yyy..."),
    Row("callum", "bridget", True, "..y.yyy.y."),
    Row("callum", "bridget sofia", True, "......y.y."),
)


def test_the_table_has_its_cases() -> None:
    assert sum(len(row.letters) for row in TABLE) == 200
    assert all(len(row.letters) == len(READERS) for row in TABLE)


@pytest.fixture(scope="module")
def everybody(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Any]]:
    """By first name. Both candidates' stages were Priya's before they were Hannah's.

    Built once: nothing that a test does to it lasts.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        northlane = Organization.objects.create(name="Northlane Care", slug="northlane")
        harbour = Organization.objects.create(name="Harbour Logistics", slug="harbour")
        cast: dict[str, Any] = {"omar": join(harbour, "Omar Haddad", Role.RECRUITER)}
        for name, role in MEMBERS.items():
            cast[name.partition(" ")[0].lower()] = join(northlane, name, role)
        meridian = Agency.objects.create(organization=northlane, name="Meridian Locums")
        kestrel = Agency.objects.create(organization=northlane, name="Kestrel Staffing")
        for name, agency in (("declan", meridian), ("bridget", meridian), ("tomos", kestrel)):
            cast[name] = work_for(agency, name.capitalize(), f"{name}@agency.example")
        icu = people.add_opening(northlane, "Staff Nurse, ICU", "Leeds", team=[cast["marcus"]])
        nights = people.add_opening(northlane, "Healthcare Assistant, Nights", "Bradford")
        for name, opening in (("esra", icu), ("callum", nights)):
            submitted = submitting.submit(cast["declan"], opening, email=f"{name}@mail.example", first_name=name)
            cast[name] = submitted.person
            for owner in ("priya", "hannah"):
                people.coordinate(submitted, cast[owner])
        yield cast
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def visits(everybody: Mapping[str, Any]) -> Sequence[Visit]:
    """In the order of READERS."""
    first_names = [name.split(",")[0].split(" ")[0].lower() for name in READERS[1:]]
    return [(None, ""), *((everybody[name], session_of(everybody[name].user)) for name in first_names)]


@pytest.fixture
def cast(db: None, everybody: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the database knows them."""
    return {name: type(who).objects.get(pk=who.pk) for name, who in everybody.items()}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.candidate}, {row.thread}, {row.colleagues_see}")
def test_everybody_reads_what_the_table_says(
    row: Row, cast: Mapping[str, Any], browser: Client, visits: Sequence[Visit]
) -> None:
    message = _said(row, cast)
    topics = _told_of(message)
    sensed: dict[str, str] = dict.fromkeys(("finds", "hears", "fetches"), "")
    for reader, session in visits:
        become(browser, session)
        pages = _pages(browser, reader, message)
        sensed["finds"] += _letter(any(SECRET in page.content.decode() for page in pages))
        sensed["hears"] += _letter(any(_topics_of(page) & topics for page in pages))
        sensed["fetches"] += _letter(_fetches(browser, message))
    assert sensed == dict.fromkeys(sensed, row.letters)


def _letter(senses: bool) -> str:
    return "y" if senses else "."


def _said(row: Row, cast: Mapping[str, Any]) -> AgencyMessage:
    """By the member of a private thread, else by the agency user; each of them saw the candidate at that time."""
    who, _, private_with = row.thread.partition(" ")
    member: Member | None = cast[private_with] if private_with else None
    opening, meridian = cast[row.candidate].applications.get().opening, cast["declan"].agency
    agencies.let_colleagues_see(cast["hannah"], meridian, allowed=True)
    had = list(opening.team.all())
    if member:
        opening.team.add(member)
    talk = Talk(cast[row.candidate], AgencyUser.objects.get(pk=cast[who].pk), member)
    file = File("secret.pdf", "application/pdf", b"%PDF-1.7")
    words = Words(f"{SECRET} at dawn", drawn=audience_of(talk).mark, files=[file])
    message = agency_talk.say(member or talk.agency_user, talk, words)
    opening.team.set(had)
    agencies.let_colleagues_see(cast["hannah"], meridian, allowed=row.colleagues_see)
    return message


def _told_of(message: AgencyMessage) -> set[str]:
    """The topics whose listeners hear of it."""
    LiveEvent.objects.all().delete()
    agency_talk.tell_pages(AgencyThread.objects.get(pk=message.thread_id))
    return set(LiveEvent.objects.values_list("topic", flat=True))


def _pages(browser: Client, reader: Speaker | None, message: AgencyMessage) -> list[Any]:
    """What the reader gets of every page about the candidate, its parts, and others of theirs."""
    person, user = message.thread.person_id, message.thread.agency_user_id
    page = reverse("agency_candidate" if isinstance(reader, AgencyUser) else "candidate", args=[person])
    parts = [reverse("talks", args=[person]) + "?tab=profile", reverse("agency_messages", args=[person])]
    parts += [reverse(name, args=[person, user]) for name in ("talk", "talk_messages")]
    whole = [browser.get(address) for address in (page, reverse("agency"))]
    return [*whole, *(browser.get(part, headers={"HX-Request": "true"}) for part in parts)]


def _topics_of(page: Any) -> set[str]:
    """What an open page listens to."""
    _, _, token = page.content.decode().partition('data-live="')
    if page.status_code != 200 or not token:
        return set()
    return set(signing.loads(token.partition('"')[0], salt=LIVE_SALT))


def _fetches(browser: Client, message: AgencyMessage) -> bool:
    """The file, by any of the addresses that give files."""
    file = message.attachments.get().pk
    names = ("talk_file", "agency_file", "attachment")
    return any(browser.get(reverse(name, args=[file])).status_code == 200 for name in names)


def test_neither_search_nor_inbox_shows_any_of_it_to_anybody(
    cast: Mapping[str, Any], browser: Client, visits: Sequence[Visit]
) -> None:
    """Asked for by the beginning of the word, so that the page does not repeat it."""
    for row in TABLE:
        _said(row, cast)
    while indexing.index_new(100):
        pass
    for _, session in visits:
        become(browser, session)
        for address in ("/search/?q=zugsp", "/inbox/"):
            assert SECRET not in browser.get(address).content.decode()


def test_no_other_page_of_a_super_admin_shows_a_private_message(
    cast: Mapping[str, Any], client_of: Callable[[Speaker], Client]
) -> None:
    """Every address that needs no key, with what lies in the outbox, the audit log and the exports."""
    _said(Row("callum", "declan hannah", False, ""), cast)
    client = client_of(cast["sofia"])
    shown = []
    for pattern in patterns(get_resolver()):
        if not pattern.pattern.regex.groups and not (pattern.name or "").startswith("sandbox"):
            answer = client.get(reverse(pattern.name))
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            shown += [pattern.name] if SECRET.encode() in content else []
    assert shown == []
