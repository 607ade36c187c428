"""Days and hours as people count them: by the clock on their wall, whichever way it was turned meanwhile."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from candidly.rules.moments import zone_of


def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for a name that none has (any more)."""
    return zone_of(name) or ZoneInfo("UTC")


def days_after(moment: datetime, days: int, where: ZoneInfo) -> datetime:
    """The same hour on the clocks of `where`, so many days later. In and out are aware."""
    return (moment.astimezone(where) + timedelta(days=days)).astimezone(UTC)


def next_time_of_day(moment: datetime, at: time, where: ZoneInfo) -> datetime:
    """When the clocks of `where` next show `at`, later than `moment`."""
    today = moment.astimezone(where).date()
    first = datetime.combine(today, at, where).astimezone(UTC)
    return first if first > moment else datetime.combine(today + timedelta(days=1), at, where).astimezone(UTC)


def next_full_hour(moment: datetime) -> datetime:
    """Later than `moment`."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
