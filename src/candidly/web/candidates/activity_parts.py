"""What an entry of the Activity tab is made of."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from candidly.models import Member, Person
from candidly.web.shell.tags import short_time

SHORT = 80


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: plain, the name of somebody, or a link to `url`."""

    text: str
    is_name: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence with its picture; `detail` stands beneath it, quieter, and may be empty."""

    icon: str
    parts: tuple[Part, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and about whom."""

    member: Member
    person: Person

    def calls(self, member: Member | None, you: str = "You") -> Part:
        """A colleague by name, the reader `you`; the organization for somebody who is gone."""
        if member is None:
            return name(self.member.organization.name)
        return name(you if member.pk == self.member.pk else member.name)

    @property
    def them(self) -> Part:
        return name(self.person.full_name)


def entry(icon: str, *parts: Part | str, detail: str = "") -> Entry:
    """An entry whose plain pieces are given as texts."""
    return Entry(icon, tuple(Part(part) if isinstance(part, str) else part for part in parts), detail)


def name(text: str) -> Part:
    return Part(text, is_name=True)


def link(text: str, url: str) -> Part:
    return Part(text, url=url)


def message_link(text: str, conversation: int, message: int) -> Part:
    """To the message, where it stands in its conversation."""
    return link(text, f"{reverse('conversation', args=[conversation])}?at={message}")


def short(text: str, length: int = SHORT) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rstrip()}…"


def dotted(*words: str) -> str:
    """Those that are not empty, with a dot between them."""
    return " · ".join(filter(None, words))


def at(moment: datetime) -> str:
    """A time as short as it can be said: 08:41 today, Mon this week, 4 March."""
    return short_time(timezone.localtime(moment), timezone.localtime())
