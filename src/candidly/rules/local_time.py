"""The same hour, elsewhere."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def moment_where(moment: datetime, chosen_in: str, there: str) -> datetime:
    """When clocks `there` show what those of `chosen_in` show at `moment`; the same moment where the zone is unknown.

    An hour that a change of clocks leaves out is taken for the one after it, one that comes twice for its first.
    """
    zone = _zone(there)
    return moment.astimezone(_zone(chosen_in)).replace(tzinfo=zone, fold=0) if zone else moment


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
