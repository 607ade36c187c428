"""What stands in the way of a mailing before it goes: whom it would leave out, for which reason, and who decides."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lower, RowNumber
from django.utils import timezone

from candidly.models import Member, Message, Person, Purpose, Suppression
from candidly.rules.addressing import falls_back_for, used_address
from candidly.rules.audience import audience_people
from candidly.rules.merge_fields import MergeText
from candidly.rules.recipients import NOBODY, empty_field, needed, with_application, with_values

RECENT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Intent:
    """A mailing that is about to be sent. `left_out` names the reasons, of those that leave a choice, for which people
    are not to get it."""

    sender: Member
    audience: Mapping[str, Any]
    texts: Collection[MergeText]
    kind: str = Person.Kind.CANDIDATE.value
    address_rule: str = ""
    falls_back: bool = True
    is_campaign: bool = False
    left_out: Collection[str] = ("empty",)

    @property
    def key(self) -> str:
        """What its count depends on, besides the time: the same for two texts that need the same fields."""
        fields, left_out = sorted(needed(self.texts)), sorted(self.left_out)
        asked = [self.sender.pk, self.audience, self.kind, self.address_rule, self.falls_back, self.is_campaign]
        return sha256(json.dumps([*asked, fields, left_out], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reason:
    """`counted` is what the pre-flight says of many, `told` what stands beside one person. Where there is no choice,
    they are left out whatever is said."""

    name: str
    counted: str
    told: str
    is_choice: bool
    test: Callable[[Intent], Q]


def _lately() -> QuerySet[Message]:
    """What we wrote to anybody in the last days."""
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    return Message.objects.filter(direction=Message.Direction.OUT, created_at__gte=since)


def _recent(intent: Intent) -> Q:
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    # The conversation's own time leaves few whose messages are looked at.
    ours = _lately().filter(conversation__person=OuterRef("pk"), conversation__last_message_at__gte=since)
    return Q(last_message_at__gte=since) & Q(Exists(ours))


def last_written(people: Collection[Person]) -> dict[int, Message]:
    """By person, the last that we wrote to them lately, with its writer; one query. For a few people, not for all."""
    ours = _lately().filter(conversation__person__in=people).select_related("conversation", "member__user")
    return {message.conversation.person_id: message for message in ours.order_by("pk")}


def _suppressed(intent: Intent, purpose: Purpose) -> Q:
    blocked = Suppression.objects.filter(
        organization=intent.sender.organization_id, channel="email", purpose=purpose, address=OuterRef("compared")
    )
    return Q(Exists(blocked))


REASONS: tuple[Reason, ...] = (
    Reason("no_address", "no e-mail address", "No e-mail address.", False, lambda _: Q(used_address="")),
    Reason(
        "suppressed",
        "on the suppression list",
        "On the suppression list.",
        False,
        lambda intent: _suppressed(intent, Purpose.ALL),
    ),
    Reason(
        "opted_out",
        "no campaign mail, by their own wish",
        "Wants no campaign mail.",
        False,
        lambda intent: _suppressed(intent, Purpose.CAMPAIGN) if intent.is_campaign else NOBODY,
    ),
    Reason(
        "empty",
        "an empty field",
        "An empty field.",
        True,
        lambda intent: ~Q(used_address="") & empty_field(intent.sender, intent.texts),
    ),
    Reason("recent", f"a message in the last {RECENT_DAYS} days", "Written to lately.", True, _recent),
    Reason(
        "fallback",
        "only their other address",
        "The other address is used.",
        True,
        lambda intent: falls_back_for(intent.address_rule, intent.kind) if intent.falls_back else NOBODY,
    ),
)
DOUBLES: tuple[Reason, ...] = (
    Reason("same_address", "an address that another one has", "Same address.", True, lambda _: Q(nth_address__gt=1)),
    Reason("same_phone", "a phone that another one has", "Same phone.", True, lambda _: Q(nth_phone__gt=1)),
)
ALL = (*REASONS, *DOUBLES)
CHOICES = tuple(reason.name for reason in ALL if reason.is_choice)
#: What is left out unless somebody says otherwise.
USUALLY_OUT = ("empty", "same_address", "same_phone")


def told(name: str) -> str:
    """What stands beside one person who is left out for this reason; empty for none."""
    return next((reason.told for reason in ALL if reason.name == name), "")


@dataclass(frozen=True, slots=True)
class Preflight:
    """How many are in an audience, how many each reason concerns (one may have several), and how many will get it."""

    total: int
    reached: int
    concerned: Mapping[str, int]

    @property
    def obstacles(self) -> list[tuple[Reason, int]]:
        """Those that concern anybody."""
        return [(reason, self.concerned[reason.name]) for reason in ALL if self.concerned[reason.name]]


def recipients_of(intent: Intent) -> QuerySet[Person]:
    """Everybody in the audience, each with `mailing_application`, `used_address`, and `obstacle`: the name of the first
    reason for which they are left out, empty for those who get it."""
    return _with_obstacle(intent, _judged(intent), ALL)


def previewed(intent: Intent) -> QuerySet[Person]:
    """The same, to look at a few of them: doubles are not told, which only a look at all of the audience can find."""
    return _with_obstacle(intent, _addressed(intent), REASONS)


def _with_obstacle(intent: Intent, people: QuerySet[Person], reasons: Collection[Reason]) -> QuerySet[Person]:
    tests = (When(reason.test(intent), then=Value(reason.name)) for reason in reasons if _is_out(intent, reason))
    return people.annotate(obstacle=Case(*tests, default=Value(""), output_field=CharField()))


def preflight(intent: Intent) -> Preflight:
    """Count the audience in one query."""
    found = _marked(intent).aggregate(
        total=Count("pk"),
        out=Count("pk", filter=_any_of(reason for reason in ALL if _is_out(intent, reason))),
        **{f"number_of_{reason.name}": Count("pk", filter=_any_of([reason])) for reason in ALL},
    )
    concerned = {reason.name: found[f"number_of_{reason.name}"] for reason in ALL}
    return Preflight(found["total"], found["total"] - found["out"], concerned)


def concerned_by(intent: Intent, name: str) -> QuerySet[Person]:
    """Those whom one reason concerns; for "left_out", those who do not get it. Each with the `obstacle` they have."""
    people = recipients_of(intent)
    if name == "left_out":
        return people.exclude(Q(obstacle=""))
    return people.filter(next((reason.test(intent) for reason in ALL if reason.name == name), NOBODY))


def _marked(intent: Intent) -> QuerySet[Person]:
    """The audience with a mark for each reason that concerns them: what is counted must stand in a column."""
    marks = {f"is_{reason.name}": Case(When(reason.test(intent), then=1), default=0) for reason in ALL}
    return _judged(intent).annotate(**marks)


def _any_of(reasons: Iterable[Reason]) -> Q:
    return reduce(or_, (Q(**{f"is_{reason.name}": 1}) for reason in reasons), NOBODY)


def _addressed(intent: Intent) -> QuerySet[Person]:
    """The audience with all that REASONS look at."""
    people = audience_people(intent.sender, intent.audience, intent.kind).order_by()
    people = with_application(people, intent.sender, intent.audience)
    people = with_values(people, intent.sender, intent.audience, intent.texts)
    address = used_address(intent.address_rule, intent.kind, falls_back=intent.falls_back)
    return people.annotate(used_address=address).annotate(compared=Lower("used_address"))


def _judged(intent: Intent) -> QuerySet[Person]:
    """And what DOUBLES look at: of several with one address the first gets it, but not one who is left out already."""
    turn = [Case(When(_out(intent, REASONS), then=1), default=0, output_field=IntegerField()), F("pk")]
    return _addressed(intent).annotate(nth_address=_nth("compared", turn), nth_phone=_nth("phone", turn))


def _nth(column: str, turn: list[Any]) -> Case:
    counted = Window(RowNumber(), partition_by=[F(column)], order_by=turn)
    return Case(When(Q(**{column: ""}), then=Value(1)), default=counted, output_field=IntegerField())


def _is_out(intent: Intent, reason: Reason) -> bool:
    return not reason.is_choice or reason.name in intent.left_out


def _out(intent: Intent, reasons: Collection[Reason]) -> Q:
    return reduce(or_, (reason.test(intent) for reason in reasons if _is_out(intent, reason)), NOBODY)
