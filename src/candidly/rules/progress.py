"""How far a mailing has come, in figures."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from candidly.models import Delivery, Mailing, MailingRecipient
from candidly.rules import pacing
from candidly.rules.channels import CARRIED, Channel, carried

RATE_WINDOW = timedelta(minutes=1)
GONE = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)
BROKEN = (Delivery.State.FAILED, Delivery.State.BOUNCED)
FIGURES = ("total", "sent", "failed", "skipped", "cancelled")
STOPPED = (Delivery.State.SUPPRESSED,)


@dataclass(frozen=True, slots=True)
class Progress:
    """What becomes of each recipient by each channel that carries it is counted once, in one of sent, failed, skipped,
    cancelled or waiting: a mailing by e-mail and SMS has twice as many as people. `ways` has the same figures of each
    channel, where there are several. In the app it stands as soon as it is written, and is not counted.

    `retrying` says how many of the waiting were tried before, `later` how many wait for their hour. `rate` is messages
    a minute, measured over the last minute, but no more than may leave in one; `eta_seconds` is None while nobody
    knows when something moves. `stands_still` says why nothing of it leaves at present, where other mailings have used
    up the pace; else empty.
    """

    total: int
    sent: int
    failed: int
    skipped: int
    cancelled: int
    ways: Sequence[tuple[Channel, "Progress"]] = ()
    retrying: int = 0
    later: int = 0
    rate: int = 0
    eta_seconds: int | None = None
    stands_still: str = ""

    @property
    def waiting(self) -> int:
        return max(0, self.total - self.sent - self.failed - self.skipped - self.cancelled)

    @property
    def percent(self) -> int:
        """How much of it is dealt with, in whole per cent; 100 only when all is."""
        return 100 * (self.total - self.waiting) // self.total if self.total else 100

    def share(self, number: int) -> str:
        return f"{100 * number / self.total:.2f}%" if self.total else "0%"

    @property
    def sent_share(self) -> str:
        return self.share(self.sent)

    @property
    def failed_share(self) -> str:
        return self.share(self.failed)

    @property
    def eta(self) -> str:
        """The time left in words; empty while it cannot be told."""
        return "" if self.eta_seconds is None else pacing.in_words(self.eta_seconds)


def progress_of(mailing: Mailing) -> Progress:
    """The figures of one mailing with its rate."""
    counted = counts_of([mailing])[mailing.pk]
    if mailing.state != Mailing.State.SENDING:
        return counted
    now = timezone.now()
    limit = pacing.pace_of(mailing)
    rate = min(_rate(mailing, now), limit or sys.maxsize)
    put_off = mailing.deliveries.waiting().filter(due_at__gt=now)
    return replace(
        counted,
        **put_off.aggregate(
            retrying=Count("pk", filter=Q(attempts__gt=0)),
            later=Count("pk", filter=Q(attempts=0)),
        ),
        rate=rate,
        eta_seconds=_time_left(mailing, counted.waiting, rate, limit, now),
        stands_still=pacing.used_up(mailing, now) if counted.waiting else "",
    )


def _time_left(mailing: Mailing, number: int, rate: int, limit: int, now: datetime) -> int | None:
    """Seconds until so many have left at `rate`; when nothing leaves but will again, then at `limit`."""
    is_limited = pacing.LIMITED in mailing.channels
    rest = pacing.rest_of(mailing.sender, now) if is_limited else timedelta()
    days = pacing.put_off(mailing.sender.organization, number, now) if is_limited else timedelta()
    pace = rate or (limit if rest else 0)
    if not pace:
        return round(days.total_seconds()) if days else None
    return round(max(days, rest + timedelta(minutes=number / pace)).total_seconds())


def counts_of(mailings: Sequence[Mailing]) -> dict[int, Progress]:
    """The figures of several mailings, without rates: two queries, however many they are."""
    deliveries = Delivery.objects.filter(mailing__in=mailings).values_list("mailing", "channel", "state")
    recipients = MailingRecipient.objects.filter(mailing__in=mailings).values_list("mailing", "state")
    written, dealt_with = _count(deliveries), _count(recipients)
    return {mailing.pk: _progress(mailing, written, dealt_with) for mailing in mailings}


def _count(rows: "object") -> Counter[tuple[Any, ...]]:
    return Counter({tuple(key): number for *key, number in rows.annotate(number=Count("pk"))})  # type: ignore[attr-defined]


def _progress(mailing: Mailing, deliveries: Counter[tuple[Any, ...]], recipients: Counter[tuple[Any, ...]]) -> Progress:
    ways = [(way, _by_one(mailing, way.name, deliveries, recipients)) for way in carried(mailing.channels)]
    if len(ways) == 1:
        return ways[0][1]
    together = {name: sum(getattr(part, name) for _, part in ways) for name in FIGURES}
    return Progress(**together, ways=ways)


def _by_one(
    mailing: Mailing, channel: str, deliveries: Counter[tuple[Any, ...]], recipients: Counter[tuple[Any, ...]]
) -> Progress:
    def sent(*states: str) -> int:
        return sum(deliveries[mailing.pk, channel, state] for state in states)

    def people(state: MailingRecipient.State) -> int:
        return recipients[mailing.pk, state]

    by_others_alone = people(MailingRecipient.State.WRITTEN) - sent(*Delivery.State)
    return Progress(
        total=mailing.total,
        sent=sent(*GONE),
        failed=sent(*BROKEN),
        skipped=sent(*STOPPED) + people(MailingRecipient.State.SKIPPED) + max(0, by_others_alone),
        cancelled=sent(Delivery.State.CANCELLED) + people(MailingRecipient.State.CANCELLED),
    )


def _rate(mailing: Mailing, now: datetime) -> int:
    """Messages a minute, from what left in the last one; from the start or the last resumption if that is nearer."""
    since = max(now - RATE_WINDOW, mailing.created_at, mailing.pace_started_at)
    gone = mailing.deliveries.filter(state__in=GONE, channel__in=CARRIED, sent_at__gte=since).count()
    return round(gone * 60 / max(1.0, (now - since).total_seconds()))
