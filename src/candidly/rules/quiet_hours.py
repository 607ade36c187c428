"""When it is too late, or too early, to text somebody."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from candidly.models import Organization, Person


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the person's clock shows, and what it shows when texts go again: "23:10", "08:00"."""

    reads: str
    until: str


def quiet_for(person: Person, organization: Organization, at: datetime) -> Quiet | None:
    """How late it is for `person` at `at` (aware), where `organization`, which is theirs, sends no text then.

    None where it sends them. In their time zone, or the organization's where that is not known.
    """
    zone = zone_of(person.time_zone, organization.time_zone)
    until = quiet_until(at, zone, organization.quiet_from, organization.quiet_until)
    return Quiet(f"{at.astimezone(zone):%H:%M}", f"{until.astimezone(zone):%H:%M}") if until else None


def day_of(organization: Organization) -> str:
    """When it sends texts: "08:00 to 21:00"; empty for at any hour."""
    begin, end = organization.quiet_from, organization.quiet_until
    return "" if begin == end else f"{end:%H:%M} to {begin:%H:%M}"


def quiet_until(now: datetime, zone: ZoneInfo, begin: time, end: time) -> datetime | None:
    """When the quiet hours from `begin` to `end` in `zone` are over, if `now` (aware) lies in them; else None.

    They are hours of the clock on the wall, whatever happens to it that night. Both alike: there are none.
    """
    local = now.astimezone(zone)
    if not _lies_between(local.time(), begin, end):
        return None
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    over = datetime.combine(day, end, zone).astimezone(UTC)
    if over <= now:  # the hour comes twice in this night, and it is its second time
        over = datetime.combine(day, end, zone).replace(fold=1).astimezone(UTC)
    return over


def _lies_between(at: time, begin: time, end: time) -> bool:
    if begin <= end:
        return begin <= at < end
    return at >= begin or at < end


def zone_of(*names: str) -> ZoneInfo:
    """The first of `names` that is a time zone; UTC where none is."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, empty or a folder of zones
            continue
    return ZoneInfo("UTC")
