"""What the outbox holds, in figures that cost much the same however full it is.

Every count stops at a limit, and goes by a partial index of Delivery, which is named beside it. So that the index can
be taken, a query repeats its condition word for word (`literals`), beside the narrower one that it is after.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Case, Count, Min, OuterRef, Q, QuerySet, Subquery, When

from candidly.config import config
from candidly.models import Delivery, Gateway, InboundMail, Mailing, Member, clock
from candidly.models.deliveries import DeliveryQuerySet
from candidly.models.literals import literals
from candidly.rules import own_mailboxes
from candidly.rules.access import deliveries_for, mailings_for
from candidly.rules.channels import CARRIED
from candidly.rules.ways import MAY_GO

State = Delivery.State

#: A count beyond this is told as "more than".
COUNTED = 10_000
#: What left is counted further: at full speed an hour has many.
SENT_COUNTED = 100_000
#: For measurements, which draw curves, and are asked for by one program.
MEASURED = 100_000
MAILINGS = 20
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: When a delivery is due that a person held: not until somebody releases it.
HELD_UNTIL = datetime(9999, 1, 1, tzinfo=UTC)

#: Channels that are shown even if their gateway never failed.
CHANNELS = CARRIED if config().texts else ("email",)


@dataclass(frozen=True, slots=True)
class Queue:
    """Counts of an organization's deliveries; each stops one above COUNTED, `sent_*` one above SENT_COUNTED.

    `due` could leave now, `retrying` was tried and waits for its next attempt, `later` waits for its time and was never
    tried; all three leave paused mailings out. `failed` is of the last 24 hours. `oldest_due_at` is when the longest
    waiting became due; None when nothing is.
    """

    due: int
    retrying: int
    later: int
    sending: int
    unconfirmed: int
    held: int
    failed: int
    sent_minute: int
    sent_hour: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Failures that differ only in names and numbers: `title` has "…" in their place, `reasons` are the sentences."""

    title: str
    number: int
    reasons: tuple[str, ...]


def queue_of(member: Member) -> Queue:
    """The figures of the member's organization, for a super admin; nothing but noughts for anybody else."""
    now = clock.now()
    mine = deliveries_for(member)
    claimable = _claimable(mine, mailings_for(member).filter(state=Mailing.State.SENDING))
    sent_minute, sent_hour = _sent(mine, now)
    unconfirmed, held = _unconfirmed(mine)
    retrying, later = _put_off(claimable, now)
    return Queue(
        due=_count_all(part.filter(state=State.QUEUED, due_at__lte=now) for part in claimable),
        retrying=retrying,
        later=later,
        sending=_count(_leased(mine)),
        unconfirmed=unconfirmed,
        held=held,
        failed=_failed_since(mine, now - DAY),
        sent_minute=sent_minute,
        sent_hour=sent_hour,
        oldest_due_at=_oldest(mine, claimable[0], member, now),
    )


def _claimable(mine: DeliveryQuerySet, running: QuerySet[Mailing]) -> tuple[DeliveryQuerySet, DeliveryQuerySet]:
    """Waiting single messages, and those of running mailings: each a range of delivery_waiting."""
    waiting = mine.waiting().filter(MAY_GO)
    return waiting.filter(mailing=None), waiting.filter(mailing__in=list(running.values_list("pk", flat=True)))


def _put_off(parts: Iterable[DeliveryQuerySet], now: datetime) -> tuple[int, int]:
    """Of what is due later, how many were tried before, and how many never.

    One walk over the next COUNTED of each part, so that a crowd of one kind does not make the other one dear to count.
    """
    retrying = later = 0
    for part in parts:
        rows = part.filter(state=State.QUEUED, due_at__gt=now).order_by().values("pk", "attempts")[: COUNTED + 1]
        counted = rows.aggregate(all=Count("pk"), tried=Count("pk", filter=Q(attempts__gt=0)))
        retrying, later = retrying + counted["tried"], later + counted["all"] - counted["tried"]
    return min(retrying, COUNTED + 1), min(later, COUNTED + 1)


