"""How much of a mailing may leave now."""

from datetime import date, datetime

from candidly.config import config
from candidly.models import Mailing, Organization
from candidly.rules.progress import in_words


def allowance(mailing: Mailing, now: datetime, limit: int) -> int:
    """How many deliveries a worker may take from the mailing at `now`: at most `limit`, at most what its pace allows.

    The pace counts from `pace_started_at`, so that a pause is not made up for with a burst.
    """
    if not mailing.per_minute:
        return limit
    elapsed = max(0.0, (now - mailing.pace_started_at).total_seconds())
    earned = int(elapsed * mailing.per_minute / 60) + 1
    return max(0, min(limit, earned - mailing.claimed))


def limit_of(organization: Organization) -> int:
    """Bulk mails a minute that one sender's mailing may reach at most; 0 for no limit."""
    return min(filter(None, (config().mailing_per_minute, organization.per_minute)), default=0)


def time_for(number: int, per_minute: int) -> str:
    """How long so many take, in words; empty without a limit."""
    return in_words(round(number * 60 / per_minute)) if per_minute and number > per_minute else ""


#: Bulk mails on the first day of a new sending address; each day twice as many, until there is no limit any more.
FIRST_DAY = 50
DAYS = 14


def warm_up_limit(since: date | None, today: date) -> int:
    """How many bulk mails may leave today; 0 when there is no limit (any more)."""
    day = (today - since).days if since else DAYS
    return FIRST_DAY * 2**day if 0 <= day < DAYS else 0
