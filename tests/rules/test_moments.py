from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from candidly.rules import moments

LONDON = ZoneInfo("Europe/London")


def test_an_hour_is_that_of_the_members_own_clock() -> None:
    at = moments.moment(date(2027, 7, 1), time(9), LONDON).at
    assert at == datetime(2027, 7, 1, 8, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_told_with_the_next_there_is() -> None:
    found = moments.moment(date(2027, 3, 28), time(1, 30), LONDON)
    assert found.at is None
    assert found.says == (
        "There is no 01:30 on Sunday 28 March in London: the clocks go forward. Choose 02:30 or later."
    )


def test_an_hour_that_comes_twice_is_the_first_and_says_so() -> None:
    found = moments.moment(date(2027, 10, 31), time(1, 30), LONDON)
    assert found.at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert "comes twice in London" in found.says


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (datetime(2027, 3, 2, 9, tzinfo=LONDON), ["afternoon", "tomorrow", "monday"]),  # a Tuesday morning
        (datetime(2027, 3, 2, 15, tzinfo=LONDON), ["tomorrow", "monday"]),
        (datetime(2027, 3, 7, 9, tzinfo=LONDON), ["afternoon", "tomorrow"]),  # tomorrow is Monday
    ],
)
def test_the_usual_times_are_offered_while_they_are_ahead(now: datetime, offered: list[str]) -> None:
    assert [choice.name for choice in moments.choices(now)] == offered


def test_the_same_moment_on_the_candidates_clock_names_the_day_where_it_is_another() -> None:
    at = datetime(2027, 3, 2, 23, 30, tzinfo=UTC)
    assert moments.there(at, LONDON, "Europe/Berlin") == "Wed 00:30"
    assert moments.there(at, LONDON, "Europe/Lisbon") == "23:30"
    assert moments.there(at, LONDON, "") == moments.there(at, LONDON, "Mars/Olympus") == ""


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(3000, 1, 1), date(9999, 12, 31)])
def test_a_day_that_other_clocks_might_not_have_is_none(day: date) -> None:
    found = moments.moment(day, time(23, 59), ZoneInfo("Pacific/Apia"))
    assert found.at is None
    assert found.says == "The calendar goes from 1900 to 2999. Choose another day."
