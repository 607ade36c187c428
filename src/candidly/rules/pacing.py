"""How much of a mailing may leave now."""

from datetime import date, datetime

from candidly.models import Mailing


def allowance(mailing: Mailing, now: datetime, limit: int) -> int:
    """How many deliveries a worker may take from the mailing at `now`: at most `limit`, at most what its pace allows.

    The pace counts from `pace_started_at`, so that a pause is not made up for with a burst.
    """
    if not mailing.per_minute:
        return limit
    elapsed = max(0.0, (now - mailing.pace_started_at).total_seconds())
    earned = int(elapsed * mailing.per_minute / 60) + 1
    return max(0, min(limit, earned - mailing.claimed))


#: Bulk mails on the first day of a new sending address; each day twice as many, until there is no limit any more.
FIRST_DAY = 50
DAYS = 14


def warm_up_limit(since: date | None, today: date) -> int:
    """How many bulk mails may leave today; 0 when there is no limit (any more)."""
    day = (today - since).days if since else DAYS
    return FIRST_DAY * 2**day if 0 <= day < DAYS else 0
