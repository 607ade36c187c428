"""What the search page shows for a query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.safestring import SafeString

from candidly.models import Member, Message, Opening, Person
from candidly.rules.access import applications_for, candidates_for, contacts_for, openings_for, people_for
from candidly.rules.audience import CandidateFilter
from candidly.rules.channels import CHANNELS, channel
from candidly.rules.numbers import number_in
from candidly.rules.search import PAGE, Found, messages_found
from candidly.rules.search_query import MessageQuery
from candidly.rules.search_text import fold, search_words
from candidly.web.search.snippets import beginning, highlighted

#: Candidates and openings above the messages, people beside them, and openings to choose from.
FEW = 3
PEOPLE = 6
OPENINGS = 500


@dataclass(frozen=True)
class Row:
    """One message found. `author` is whose words the snippet are, where they are not the person's."""

    message: Message
    icon: str
    channel: str
    author: str
    subject: SafeString
    snippet: SafeString


@dataclass(frozen=True)
class Chip:
    """One narrowing in words; `query` is the address without it."""

    label: str
    value: str
    query: str


class Results:
    """Each property asks the database once, and only when the template shows it."""

    def __init__(self, member: Member, query: QueryDict) -> None:
        self.member = member
        self.query = MessageQuery.from_query(query)
        self.after = number_in(query.get("after", ""))

    @cached_property
    def found(self) -> Found:
        return messages_found(self.member, self.query, self.after)

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(message) for message in self.found.messages]

    @property
    def next(self) -> str:
        """The address of what follows, from the question mark on; empty at the end."""
        return f"?{self.query.to_query()}&after={self.found.next}" if self.found.next else ""

    @property
    def is_short(self) -> bool:
        """Whether the search ended before the page was full, and is to be gone on with."""
        return bool(self.found.next) and len(self.found.messages) < PAGE

    @property
    def total_words(self) -> str:
        """12 messages; 30+ messages, where more follow."""
        number = len(self.found.messages)
        if self.found.next:
            return f"{number}+ messages"
        return "1 message" if number == 1 else f"{number} messages"

    @cached_property
    def candidates(self) -> list[Person]:
        """A few whom the words name; none when messages alone are asked for."""
        return self._few(candidates_for(self.member))

    @cached_property
    def contacts(self) -> list[Person]:
        """The same of contacts."""
        return self._few(contacts_for(self.member))

    def _few(self, people: QuerySet[Person]) -> list[Person]:
        if self._is_narrow:
            return []
        named = CandidateFilter(q=self.query.q)
        return list(named.order(named.apply(people, applications_for(self.member)))[:FEW])

    @cached_property
    def openings(self) -> list[Opening]:
        """A few that the words name, of the member's own."""
        if self._is_narrow:
            return []
        words = search_words(self.query.q)
        return [one for one in self.all_openings if all(word in fold(str(one)) for word in words)][:FEW]

    @property
    def opening_choices(self) -> list[tuple[str, str, bool]]:
        """Value, name, and whether it is the one chosen: as text, because a template takes long over many numbers."""
        return [(str(one.pk), str(one), one.pk == self.query.opening) for one in self.all_openings]

    @cached_property
    def all_openings(self) -> list[Opening]:
        return list(openings_for(self.member).order_by("title", "pk")[:OPENINGS])

    @cached_property
    def people(self) -> list[Person]:
        """Whom the messages may be narrowed to: the one chosen, those the words name, those who were found."""
        listed = {person.pk: person for person in [*self._chosen_person, *self.candidates, *self.contacts]}
        for message in self.found.messages:
            if len(listed) < PEOPLE:
                listed.setdefault(message.conversation.person_id, message.conversation.person)
        return list(listed.values())

    @property
    def channels(self) -> list[tuple[str, str]]:
        return [("", "Any channel"), *((one.name, one.label) for one in CHANNELS.values())]

    @cached_property
    def chips(self) -> list[Chip]:
        """The search in words, but for its own."""
        query = self.query
        words = {
            "person": ("Person", _named(self._chosen_person) if query.person else ""),
            "opening": ("Opening", _named(self._chosen_opening) if query.opening else ""),
            "channel": ("Channel", channel(query.channel).label if query.channel else ""),
            "since": ("From", _day(query.since)),
            "until": ("To", _day(query.until)),
            "has_file": ("Attachment", "yes" if query.has_file else ""),
        }
        return [Chip(label, value, query.without(name).to_query()) for name, (label, value) in words.items() if value]

    @property
    def without_filters(self) -> str:
        """The address of the same words alone, from the question mark on."""
        return f"?{MessageQuery(self.query.q).to_query()}"

    @property
    def _is_narrow(self) -> bool:
        return self.query.narrows or bool(self.after) or not search_words(self.query.q)

    @cached_property
    def _chosen_person(self) -> list[Person]:
        return list(people_for(self.member).filter(pk=self.query.person)) if self.query.person else []

    @property
    def _chosen_opening(self) -> list[Opening]:
        return [opening for opening in self.all_openings if opening.pk == self.query.opening]

    def _row(self, message: Message) -> Row:
        way = OWN.get(message.channel) or (channel(message.channel).icon, channel(message.channel).label)
        return Row(
            message=message,
            icon=way[0],
            channel=way[1],
            author=self._author(message),
            subject=beginning(message.subject, self.query.terms),
            snippet=highlighted(message.text, self.query.terms),
        )

    def _author(self, message: Message) -> str:
        if message.direction == Message.Direction.IN:
            return "" if message.person_id else message.from_address
        if message.member_id == self.member.pk:
            return "You"
        return message.member.name if message.member else self.member.organization.name


def _named(chosen: Iterable[Person | Opening]) -> str:
    """A name; "unknown" for what is not the member's to see."""
    return next(map(str, chosen), "unknown")


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


#: What stays with the team: its picture and its name.
OWN = {"note": ("note", "Internal note"), "call": ("phone", "Call")}
