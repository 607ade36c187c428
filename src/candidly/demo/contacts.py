"""Two hundred people at forty client companies, and what Hannah and Priya wrote to some of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from candidly.actions import conversations, participations, people
from candidly.demo.candidates import LOCATIONS
from candidly.demo.names import Name, names
from candidly.demo.talks import Past, hear
from candidly.demo.team import Team
from candidly.models import Message, Person

SEED = 11
NUMBER, AT_EACH, TALKS = 200, 5, 6
#: Before anything that is said with candidates, so that newer messages have higher ids.
BEGAN = timedelta(days=66)
FIRST = "Meridian Brightwell Harrow Castle Riverside Oakfield St·Brigid’s Pennine Calder Whitcliffe".split()
SECOND = ("Hospitals Trust", "Care Homes", "Clinics", "Community Health")
TITLES = (
    "Head of Nursing",
    "HR Business Partner",
    "Ward Manager",
    "Practice Manager",
    "Operations Director",
    "Talent Partner",
)
TAGS = ("Framework client", "Invoices monthly", "Prefers phone", "New in 2026")
SUBJECT = "Cover for {company} in the autumn"
ASKED = (
    "Dear {first},\n\nWe are putting together the rota for the autumn. How many nurses will you need at {company}, "
    "and from which week?\n\nKind regards,\n{me}"
)
ANSWERED = "Hello {me},\n\nThree from the second week of October, two of them for nights.\n\n{first}"


def tell(team: Team, past: Past) -> None:
    """All of them, and the few conversations."""
    rng = Random(SEED)  # noqa: S311 - a story, no secret
    known = list(islice(_everybody(team, rng, past), NUMBER))
    for number, contact in enumerate(known[::AT_EACH][:TALKS]):
        _talk(team, past, contact, number)


def _everybody(team: Team, rng: Random, past: Past) -> Iterator[Person]:
    companies = [f"{first.replace('·', ' ')} {second}" for second in SECOND for first in FIRST]
    for number, name in enumerate(names(rng)):
        yield _contact(team, rng, past, companies[number // AT_EACH % len(companies)], name)


def _contact(team: Team, rng: Random, past: Past, company: str, name: Name) -> Person:
    domain = "".join(letter for letter in company.lower() if letter.isalnum() and letter.isascii())
    return people.add_contact(
        team.organization,
        first_name=name.first,
        last_name=name.last,
        work_email=f"{name.address}@{domain}.example",
        private_email=f"{name.address}@mail.example" if rng.random() < 0.2 else "",
        company=company,
        job_title=rng.choice(TITLES),
        location=rng.choice(LOCATIONS),
        time_zone="Europe/London",
        language=name.language,
        tags=[tag for tag in TAGS if rng.random() < 0.2],
        created_at=past.now - timedelta(days=rng.uniform(70, 400)),
    )


def _talk(team: Team, past: Past, contact: Person, number: int) -> None:
    """Asked at work; every other one has answered."""
    member = team.priya if number % 3 == 0 else team.hannah
    words = {
        "first": contact.first_name,
        "company": contact.company,
        "me": member.name.partition(" ")[0],
    }
    said_at = past.now - BEGAN + timedelta(hours=5 * number)
    asked = conversations.start(member, contact, subject=SUBJECT.format(**words), text=ASKED.format(**words))
    _at(past, asked, said_at)
    if number % 2 == 0:
        _at(past, hear(asked, ANSWERED.format(**words)), said_at + timedelta(hours=3))
    participations.mark_read(member, [asked.conversation_id])


def _at(past: Past, message: Message, said_at: datetime) -> None:
    message.created_at = past.said_at[message.pk] = said_at
