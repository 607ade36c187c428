"""What waits for its time: in a conversation, to a person, and all of a member's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db.models import QuerySet
from django.utils import timezone

from candidly.models import Conversation, Member, Person, ScheduledMessage
from candidly.models.literals import Literal
from candidly.rules import moments
from candidly.rules.access import scheduled_for
from candidly.rules.channels import Channel, chosen
from candidly.web.writing.paging import due_page

State = ScheduledMessage.State
ENOUGH = 50
KEPT = (State.WAITING, State.FAILED, State.HELD)
SIZE = 30


@dataclass(frozen=True)
class Waiting:
    """One message that has not gone. `writer` is empty for the member's own; `there` how the person's clock reads."""

    scheduled: ScheduledMessage
    when: str
    there: str
    writer: str
    channels: list[Channel]

    @property
    def left(self) -> int:
        """Seconds until it goes."""
        return max(0, ceil((self.scheduled.due_at - timezone.now()).total_seconds()))

    @property
    def is_failed(self) -> bool:
        return self.scheduled.state == State.FAILED

    @property
    def is_held(self) -> bool:
        """It has no mailbox to go by."""
        return self.scheduled.state == State.HELD

    @property
    def is_undoable(self) -> bool:
        return self.scheduled.state == State.WAITING and not self.scheduled.is_chosen


def waiting(member: Member, rows: Iterable[ScheduledMessage]) -> list[Waiting]:
    """`rows`, which have their person and writer along, as lists show them."""
    here = timezone.get_current_timezone()
    return [
        Waiting(
            scheduled=row,
            when=time_in_words(row.due_at),
            there=moments.there(row.due_at, here, row.person.time_zone),
            writer="" if row.member_id == member.pk else row.member.name,
            channels=chosen(row.channels),
        )
        for row in rows
    ]


def waiting_in(member: Member, conversation: Conversation) -> list[Waiting]:
    """In a conversation, the next one first; with it what could not be sent."""
    return waiting(member, _rows(member).filter(conversation=conversation)[:ENOUGH])


def waiting_to(member: Member, person: Person) -> list[Waiting]:
    """What is to begin a conversation with the person."""
    return waiting(member, _rows(member).filter(person=person, conversation=None)[:ENOUGH])


def _rows(member: Member) -> QuerySet[ScheduledMessage]:
    """Seldom any: what stands around them is fetched when there are."""
    kept = scheduled_for(member).filter(state__in=KEPT)
    return kept.prefetch_related("member__user", "person", "attachments").order_by("due_at", "pk")


def time_in_words(at: datetime) -> str:
    """Tue 3 March 09:00, in the member's zone; with the year when it is another one."""
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localdate().year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%B}{year} {local:%H:%M}"


@dataclass(frozen=True)
class Page:
    """A page of all that waits, and the key of the next ("" at the end). `failed` could not be sent, or is held."""

    failed: list[Waiting]
    rows: list[Waiting]
    next: str


def all_waiting(member: Member, asked: Mapping[str, str]) -> Page:
    """The member's own, the next one first; `asked` as `due_page` reads it. Http404 for a key that is none."""
    mine = member.scheduled.select_related("member__user", "person", "conversation").prefetch_related("attachments")
    found, following = due_page(mine.filter(state=Literal(State.WAITING.value)), asked, SIZE)
    is_first = not asked.get("after")
    failed = mine.filter(state__in=(State.FAILED, State.HELD)).order_by("-pk")[:ENOUGH] if is_first else []
    return Page(waiting(member, failed), waiting(member, found), following)
