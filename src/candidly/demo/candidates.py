"""Two thousand candidates, as different as people are."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from candidly.actions import people
from candidly.demo.names import HOME_ZONES, Name, names
from candidly.demo.team import OPENINGS, Team
from candidly.models import Application, Person, Stage

#: One in so many has no address; one in so many has one that no longer works (the mail sandbox refuses it too).
WITHOUT_ADDRESS, GONE = 50, 70
GONE_PREFIX = "bounce."
#: As many as there are numbers that belong to nobody: +44 7700 900001 to 900999 are kept free for drama. So is 900000,
#: by which the sandbox sends, and to which its phone takes nothing.
PHONES = 999

KNOWN = (
    Name("Amara", "Okonkwo", "en", "amara.okonkwo"),
    Name("Kwame", "Boateng", "en", "kwame.boateng"),
    Name("Ingrid", "Solheim", "en", "ingrid.solheim"),
    Name("Fatou", "Diallo", "fr", "fatou.diallo"),
    Name("Zainab", "Al-Rashid", "en", "zainab.alrashid"),
    Name("Siobhán", "Ní Bhriain", "ga", "siobhan.nb"),
    Name("Tomasz", "Wiśniewski", "pl", "t.wisniewski"),
    Name("Leila", "Haddad", "en", "leila.haddad"),
    Name("Sofia", "Marchetti", "en", "sofia.marchetti"),
    Name("Jun-ho", "Park", "ko", "junho.p"),
    Name("Rafael", "Teixeira", "pt", "rafael.t"),
    Name("Nadia", "Petrova", "en", "nadia.petrova"),
    Name("Yusuf", "Demir", "tr", "yusuf.d"),
    Name("Mei-Ling", "Tan", "en", "meiling.t"),
    Name("Grace", "Mbeki", "en", "grace.mbeki"),
    Name("Hana", "Suzuki", "en", "hana.suzuki"),
    Name("Lucía", "Moreno", "en", "lucia.moreno"),
    Name("Thabo", "Hlongwane", "en", "thabo.h"),
    Name("Mateo", "Quispe", "en", "mateo.quispe"),
    Name("Ngozi", "Eze", "en", "ngozi.eze"),
)
DOMAINS = ("mail.example", "post.example", "webmail.example", "inbox.test", "letters.test", "bücher.example")
LOCATIONS = (
    "Leeds Bradford York Hull Sheffield Manchester Harrogate Wakefield Halifax Huddersfield Dewsbury Skipton "
    "Pontefract Newcastle Dublin Selby Keighley Castleford"
).split()
TAGS = (
    ("Critical care", "NMC checked", "Theatre", "Bank", "Nights", "Paediatrics"),
    ("Right to work checked", "Relocating", "Returning", "Newly qualified", "Driver", "Phlebotomy"),
)
SOURCES = ("Website", "Website", "Job board", "Referred by a colleague", "Careers fair", "Meridian Locums")
STAGES = (
    [Stage.APPLIED] * 36
    + [Stage.SCREENING] * 24
    + [Stage.INTERVIEW] * 17
    + [Stage.OFFER] * 5
    + [Stage.HIRED] * 4
    + [Stage.DECLINED] * 14
)


def apply(team: Team, rng: Random, now: datetime, number: int) -> Iterator[Application]:
    """The applications of the first `number` of everybody, as they are made."""
    for place, name in zip(range(number), _everybody(rng), strict=False):
        yield _apply(team, rng, now, place, name)


def _everybody(rng: Random) -> Iterator[Name]:
    known = {name.address for name in KNOWN}
    return chain(KNOWN, (name for name in names(rng) if name.address not in known))


def _apply(team: Team, rng: Random, now: datetime, number: int, name: Name) -> Application:
    (opening,) = rng.choices(team.openings, weights=[share for *_, share in OPENINGS])
    opening = team.openings[number] if number < 2 else opening  # Amara for the ICU, Kwame for the nights
    person = people.add_candidate(
        team.organization,
        first_name=name.first,
        last_name=name.last,
        private_email=_address(number, name),
        phone=f"+447700900{number + 1:03}" if number < PHONES else "",
        location=rng.choice(LOCATIONS),
        time_zone=HOME_ZONES.get(name.language, "Europe/London") if rng.random() < 0.3 else "Europe/London",
        language=name.language,
        source=rng.choice(SOURCES),
        tags=[rng.choice(kind) for kind in TAGS if rng.random() < 0.5],
        created_at=now - timedelta(days=rng.uniform(1, 90)),
        opening=opening,
        stage=_stage(rng, number),
        stage_owner=team.owner_of(opening, number),
    )
    return person.applications.select_related("person", "opening").get()


def _address(number: int, name: Name) -> str:
    if number < len(KNOWN):
        return f"{name.address}@{DOMAINS[0]}"
    if number % WITHOUT_ADDRESS == 0:
        return ""
    prefix = GONE_PREFIX if number % GONE == 0 else ""
    domain = DOMAINS[number % len(DOMAINS)] if number % 40 == 5 else DOMAINS[number % (len(DOMAINS) - 1)]
    return f"{prefix}{name.address}@{domain}"


def _stage(rng: Random, number: int) -> Stage:
    return Stage.INTERVIEW if number < len(KNOWN) else rng.choice(STAGES)


def is_gone(person: Person) -> bool:
    """Whether mail to this candidate comes back."""
    return person.email.startswith(GONE_PREFIX)
