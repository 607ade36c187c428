"""Until when a conversation may be put off, by the names that a menu gives, in the member's own zone."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

MORNING = time(8, 30)
A_WHILE = timedelta(hours=3)
HALF_AN_HOUR = timedelta(minutes=30)
MONDAY = 0


def later_today(now: datetime) -> datetime:
    """In three hours, on the half-hour; `now` is local, as in all of these."""
    later = now + A_WHILE
    past_half = timedelta(minutes=later.minute % 30, seconds=later.second, microseconds=later.microsecond)
    return later + (HALF_AN_HOUR - past_half if past_half else timedelta(0))


def tomorrow(now: datetime) -> datetime:
    return _morning(now, now.date() + timedelta(days=1))


def monday(now: datetime) -> datetime:
    """The next one: on a Monday, that of the week after."""
    return _morning(now, now.date() + timedelta(days=7 - (now.weekday() - MONDAY) % 7))


CHOICES: Mapping[str, Callable[[datetime], datetime]] = {"later": later_today, "tomorrow": tomorrow, "monday": monday}


def offered(now: datetime) -> list[str]:
    """The names of those that are three different times, each what its name says."""
    names = ["tomorrow"]
    if later_today(now).date() == now.date():
        names.insert(0, "later")
    if monday(now) != tomorrow(now):
        names.append("monday")
    return names


def in_words(until: datetime, now: datetime) -> str:
    """A time to come as it is said: 17:30, tomorrow 08:30, Monday 08:30, 4 March, 08:30. Both local."""
    days = (until.date() - now.date()).days
    clock = f"{until:%H:%M}"
    if days <= 0:
        return clock
    if days == 1:
        return f"tomorrow {clock}"
    if days < 7:
        return f"{until:%A} {clock}"
    year = "" if until.year == now.year else f" {until.year}"
    return f"{until.day} {until:%B}{year}, {clock}"


def _morning(now: datetime, day: date) -> datetime:
    return datetime.combine(day, MORNING, now.tzinfo)
