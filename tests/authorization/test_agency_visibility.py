"""Who reads what is said with agencies: each reader, each kind of thread, each candidate, both ways of the switch.

A letter for each of READERS: y reads it, and "." does not. What a reader reads they find on their pages, may fetch the
file of, and hear of while a page is open; of what they do not read they find, fetch and hear nothing. Search finds
nothing of it for anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import get_resolver, reverse

from candidly.actions import agencies, agency_talk, indexing, people
from candidly.actions.agency_talk import Words
from candidly.envelope import File
from candidly.models import Agency, AgencyMessage, AgencyThread, AgencyUser, LiveEvent, Member, Person
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.web.shell.context import LIVE_SALT
from tests.authorization.test_agency_walls import patterns

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
SECRET = "Zugspitze"


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


@pytest.fixture
def cast(
    omar: Member, ruth: Member, marcus: Member, hannah: Member, priya: Member, sofia: Member,
    declan: AgencyUser, bridget: AgencyUser, tomos: AgencyUser, esra: Person, callum: Person,
) -> Mapping[str, Any]:  # fmt: skip
    """By first name. Both candidates' stages were Priya's before they were Hannah's."""
    for candidate in (esra, callum):
        people.coordinate(candidate.applications.get(), hannah)
    return {name: who for name, who in locals().items() if name != "candidate"}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.candidate}, {row.thread}, {row.colleagues_see}")
def test_everybody_reads_what_the_table_says(
    row: Row, cast: Mapping[str, Any], meridian: Agency, client_of: Callable[[Speaker], Client]
) -> None:
    message = _said(row, cast, meridian)
    while indexing.index_new(100):
        pass
    readers = [None, *(cast[name.split(",")[0].split(" ")[0].lower()] for name in READERS[1:])]
    visits = [(client_of(reader) if reader else Client(), reader) for reader in readers]
    for sense in (_finds, _fetches, _hears):
        sensed = "".join("y" if sense(client, reader, message) else "." for client, reader in visits)
        assert sensed == row.letters, sense.__name__
    assert not any(_searches(client) for client, _ in visits)


def _said(row: Row, cast: Mapping[str, Any], meridian: Agency) -> AgencyMessage:
    """By the member of a private thread, else by the agency user; each of them saw the candidate at that time."""
    who, _, private_with = row.thread.partition(" ")
    member: Member | None = cast[private_with] if private_with else None
    opening = cast[row.candidate].applications.get().opening
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


def _page(reader: Speaker | None, person: int) -> str:
    is_agencys = isinstance(reader, AgencyUser)
    return reverse("agency_candidate" if is_agencys else "candidate", args=[person])


def _finds(client: Client, reader: Speaker | None, message: AgencyMessage) -> bool:
    """On any of the pages about the candidate."""
    person, user = message.thread.person_id, message.thread.agency_user_id
    parts = [reverse("talks", args=[person]) + "?tab=profile", reverse("agency_messages", args=[person])]
    parts += [reverse(name, args=[person, user]) for name in ("talk", "talk_messages")]
    pages = [client.get(page) for page in (_page(reader, person), reverse("agency"))]
    pages += [client.get(part, headers={"HX-Request": "true"}) for part in parts]
    return any(SECRET in page.content.decode() for page in pages)


def _fetches(client: Client, reader: Speaker | None, message: AgencyMessage) -> bool:
    """The file, by any of the addresses that give files."""
    file = message.attachments.get().pk
    names = ("talk_file", "agency_file", "attachment")
    return any(client.get(reverse(name, args=[file])).status_code == 200 for name in names)


def _hears(client: Client, reader: Speaker | None, message: AgencyMessage) -> bool:
    """By the topics that the reader's page about the candidate, or any other of theirs, was given."""
    LiveEvent.objects.all().delete()
    agency_talk.tell_pages(AgencyThread.objects.get(pk=message.thread_id))
    told = set(LiveEvent.objects.values_list("topic", flat=True))
    heard: set[str] = set()
    for page in (_page(reader, message.thread.person_id), "/inbox/", reverse("agency")):
        answer = client.get(page)
        _, _, token = answer.content.decode().partition('data-live="')
        if answer.status_code == 200 and token:
            heard |= set(signing.loads(token.partition('"')[0], salt=LIVE_SALT))
    return bool(heard & told)


def _searches(client: Client) -> bool:
    """By the beginning of the word, so that the page does not repeat it."""
    return SECRET in client.get("/search/?q=zugsp").content.decode()


def test_no_other_page_of_a_super_admin_shows_a_private_message(
    cast: Mapping[str, Any], meridian: Agency, client_of: Callable[[Speaker], Client]
) -> None:
    """Every address that needs no key, with what lies in the outbox, the audit log and the exports."""
    _said(Row("callum", "declan hannah", False, ""), cast, meridian)
    client = client_of(cast["sofia"])
    shown = []
    for pattern in patterns(get_resolver()):
        if not pattern.pattern.regex.groups and not (pattern.name or "").startswith("sandbox"):
            answer = client.get(reverse(pattern.name))
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            shown += [pattern.name] if SECRET.encode() in content else []
    assert shown == []
