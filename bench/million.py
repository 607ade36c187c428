"""`python -m bench.million`: a million messages, as an organization has them after some years, into the database that
the environment names. It must be empty."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched, islice
from random import Random
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from bench import texts
from candidly.actions import organizations
from candidly.demo.candidates import LOCATIONS, STAGES
from candidly.demo.names import names
from candidly.models import (
    Application,
    Attachment,
    Conversation,
    Delivery,
    Mailing,
    MailingRecipient,
    Member,
    Message,
    MessageDocument,
    Opening,
    Organization,
    Participation,
    Person,
    PersonSearch,
    PortalLink,
    ReplyAddress,
    Role,
    Tag,
    User,
)
from candidly.models.bulk import insert_rows, new_ids, update_rows
from candidly.models.search import written
from candidly.rules import portal_links
from candidly.rules.mail_identity import new_message_id, new_token
from candidly.rules.search_document import Subject, document
from candidly.rules.search_text import search_text

CHUNK = 20_000
YEARS = timedelta(days=3 * 365)
EMAIL, PASSWORD = "hannah@northlane.example", "correct horse battery"
MEMBERS = 40
#: What people talk about besides: a few of them often, most of them hardly ever.
TOPICS = 20_000
CHANNELS = ["email"] * 8 + ["sms", "app", "app"]
TITLES = "Staff Nurse,Theatre Practitioner,Healthcare Assistant,Radiographer,Midwife,Physiotherapist,Porter".split(",")
TAGS = "Critical care,Theatre,Bank,Nights,Paediatrics,Relocating,Returning,Newly qualified,Driver,Phlebotomy".split(",")


@dataclass(slots=True)
class Talk:
    """A conversation while it is made up. `owner` and `mailing` are ids; 0 for no mailing or application."""

    pk: int
    person: int
    application: int
    owner: int
    mailing: int
    times: list[datetime]
    last_message: int = 0
    last_direction: str = "out"
    messages: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """One message while it is made up. `file` is a name, empty for none."""

    pk: int
    organization: int
    talk: Talk
    mailing: int | None
    direction: str
    channel: str
    text: str
    file: str
    moment: datetime
    subject: str = "A question about your application"

    @property
    def address(self) -> str:
        return f"p{self.talk.person}@mail.example" if self.channel == "email" else ""


class World:
    """Made from one seed, so that every run measures the same. Of members, openings and people a few have most."""

    def __init__(self, messages: int) -> None:
        self.rng = Random(20_26)
        self.now = datetime.now(UTC)
        self.messages = messages
        self.people_wanted = messages // 10
        self.conversations_wanted = messages // 5
        self.topics = [
            "".join(self.rng.choice("bdfgklmnprstvz") + self.rng.choice("aeiou") for _ in "123") for _ in range(TOPICS)
        ]
        self.names: dict[int, str] = {}
        self.opening_of: dict[int, int] = {}

    def build(self) -> None:
        """Everything, in order; then the statistics that a database in use would have."""
        with transaction.atomic():
            self.found()
            self.add_openings()
        self.add_people()
        self.talks = self.plan()
        self.add_mailings()
        self.add_conversations()
        with self.indexed_afterwards():
            self.add_messages()
        self.add_places()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize=0x10002")

    @contextmanager
    def indexed_afterwards(self) -> Iterator[None]:
        """PostgreSQL indexes for search many times as fast in one go; SQLite does it as the rows come."""
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_indexdef('message_document_words'::regclass)")
            (index,) = cursor.fetchone()
            cursor.execute("DROP INDEX message_document_words")
            yield
            cursor.execute(index)

    def found(self) -> None:
        first = organizations.found("Northlane Care", "Hannah Whitlock", EMAIL, PASSWORD)
        self.organization: Organization = first.organization
        roles = [Role.RECRUITER] * 25 + [Role.HIRING_MANAGER] * 14
        users = [User.objects.create(email=f"m{n}@northlane.example", name=f"Member {n}") for n in range(MEMBERS - 1)]
        joined = [Member(user=u, organization=self.organization, role=r) for u, r in zip(users, roles, strict=True)]
        self.members = [first, *Member.objects.bulk_create(joined)]

    def add_openings(self) -> None:
        made = [
            Opening(organization=self.organization, title=f"{self.rng.choice(TITLES)} {n}", location=self.place())
            for n in range(300)
        ]
        self.openings = Opening.objects.bulk_create(made)
        managers = [member for member in self.members if member.role == Role.HIRING_MANAGER]
        for opening in self.openings:
            opening.team.add(self.rng.choice(managers))
        self.tags = Tag.objects.bulk_create([Tag(organization=self.organization, name=name) for name in TAGS])

    def place(self) -> str:
        return self.rng.choice(LOCATIONS)

    def few[T](self, of: list[T]) -> T:
        """One of them; the first ones much more often than the last."""
        return of[int(len(of) * self.rng.random() ** 3)]

    def add_people(self) -> None:
        """Their last_* fields are set by `add_places`, once it is known who said what."""
        self.applications: dict[int, list[int]] = {}
        known = list(names(self.rng))
        for numbers in batched(range(self.people_wanted), CHUNK, strict=False):
            with transaction.atomic():
                people = [self.person(n, known) for n in numbers]
                for person, pk in zip(people, new_ids(Person, len(people)), strict=True):
                    person.pk = pk
                    self.names[pk] = person.full_name
                self.apply(people)

    def person(self, number: int, known: list[Any]) -> Person:
        name = known[self.rng.randrange(len(known))]
        phone = f"+4477009{number % 100_000:05}" if number % 3 == 0 else ""
        return Person(
            organization=self.organization,
            first_name=name.first,
            last_name=name.last,
            private_email=f"{name.address}.{number}@mail{number % 500}.example",
            phone=phone,
            location=self.place(),
        )

    def apply(self, people: list[Person]) -> None:
        """Each applies once to thrice and has a tag or two; a few have neither."""
        applied, tagged, searched = [], [], []
        for person in people:
            openings = [self.few(self.openings) for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3)))]
            tags = {self.few(self.tags) for _ in range(self.rng.randrange(3))}
            stages = [int(self.rng.choice(STAGES)) for _ in openings]
            person.stage = stages[-1] if stages else 0
            searched.append((person.pk, search_text(person, map(str, openings), [tag.name for tag in tags])))
            applied += [(person.pk, opening.pk, stage) for opening, stage in zip(openings, stages, strict=True)]
            tagged += [(person.pk, tag.pk) for tag in tags]
        columns = ("id", "organization_id", "first_name", "last_name", "private_email", "phone", "location", "stage")
        insert_rows(Person, (*columns, "custom_fields"), ([*(getattr(p, c) for c in columns), "{}"] for p in people))
        insert_rows(PersonSearch, ("person_id", "text"), searched)
        keys = new_ids(Application, len(applied))
        for pk, (person_id, opening_id, _) in zip(keys, applied, strict=True):
            self.applications.setdefault(person_id, []).append(pk)
            self.opening_of[pk] = opening_id
        insert_rows(
            Application,
            ("id", "organization_id", "person_id", "opening_id", "stage", "applied_at"),
            ((k, self.organization.pk, p, o, s, self.moment()) for k, (p, o, s) in zip(keys, applied, strict=True)),
        )
        insert_rows(Person.tags.through, ("person_id", "tag_id"), tagged)
        self.people = getattr(self, "people", []) + [person.pk for person in people]

    def moment(self) -> datetime:
        """More of late than long ago."""
        ago: float = self.rng.random() ** 1.5
        return self.now - YEARS * ago

    def plan(self) -> list[Talk]:
        """Who talks with whom, how long, and when; without ids yet. The first is one of 200 messages."""
        lengths = [200, *(self.length() for _ in range(self.conversations_wanted - 1))]
        talks = [self.talk(length) for length in lengths]
        spare = self.messages - sum(len(talk.times) for talk in talks)
        for talk in self.rng.choices(talks[1:], k=max(0, spare)):
            talk.times.append(self.later(talk.times[-1]))
        return talks

    def length(self) -> int:
        """Most are short, some long: three and a half on average, so that the whole is reached from below."""
        return 1 + int(self.rng.expovariate(1 / 2.5))

    def talk(self, length: int) -> Talk:
        person = self.few(self.people)
        times = [self.moment()]
        while len(times) < length:
            times.append(self.later(times[-1]))
        application = self.rng.choice(self.applications.get(person) or [0])
        return Talk(0, person, application, self.few(self.members).pk, 0, times)

    def later(self, moment: datetime) -> datetime:
        return min(self.now, moment + timedelta(hours=self.rng.expovariate(1 / 20)))

    def add_mailings(self) -> None:
        """Six in ten conversations began with a mailing; the largest reached a tenth of all."""
        rest = [talk for talk in self.talks[1:] if self.rng.random() < 0.6]
        self.rng.shuffle(rest)
        self.mailings: list[Mailing] = []
        walk = iter(rest)
        while part := self.one_each(islice(walk, max(50, len(self.talks) // (10 + 6 * len(self.mailings))))):
            when = min(talk.times[0] for talk in part)
            mailing = Mailing.objects.create(
                organization=self.organization,
                sender=self.few(self.members),
                subject=texts.SUBJECT,
                body=texts.BODY,
                is_html=True,
                state=Mailing.State.DONE,
                total=len(part),
                created_at=when,
                finished_at=when,
            )
            self.mailings.append(mailing)
            for talk in part:
                talk.mailing, talk.owner = mailing.pk, mailing.sender_id

    def one_each(self, talks: Iterator[Talk]) -> list[Talk]:
        """A mailing has each person once."""
        return list({talk.person: talk for talk in talks}.values())

    def add_conversations(self) -> None:
        """In the order of their beginnings, with their addresses for replies."""
        self.talks.sort(key=lambda talk: talk.times[0])
        for part in batched(self.talks, CHUNK, strict=False):
            with transaction.atomic():
                for talk, pk in zip(part, new_ids(Conversation, len(part)), strict=True):
                    talk.pk = pk
                    talk.last_direction = "in" if len(talk.times) > 1 and self.rng.random() < 0.6 else "out"
                insert_rows(Conversation, CONVERSATION, (self.conversation(talk) for talk in part))
                insert_rows(
                    ReplyAddress,
                    ("organization_id", "conversation_id", "person_id", "token"),
                    ((self.organization.pk, talk.pk, talk.person, new_token()) for talk in part),
                )
                insert_rows(PortalLink, PORTAL_LINK, (self.portal_link(talk) for talk in part))

    def portal_link(self, talk: Talk) -> tuple[Any, ...]:
        seed = portal_links.new_seed()
        hashed = portal_links.hash_of(portal_links.token_of(seed))
        return talk.pk, seed, hashed, talk.times[0], talk.times[0] + timedelta(days=180)

    def conversation(self, talk: Talk) -> tuple[Any, ...]:
        times = (talk.times[0], talk.times[-1])
        keys = (talk.pk, self.organization.pk, talk.person, talk.application or None, talk.owner, talk.mailing or None)
        words = ("A question about your application", talk.last_direction, "email", self.paragraph()[:160])
        return (*keys, *times, *words, self.rng.random() < 0.01)

    def paragraph(self) -> str:
        return self.rng.choice(texts.PARAGRAPHS)

    def add_messages(self) -> None:
        """In the order in which they were said, so that a conversation's lie as scattered as in life."""
        said = sorted(
            (moment, number, place) for number, t in enumerate(self.talks) for place, moment in enumerate(t.times)
        )
        for part in batched(said, CHUNK, strict=False):
            with transaction.atomic():
                self.add_said(part)

    def add_said(self, part: tuple[tuple[datetime, int, int], ...]) -> None:
        said = [self.say(pk, *which) for pk, which in zip(new_ids(Message, len(part)), part, strict=True)]
        sent = Delivery.State.SENT.value
        insert_rows(Message, MESSAGE, (self.message(one) for one in said))
        insert_rows(
            Delivery,
            DELIVERY,
            (
                (one.organization, one.pk, one.mailing, one.address, one.channel, sent, *[one.moment] * 3, 1)
                for one in said
                if one.direction == "out"
            ),
        )
        insert_rows(
            Attachment,
            ("organization_id", "message_id", "file", "name", "content_type", "size", "created_at"),
            (
                (one.organization, one.pk, f"bench/{one.pk}", one.file, "application/pdf", 90_000, one.moment)
                for one in said
                if one.file
            ),
        )
        insert_rows(MessageDocument, ("message_id", "document"), (self.document(one) for one in said))

    def say(self, pk: int, moment: datetime, number: int, place: int) -> Said:
        talk = self.talks[number]
        is_last = place == len(talk.times) - 1
        direction = talk.last_direction if is_last else "out" if place == 0 or self.rng.random() < 0.5 else "in"
        talk.messages.append(pk)
        return Said(
            pk=pk,
            organization=self.organization.pk,
            talk=talk,
            mailing=talk.mailing if place == 0 and talk.mailing else None,
            direction=direction,
            channel="email" if place == 0 else self.rng.choice(CHANNELS),
            text=self.text(pk, moment),
            file=f"CV {self.names[talk.person]}.pdf" if self.rng.random() < 0.03 else "",
            moment=moment,
        )

    def text(self, pk: int, moment: datetime) -> str:
        """Words that all say, words that few say, one that all said long ago, and one of its own."""
        topics = " ".join(self.few(self.topics) for _ in range(8))
        then = "The heatwave goes on." if moment < self.now - YEARS / 2 else ""
        return f"{self.paragraph()}\n\n{self.paragraph()}\n\n{topics}. {then} Number {pk}"

    def message(self, said: Said) -> tuple[Any, ...]:
        talk = said.talk
        member, person = (talk.owner, None) if said.direction == "out" else (None, talk.person)
        keys = (said.pk, said.organization, talk.pk, said.mailing, said.direction, said.channel, member, person)
        return (*keys, said.subject, said.text, texts.BODY if said.mailing else "", new_message_id(), said.moment)

    def document(self, said: Said) -> tuple[int, str]:
        """As the worker would have indexed it."""
        talk = said.talk
        subject = Subject(
            message=said.pk,
            organization=said.organization,
            person=talk.person,
            opening=self.opening_of.get(talk.application),
            channels=[said.channel],
            has_file=bool(said.file),
            written_at=said.moment,
            texts=[said.subject, said.text, self.names[talk.person], said.file],
        )
        return said.pk, written(document(subject), connection.vendor)

    def add_places(self) -> None:
        """Who takes part and has read how far; who got which mailing; and what the people list repeats."""
        for part in batched(self.talks, CHUNK, strict=False):
            with transaction.atomic():
                insert_rows(Participation, PARTICIPATION, (row for talk in part for row in self.participations(talk)))
                insert_rows(
                    MailingRecipient,
                    ("mailing_id", "person_id", "application_id", "state", "message_id"),
                    ((t.mailing, t.person, t.application or None, "written", t.messages[0]) for t in part if t.mailing),
                )
        self.repeat_in_people()

    def participations(self, talk: Talk) -> Iterator[tuple[Any, ...]]:
        others = {self.few(self.members).pk for _ in range(self.rng.choice((0, 0, 0, 1)))} - {talk.owner}
        last = talk.messages[-1]
        for member, role in [(talk.owner, "owner"), *((other, "follower") for other in others)]:
            unread = talk.last_direction == "in" and self.rng.random() < 0.08
            waiting = talk.last_direction == "in" and (unread or self.rng.random() < 0.3)
            archived = talk.times[-1] if not unread and self.rng.random() < 0.2 else None
            snoozed = self.now + timedelta(days=3) if archived and self.rng.random() < 0.02 else None
            read = last - 1 if unread else last
            yield talk.pk, member, role, read, unread, waiting, archived, snoozed, talk.times[-1]

    def repeat_in_people(self) -> None:
        newest: defaultdict[int, datetime] = defaultdict(lambda: self.now - 2 * YEARS)
        replied: dict[int, datetime] = {}
        for talk in self.talks:
            newest[talk.person] = max(newest[talk.person], talk.times[-1])
            if talk.last_direction == "in":
                replied[talk.person] = talk.times[-1]
        for part in batched(newest.items(), CHUNK, strict=False):
            rows = ((at, "email", replied.get(pk), pk) for pk, at in part)
            with transaction.atomic():
                update_rows(Person, ("last_message_at", "last_channel", "last_reply_at"), rows)


CONVERSATION = (
    *("id", "organization_id", "person_id", "application_id", "owner_id", "mailing_id", "created_at"),
    *("last_message_at", "subject", "last_direction", "last_channel", "snippet", "has_failure"),
)
PORTAL_LINK = ("conversation_id", "seed", "token_hash", "created_at", "expires_at")
MESSAGE = (
    *("id", "organization_id", "conversation_id", "mailing_id", "direction", "channel", "member_id", "person_id"),
    *("subject", "text", "html", "rfc_message_id", "created_at"),
)
DELIVERY = (
    *("organization_id", "message_id", "mailing_id", "address", "channel"),
    *("state", "due_at", "created_at", "sent_at", "attempts"),
)
PARTICIPATION = (
    *("conversation_id", "member_id", "role", "read_up_to", "is_unread", "is_waiting"),
    *("archived_at", "snoozed_until", "last_message_at"),
)


def main() -> None:
    if Organization.objects.exists():
        sys.exit("There is data already. Use another CANDIDLY_DATA_DIR or CANDIDLY_DATABASE_URL.")
    World(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000).build()
    sys.stdout.write(f"Sign in as {EMAIL} with “{PASSWORD}”.\n")


if __name__ == "__main__":
    main()
