"""How far a mailing has come, in figures."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from candidly.models import Delivery, Mailing, MailingRecipient
from candidly.rules import pacing

RATE_WINDOW = timedelta(minutes=1)
GONE = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)
BROKEN = (Delivery.State.FAILED, Delivery.State.BOUNCED)
STOPPED = (Delivery.State.SUPPRESSED,)


@dataclass(frozen=True, slots=True)
class Progress:
    """Each recipient is counted once, in one of sent, failed, skipped, cancelled or waiting.

    `retrying` says how many of the waiting were tried before. `rate` is messages a minute, measured over the
    last minute, but no more than may leave in one; `eta_seconds` is None while nobody knows when something moves.
    `stands_still` says why nothing of it leaves at present, where other mailings have used up the pace; else empty.
    """

    total: int
    sent: int
    failed: int
    skipped: int
    cancelled: int
    retrying: int = 0
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
    limit = pacing.most_a_minute(mailing.sender, mailing.per_minute)
    rate = min(_rate(mailing, now), limit or sys.maxsize)
    waiting = mailing.deliveries.waiting()
    return Progress(
        counted.total,
        counted.sent,
        counted.failed,
        counted.skipped,
        counted.cancelled,
        retrying=waiting.filter(due_at__gt=now, attempts__gt=0).count(),
        rate=rate,
        eta_seconds=_time_left(mailing, counted.waiting, rate, limit, now),
        stands_still=pacing.used_up(mailing, now) if counted.waiting else "",
    )


def _time_left(mailing: Mailing, number: int, rate: int, limit: int, now: datetime) -> int | None:
    """Seconds until so many have left at `rate`; when nothing leaves but will again, then at `limit`."""
    rest = pacing.rest_of(mailing.sender, now)
    days = pacing.put_off(mailing.sender.organization, number, now)
    pace = rate or (limit if rest else 0)
    if not pace:
        return round(days.total_seconds()) if days else None
    return round(max(days, rest + timedelta(minutes=number / pace)).total_seconds())


def counts_of(mailings: Sequence[Mailing]) -> dict[int, Progress]:
    """The figures of several mailings, without rates: two queries, however many they are."""
    deliveries = _count(Delivery.objects.filter(mailing__in=mailings).values_list("mailing", "state"))
    recipients = _count(MailingRecipient.objects.filter(mailing__in=mailings).values_list("mailing", "state"))
    return {mailing.pk: _progress(mailing, deliveries, recipients) for mailing in mailings}


def _count(rows: "object") -> Counter[tuple[int, str]]:
    counted: Counter[tuple[int, str]] = Counter()
    for mailing, state, number in rows.annotate(number=Count("pk")):  # type: ignore[attr-defined]
        counted[mailing, state] = number
    return counted


def _progress(mailing: Mailing, deliveries: Counter[tuple[int, str]], recipients: Counter[tuple[int, str]]) -> Progress:
    def number(counted: Counter[tuple[int, str]], *states: str) -> int:
        return sum(counted[mailing.pk, state] for state in states)

    return Progress(
        total=mailing.total,
        sent=number(deliveries, *GONE),
        failed=number(deliveries, *BROKEN),
        skipped=number(deliveries, *STOPPED) + number(recipients, MailingRecipient.State.SKIPPED),
        cancelled=number(deliveries, Delivery.State.CANCELLED) + number(recipients, MailingRecipient.State.CANCELLED),
    )


def _rate(mailing: Mailing, now: datetime) -> int:
    """Messages a minute, from what left in the last one; from the start or the last resumption if that is nearer."""
    since = max(now - RATE_WINDOW, mailing.created_at, mailing.pace_started_at)
    gone = mailing.deliveries.filter(state__in=GONE, sent_at__gte=since).count()
    return round(gone * 60 / max(1.0, (now - since).total_seconds()))