def _count_all(parts: Iterable[DeliveryQuerySet]) -> int:
    return min(sum(_count(part) for part in parts), COUNTED + 1)


def _count(rows: DeliveryQuerySet, limit: int = COUNTED) -> int:
    return rows.order_by().values("pk")[: limit + 1].count()


def _leased(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """In a worker's hands; by delivery_leased, for which SQLite wants its column named."""
    return rows.filter(state=State.SENDING, lease_until__isnull=False)


def _unconfirmed(mine: DeliveryQuerySet) -> tuple[int, int]:
    """How many wait for the queue's next turn, and how many a person holds. By delivery_unconfirmed."""
    rows = unconfirmed(mine).order_by().values("due_at")[: COUNTED + 1]
    counted = rows.aggregate(all=Count("due_at"), held=Count("due_at", filter=Q(due_at__gte=HELD_UNTIL)))
    return counted["all"] - counted["held"], counted["held"]


def _failed_since(mine: DeliveryQuerySet, since: datetime) -> int:
    """Of the newest COUNTED failures, those whose last attempt was due since then. By delivery_failed."""
    newest = failed(mine).order_by("-pk").values("pk", "due_at")[: COUNTED + 1]
    return int(newest.aggregate(number=Count("pk", filter=Q(due_at__gte=since)))["number"])


def _sent(mine: DeliveryQuerySet, now: datetime) -> tuple[int, int]:
    """In the last minute and hour. By delivery_sent."""
    rows = mine.filter(sent_at__gte=now - HOUR).order_by("-sent_at").values("sent_at")[: SENT_COUNTED + 1]
    counted = rows.aggregate(hour=Count("sent_at"), minute=Count("sent_at", filter=Q(sent_at__gte=now - MINUTE)))
    return counted["minute"], counted["hour"]


def _oldest(mine: DeliveryQuerySet, singles: DeliveryQuerySet, member: Member, now: datetime) -> datetime | None:
    """The first of delivery_waiting among single messages and in each running mailing."""
    single = singles.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    first_of = mine.waiting().filter(MAY_GO, mailing=OuterRef("pk"), due_at__lte=now).order_by("due_at")
    running = mailings_for(member).filter(state=Mailing.State.SENDING)
    bulk = running.annotate(first=Subquery(first_of.values("due_at")[:1])).aggregate(oldest=Min("first"))["oldest"]
    return min((moment for moment in (single, bulk) if moment), default=None)


def failed(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """Those that ended without arriving; newest first by delivery_failed (organization, id)."""
    return rows.filter(state__in=literals(State.FAILED, State.BOUNCED))


def unconfirmed(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """Those that may have arrived; newest first by delivery_unconfirmed (organization, id)."""
    return rows.filter(state=State.UNCONFIRMED)


def reason_groups(rows: DeliveryQuerySet) -> list[ReasonGroup]:
    """Why the newest COUNTED of `rows` are as they are, the most frequent first."""
    newest = Delivery.objects.filter(pk__in=rows.order_by("-pk").values("pk")[:COUNTED])
    counted = newest.order_by().values_list("reason").annotate(number=Count("pk"))
    return group_reasons(dict(counted))


def group_reasons(counted: Mapping[str, int]) -> list[ReasonGroup]:
    """Sentences and how often each occurs, put together where they say the same of different servers."""
    numbers: Counter[str] = Counter()
    sentences: dict[str, list[str]] = {}
    for reason, number in counted.items():
        title = _title(reason)
        numbers[title] += number
        sentences.setdefault(title, []).append(reason)
    found = [ReasonGroup(title, number, tuple(sorted(sentences[title]))) for title, number in numbers.items()]
    return sorted(found, key=lambda group: (-group.number, group.title))


#: Hosts with or without a port, and numbers.
_PARTICULARS = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+|\[[\da-fA-F:]+\](?::\d+)?|\b\d[\d,]*\b")


def _title(reason: str) -> str:
    return _PARTICULARS.sub("…", reason) or "No reason was given."


def running_mailings(member: Member) -> Sequence[Mailing]:
    """Those that are under way or paused, newest first; as many as a page shows."""
    states = (Mailing.State.SENDING, Mailing.State.PAUSED)
    rows = mailings_for(member).filter(state__in=states).select_related("sender__user")
    return list(rows.order_by("-created_at", "-pk")[:MAILINGS])


def gateways() -> list[Gateway]:
    """The state of every channel's gateway. They serve the whole installation, whoever's message it is."""
    known = {gateway.channel: gateway for gateway in Gateway.objects.order_by("channel")}
    unheard = [Gateway(channel=channel) for channel in CHANNELS if channel not in known]
    return [*unheard, *known.values()]


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole installation, for measurements. Counts stop at MEASURED; `oldest_seconds` is 0 when nothing is due.

    `deliveries` is by state: due, retrying, later, sending, unconfirmed, held, paused, unconnected, failed. `inbound`
    by stored, review. `gateways` says of each channel whether it answers. `mailboxes` as in rules.own_mailboxes.
    """

    deliveries: Mapping[str, int]
    sent_minute: int
    oldest_seconds: float
    inbound: Mapping[str, int]
    gateways: Mapping[str, bool]
    mailboxes: own_mailboxes.Totals


def totals() -> Totals:
    """Without a word of what is sent, to whom, or for which organization."""
    now = clock.now()
    waiting, oldest = _waiting_totals(now)
    sending = _count(_leased(Delivery.objects.all()), MEASURED)
    broken = _count(failed(Delivery.objects.all()), MEASURED)
    return Totals(
        deliveries={**waiting, "sending": sending, "failed": broken},
        sent_minute=_count(Delivery.objects.filter(sent_at__gte=now - MINUTE), MEASURED),  # delivery_sent
        oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        inbound=_inbound_totals(),
        gateways={gateway.channel: gateway.down_since is None for gateway in gateways()},
        mailboxes=own_mailboxes.totals(),
    )


def _waiting_totals(now: datetime) -> tuple[dict[str, int], datetime | None]:
    """One walk over delivery_waiting, which holds nothing else."""
    rows = Delivery.objects.waiting().order_by()
    walked = rows.annotate(may_go=Case(When(MAY_GO, then=1), default=0)).values(
        "pk", "state", "due_at", "attempts", "mailing__state", "may_go"
    )[:MEASURED]
    paused, queued = Q(mailing__state=Mailing.State.PAUSED), Q(state=State.QUEUED, may_go=1)
    due = queued & Q(due_at__lte=now) & ~paused
    put_off = queued & Q(due_at__gt=now) & ~paused
    held = Q(state=State.UNCONFIRMED, due_at__gte=HELD_UNTIL)
    counted = walked.aggregate(
        due=Count("pk", filter=due),
        retrying=Count("pk", filter=put_off & Q(attempts__gt=0)),
        later=Count("pk", filter=put_off & Q(attempts=0)),
        paused=Count("pk", filter=queued & paused),
        unconnected=Count("pk", filter=Q(may_go=0)),
        unconfirmed=Count("pk", filter=Q(state=State.UNCONFIRMED) & ~held),
        held=Count("pk", filter=held),
        oldest=Min("due_at", filter=due),
    )
    return counted, counted.pop("oldest")


def _inbound_totals() -> dict[str, int]:
    """By inbound_stored and inbound_review."""
    states = (InboundMail.State.STORED, InboundMail.State.REVIEW)
    return {
        state.value: InboundMail.objects.filter(state=state).order_by().values("pk")[:MEASURED].count()
        for state in states
    }
