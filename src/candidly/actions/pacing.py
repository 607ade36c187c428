"""Keep bulk mail within its limits: so many a minute of one sender and to one domain, and few a day from a new address.

The counters live in the database, so that the limits hold however many workers there are. The caller holds the
transaction in which it claims.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from candidly.mail.addresses import domain_of
from candidly.models import Delivery, Mailing, Organization, Pace
from candidly.rules.pacing import DAY, MINUTE, OF_THE_DAY, key_of_sender, warm_up_limit


class Counter:
    """One limit, and what is left of it in its present stretch of time. A limit of 0 is none."""

    def __init__(self, organization: Organization, key: str, limit: int, stretch: timedelta, now: datetime) -> None:
        self._limit = limit
        self._stretch = stretch
        self._pace = _pace(organization, key, stretch, now) if limit else None

    def left(self, wanted: int) -> int:
        return max(0, min(wanted, self._limit - self._pace.claimed)) if self._pace else wanted

    def count(self, number: int) -> None:
        if self._pace and number:
            self._pace.claimed += number
            self._pace.save(update_fields=["claimed"])

    @property
    def next_at(self) -> datetime | None:
        """When the next stretch begins."""
        return self._pace.since + self._stretch if self._pace else None


def _pace(organization: Organization, key: str, stretch: timedelta, now: datetime) -> Pace:
    """The counter's row, locked, and begun afresh when its time has passed."""
    key = key[:270]
    Pace.objects.get_or_create(organization=organization, key=key, defaults={"since": now})
    pace = Pace.objects.select_for_update().get(organization=organization, key=key)
    if not pace.since <= now < pace.since + stretch:
        pace.since, pace.claimed = now, 0
        pace.save(update_fields=["since", "claimed"])
    return pace


def of_sender(mailing: Mailing, now: datetime) -> list[Counter]:
    """What holds for all bulk mail of this sender together, and for the day of an address that is new."""
    organization = mailing.organization
    daily = warm_up_limit(organization.warms_up_since, now.date())
    return [
        Counter(organization, key_of_sender(mailing), organization.per_minute, MINUTE, now),
        Counter(organization, OF_THE_DAY, daily, DAY, now),
    ]


def within_domains(mailing: Mailing, keys: Sequence[int], now: datetime) -> list[int]:
    """Those of the deliveries whose domains may take more now; the others are due when theirs may again."""
    limit = mailing.organization.domain_per_minute
    if not limit or not keys:
        return list(keys)
    by_domain: defaultdict[str, list[int]] = defaultdict(list)
    for pk, address in Delivery.objects.filter(pk__in=keys).order_by("due_at", "pk").values_list("pk", "address"):
        by_domain[domain_of(address)].append(pk)
    allowed: list[int] = []
    for domain, found in sorted(by_domain.items()):
        counter = Counter(mailing.organization, f"domain:{domain}", limit, MINUTE, now)
        left = counter.left(len(found))
        counter.count(left)
        allowed += found[:left]
        Delivery.objects.filter(pk__in=found[left:]).update(due_at=counter.next_at)
    return allowed
