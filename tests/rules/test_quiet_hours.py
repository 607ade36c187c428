from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.rules.quiet_hours import quiet_until, zone_of

NINE_IN_THE_EVENING, EIGHT = time(21), time(8)
LONDON = ZoneInfo("Europe/London")


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-15T20:59:59+00:00", None),
        ("2026-01-15T21:00:00+00:00", "2026-01-16T08:00:00+00:00"),
        ("2026-01-16T07:59:59+00:00", "2026-01-16T08:00:00+00:00"),
        ("2026-01-16T08:00:00+00:00", None),
        ("2026-07-15T20:30:00+00:00", "2026-07-16T07:00:00+00:00"),
        ("2026-03-28T23:00:00+00:00", "2026-03-29T07:00:00+00:00"),  # the night that clocks go forward
        ("2026-10-24T22:00:00+00:00", "2026-10-25T08:00:00+00:00"),  # and back
    ],
)
def test_the_night_ends_by_the_clock_on_the_wall(now: str, until: str | None) -> None:
    assert quiet_until(at(now), LONDON, NINE_IN_THE_EVENING, EIGHT) == (at(until) if until else None)


def test_quiet_hours_may_lie_within_a_day() -> None:
    noon, two = time(12), time(14)
    assert quiet_until(at("2026-01-15T13:00:00+00:00"), LONDON, noon, two) == at("2026-01-15T14:00:00+00:00")
    assert quiet_until(at("2026-01-15T14:00:00+00:00"), LONDON, noon, two) is None


def test_both_ends_alike_mean_none() -> None:
    assert quiet_until(at("2026-01-15T03:00:00+00:00"), LONDON, EIGHT, EIGHT) is None


def test_an_hour_that_comes_twice_ends_at_the_second() -> None:
    """At 01:00 UTC London goes from 02:00 back to 01:00."""
    second_time = at("2026-10-25T01:10:00+00:00")
    assert quiet_until(second_time, LONDON, time(23), time(1, 30)) == at("2026-10-25T01:30:00+00:00")


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(
        [
            "Europe/London",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "Pacific/Apia",
            "America/Sao_Paulo",
        ]
    ).map(ZoneInfo),
    begin=st.times(),
    end=st.times(),
)
def test_whatever_waits_goes_on_within_a_day_at_the_end_of_the_quiet_hours(
    now: datetime, zone: ZoneInfo, begin: time, end: time
) -> None:
    until = quiet_until(now, zone, begin, end)
    wall = now.astimezone(zone).time()
    is_quiet = begin <= wall < end if begin <= end else wall >= begin or wall < end
    assert (until is not None) == is_quiet
    if until:
        assert now < until <= now + timedelta(hours=26)
        there = until.astimezone(zone)
        skipped = datetime.combine(there.date(), end, zone).astimezone(UTC).astimezone(zone).time() != end
        assert there.time() == end or skipped


def test_the_first_zone_that_exists_is_taken() -> None:
    assert zone_of("Europe/Warsaw", "Europe/London").key == "Europe/Warsaw"
    assert zone_of("", "Europe/London").key == "Europe/London"
    assert zone_of("Mars/Olympus", "../../etc/passwd", "Europe").key == "UTC"
