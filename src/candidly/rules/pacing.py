"""How much of a mailing may leave now."""

from datetime import datetime

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
