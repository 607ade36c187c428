"""A day and an hour on the clock of a place, as a moment; and how the same moment reads on another clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(8, 30)
AFTERNOON = time(14)
MONDAY = 0
#: Of the days that can be meant: each has neighbours on both sides, wherever it is told.
YEARS = range(1900, 3000)


def day_in(text: str) -> date | None:
    """The day that `text` names as 2026-03-31; None for what is none, and for one beyond YEARS."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is None where that clock never shows such a time; `says` is a sentence about an odd hour, else empty."""

    at: datetime | None
    says: str = ""


def moment(day: date, hour: time, zone: tzinfo) -> Moment:
    """When the clock of `zone` shows this; of two such moments, when clocks go back, the first."""
    if day.year not in YEARS:
        return Moment(None, f"The calendar goes from {YEARS[0]} to {YEARS[-1]}. Choose another day.")
    first = datetime.combine(day, hour, zone)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return Moment(first.astimezone(UTC))
    when, where = f"{hour:%H:%M} on {day_in_words(day)}", place(zone)
    if first.astimezone(UTC).astimezone(zone).time() != hour:
        later = second.astimezone(UTC) + (second.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
        shown = later.astimezone(zone)
        return Moment(None, f"There is no {when} in {where}: the clocks go forward. Choose {shown:%H:%M} or later.")
    return Moment(
        first.astimezone(UTC), f"{when} comes twice in {where}: the clocks go back. It goes at the first of the two."
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A time to send at that is one click away."""

    name: str
    label: str
    at: datetime


def choices(now: datetime) -> list[Choice]:
    """The usual times after `now`, which is in the member's zone: this afternoon, tomorrow, Monday."""
    today, zone = now.date(), now.tzinfo
    tomorrow, monday = today + timedelta(days=1), today + timedelta(days=7 - today.weekday())
    offered = [
        Choice("afternoon", "This afternoon, 14:00", datetime.combine(today, AFTERNOON, zone)),
        Choice("tomorrow", "Tomorrow, 08:30", datetime.combine(tomorrow, MORNING, zone)),
    ]
    if monday != tomorrow:
        offered.append(Choice("monday", "Monday, 08:30", datetime.combine(monday, MORNING, zone)))
    return [choice for choice in offered if choice.at > now]


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name; None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def there(at: datetime, here: tzinfo, zone_name: str) -> str:
    """How the clock of zone `zone_name` shows `at`: 10:00, or Wed 01:00 where it is another day than `here`."""
    zone = zone_of(zone_name)
    if zone is None:
        return ""
    local = at.astimezone(zone)
    same_day = local.date() == at.astimezone(here).date()
    return f"{local:%H:%M}" if same_day else f"{local:%a %H:%M}"


def place(zone: tzinfo) -> str:
    """London, New York: what people call a zone."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def day_in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
