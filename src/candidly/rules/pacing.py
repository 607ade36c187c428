"""How much of a mailing may leave now."""

from datetime import date, datetime, timedelta

from candidly.config import config
from candidly.models import Mailing, Member, Organization, Pace
from candidly.rules import own_mailboxes

MINUTE = timedelta(minutes=1)
#: The channel for which organizations set limits, because mail providers do.
LIMITED = "email"


def allowance(mailing: Mailing, now: datetime, limit: int) -> int:
    """How many deliveries a worker may take from the mailing at `now`: at most `limit`, at most what its pace allows.

    The pace counts from `pace_started_at`, so that a pause is not made up for with a burst.
    """
    if not mailing.per_minute:
        return limit
    elapsed = max(0.0, (now - mailing.pace_started_at).total_seconds())
    earned = int(elapsed * mailing.per_minute / 60) + 1
    return max(0, min(limit, earned - mailing.claimed))


def most_a_minute(sender: Member, per_minute: int) -> int:
    """Bulk mails that may leave of a mailing of this sender a minute, whose pace is `per_minute`: the least that the
    pace, the organization and the sender's own mailbox allow; 0 for no limit."""
    mailbox = own_mailboxes.by_which_sends(sender)
    limits = (per_minute, sender.organization.per_minute, own_mailboxes.most_a_minute(mailbox))
    return min(filter(None, limits), default=0)


def pace_of(mailing: Mailing) -> int:
    """As much as may leave of it a minute; 0 for no limit."""
    return most_a_minute(mailing.sender, mailing.per_minute) if LIMITED in mailing.channels else mailing.per_minute


def used_up(mailing: Mailing, now: datetime) -> str:
    """Why nothing of a running mailing leaves in this minute, where other mailings of its sender have used it up: a
    sentence, else empty."""
    limit = mailing.organization.per_minute
    if not limit or LIMITED not in mailing.channels:
        return ""
    # What began before the minute and was not taken from since has no part in what is used of it.
    minute = Pace.objects.filter(organization=mailing.organization_id, key=key_of_sender(mailing), claimed__gte=limit)
    begun = minute.filter(since__gt=now - MINUTE).values_list("since", flat=True).first()
    if begun is None or (mailing.claimed and mailing.served_at >= begun):
        return ""
    mails = f"{limit:,} bulk {'mail' if limit == 1 else 'mails'} a minute"
    return f"Other mailings use the {mails} that the organization allows one sender; this one goes on in its turn."


def key_of_sender(mailing: Mailing) -> str:
    """The counter of all bulk mail of one sender."""
    return f"sender:{mailing.sender_id}"


def limit_of(sender: Member) -> int:
    """The same of a mailing that has not begun."""
    return most_a_minute(sender, config().mailing_per_minute)


def rest_of(sender: Member, now: datetime) -> timedelta:
    """For how long nothing leaves, because the sender's own mailbox is not to be asked."""
    mailbox = own_mailboxes.by_which_sends(sender)
    return max(mailbox.rests_until - now, timedelta()) if mailbox and mailbox.rests_until else timedelta()


def time_for(number: int, per_minute: int) -> str:
    """How long so many take, in words; empty without a limit."""
    return in_words(round(number * 60 / per_minute)) if per_minute and number > per_minute else ""


def in_words(seconds: int) -> str:
    """A stretch of time as one would say it: "less than a minute", "about 2 hours", "about 3 days"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    hours = round(minutes / 60)
    return f"about {hours} hours" if hours < 48 else f"about {round(hours / 24)} days"


#: Bulk mails on the first day of a new sending address; each day twice as many, until there is no limit any more.
FIRST_DAY = 50
DAYS = 14
DAY = timedelta(days=1)
#: The counter of an organization's day.
OF_THE_DAY = "day"


def warm_up_limit(since: date | None, today: date) -> int:
    """How many bulk mails may leave today; 0 when there is no limit (any more)."""
    day = (today - since).days if since else DAYS
    return FIRST_DAY * 2**day if 0 <= day < DAYS else 0


def put_off(organization: Organization, number: int, now: datetime) -> timedelta:
    """How long the last of so many waits for a day that has room for it, while the address is new."""
    limit = warm_up_limit(organization.warms_up_since, now.date())
    if not limit:
        return timedelta()
    begun = Pace.objects.filter(organization=organization, key=OF_THE_DAY, since__gt=now - DAY).first()
    left, ends, days = limit - (begun.claimed if begun else 0), (begun.since if begun else now) + DAY, 0
    while limit and number > left:
        number, days = number - max(left, 0), days + 1
        left = limit = warm_up_limit(organization.warms_up_since, now.date() + days * DAY)
    return ends + (days - 1) * DAY - now if days else timedelta()
