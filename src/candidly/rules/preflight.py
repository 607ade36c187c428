"""What stands in the way of a mailing before it goes: whom it would leave out, for which reason, and who decides."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from hashlib import sha256
from operator import and_, or_
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
from candidly.rules.channels import Channel, carried, channel
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
    channels: Collection[str] = ("email",)
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
        told = [*asked, sorted(self.channels), fields, left_out]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reason:
    """`counted` is what the pre-flight says of many, `told` what stands beside one person.

    A reason that `closes` a channel leaves no choice: what goes by it does not go to them, and where that was the last
    that leads to them, they are left out. Others leave one.
    """

    name: str
    counted: str
    told: str
    test: Callable[[Intent], Q]
    closes: str = ""

    @property
    def is_choice(self) -> bool:
        return not self.closes

    @property
    def closed(self) -> Channel:
        """The channel that it closes."""
        return channel(self.closes)


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


def _suppressed(intent: Intent, purpose: Purpose, by: str = "email", column: str = "compared") -> Q:
    blocked = Suppression.objects.filter(
        organization=intent.sender.organization_id, channel=by, purpose=purpose, address=OuterRef(column)
    )
    return Q(Exists(blocked))


def _may_fall_back(intent: Intent) -> bool:
    return intent.falls_back and "email" in intent.channels


def _has_no_address(intent: Intent) -> Q:
    """By none of the chosen channels."""
    return reduce(and_, (Q(**{f"used_{way.frozen_in}": ""}) for way in carried(intent.channels)))


REASONS: tuple[Reason, ...] = (
    Reason("no_address", "no e-mail address", "No e-mail address.", lambda _: Q(used_address=""), closes="email"),
    Reason(
        "suppressed",
        "an address on the suppression list",
        "On the suppression list.",
        lambda intent: _suppressed(intent, Purpose.ALL),
        closes="email",
    ),
    Reason(
        "opted_out",
        "no campaign mail, by their own wish",
        "Wants no campaign mail.",
        lambda intent: _suppressed(intent, Purpose.CAMPAIGN) if intent.is_campaign else NOBODY,
        closes="email",
    ),
    Reason("no_phone", "no phone number", "No phone number.", lambda _: Q(phone=""), closes="sms"),
    Reason(
        "no_texts",
        "a phone number on the suppression list",
        "Gets no text messages.",
        lambda intent: _suppressed(intent, Purpose.ALL, "sms", "phone"),
        closes="sms",
    ),
    Reason(
        "empty",
        "an empty field",
        "An empty field.",
        lambda intent: ~_has_no_address(intent) & empty_field(intent.sender, intent.texts),
    ),
    Reason("recent", f"a message in the last {RECENT_DAYS} days", "Written to lately.", _recent),
    Reason(
        "fallback",
        "only their other address",
        "The other address is used.",
        lambda intent: falls_back_for(intent.address_rule, intent.kind) if _may_fall_back(intent) else NOBODY,
    ),
)
DOUBLES: tuple[Reason, ...] = (
    Reason("same_address", "an address that another one has", "Same address.", lambda _: Q(nth_address__gt=1)),
    Reason("same_phone", "a phone that another one has", "Same phone.", lambda _: Q(nth_phone__gt=1)),
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
        return [(reason, self.concerned[reason.name]) for reason in ALL if self.concerned.get(reason.name)]


def recipients_of(intent: Intent) -> QuerySet[Person]:
    """Everybody in the audience, each with `mailing_application`, and `used_address` and `used_phone`, empty where that
    channel is not chosen or leads nowhere; and `obstacle`: the name of the first reason for which they are left out,
    empty for those who get it."""
    return _with_obstacle(intent, _judged(intent), ALL)


def previewed(intent: Intent) -> QuerySet[Person]:
    """The same, to look at a few of them: doubles are not told, which only a look at all of the audience can find."""
    return _with_obstacle(intent, _addressed(intent), REASONS)


def _with_obstacle(intent: Intent, people: QuerySet[Person], reasons: Collection[Reason]) -> QuerySet[Person]:
    tests = (When(_leaves_out(intent, reason), then=Value(reason.name)) for reason in _telling(intent, reasons))
    return people.annotate(obstacle=Case(*tests, default=Value(""), output_field=CharField()))


def preflight(intent: Intent) -> Preflight:
    """Count the audience in one query."""
    asked = _asked(intent, ALL)
    found = _marked(intent, asked).aggregate(
        total=Count("pk"),
        out=Count("pk", filter=_any_of(_marks_out(intent, reason) for reason in _telling(intent, asked))),
        **{f"number_of_{reason.name}": Count("pk", filter=_is_marked(reason)) for reason in asked},
    )
    concerned = {reason.name: found[f"number_of_{reason.name}"] for reason in asked}
    return Preflight(found["total"], found["total"] - found["out"], concerned)


def concerned_by(intent: Intent, name: str) -> QuerySet[Person]:
    """Those whom one reason concerns; for "left_out", those who do not get it. Each with the `obstacle` they have."""
    people = recipients_of(intent)
    if name == "left_out":
        return people.exclude(Q(obstacle=""))
    return people.filter(next((reason.test(intent) for reason in _asked(intent, ALL) if reason.name == name), NOBODY))


def _marked(intent: Intent, reasons: Collection[Reason]) -> QuerySet[Person]:
    """The audience with a mark for each reason that concerns them: what is counted must stand in a column."""
    marks = {f"is_{reason.name}": Case(When(reason.test(intent), then=1), default=0) for reason in reasons}
    return _judged(intent).annotate(**marks)


def _is_marked(reason: Reason) -> Q:
    return Q(**{f"is_{reason.name}": 1})


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NOBODY)


def _addressed(intent: Intent) -> QuerySet[Person]:
    """The audience with all that REASONS look at."""
    people = audience_people(intent.sender, intent.audience, intent.kind).order_by()
    people = with_application(people, intent.sender, intent.audience)
    people = with_values(people, intent.sender, intent.audience, intent.texts)
    address = used_address(intent.address_rule, intent.kind, falls_back=intent.falls_back)
    nowhere = Value("", output_field=CharField())
    return people.annotate(
        used_address=address if "email" in intent.channels else nowhere,
        used_phone=F("phone") if "sms" in intent.channels else nowhere,
    ).annotate(compared=Lower("used_address"))


def _judged(intent: Intent) -> QuerySet[Person]:
    """And what DOUBLES look at: of several with one address the first gets it, but not one who is left out already."""
    out = _any_of(_leaves_out(intent, reason) for reason in _telling(intent, REASONS))
    turn = [Case(When(out, then=1), default=0, output_field=IntegerField()), F("pk")]
    return _addressed(intent).annotate(nth_address=_nth("compared", turn), nth_phone=_nth("phone", turn))


def _nth(column: str, turn: list[Any]) -> Case:
    counted = Window(RowNumber(), partition_by=[F(column)], order_by=turn)
    return Case(When(Q(**{column: ""}), then=Value(1)), default=counted, output_field=IntegerField())


def _asked(intent: Intent, reasons: Iterable[Reason]) -> list[Reason]:
    """Those that can matter by the chosen channels."""
    return [reason for reason in reasons if not reason.closes or reason.closes in intent.channels]


def _telling(intent: Intent, reasons: Iterable[Reason]) -> list[Reason]:
    """Those for which somebody may be left out."""
    return [reason for reason in _asked(intent, reasons) if not reason.is_choice or reason.name in intent.left_out]


def _leaves_out(intent: Intent, reason: Reason) -> Q:
    return _last_way(intent, reason, lambda one: one.test(intent))


def _marks_out(intent: Intent, reason: Reason) -> Q:
    return _last_way(intent, reason, _is_marked)


def _last_way(intent: Intent, reason: Reason, concerns: Callable[[Reason], Q]) -> Q:
    """Whom a reason leaves out: whom it concerns, and where it closes a channel, whom none of the others reaches."""
    others = [way.name for way in carried(intent.channels) if reason.closes not in ("", way.name)]
    closed = (_any_of(concerns(one) for one in REASONS if one.closes == name) for name in others)
    return reduce(and_, closed, concerns(reason))
