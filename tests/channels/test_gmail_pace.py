"""How fast one mailbox is asked."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.channels.gmail.pace import GET, SEND, Pace
from candidly.config import GMAIL_UNITS_OF_A_MAIL


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@given(st.lists(st.tuples(st.sampled_from([2, 5, 10, 100]), st.floats(0, 30)), max_size=200))
def test_no_minute_has_more_than_the_quota(asked: list[tuple[int, float]]) -> None:
    clock, used = Clock(), []
    pace = Pace(300, clock)
    for units, later in asked:
        if not pace.take(1, units):
            used.append((clock.now, units))
        clock.now += later
    for start, _ in used:
        assert sum(units for then, units in used if start <= then < start + 60) <= 300


@given(st.lists(st.sampled_from([2, 5, 10, 100]), min_size=1, max_size=100))
def test_after_the_wait_it_is_taken(asked: list[int]) -> None:
    clock = Clock()
    pace = Pace(300, clock)
    for units in asked:
        if wait := pace.take(1, units):
            assert 0 < wait <= 60
            clock.now += wait
            assert pace.take(1, units) == 0


def test_each_refusal_in_a_row_rests_twice_as_long_up_to_five_minutes(clock: Clock) -> None:
    pace = Pace(6000, clock)
    rests = [pace.refused(1, 0) for _ in range(12)]
    assert all(0.8 * 2 * 2**n <= rest <= 1.2 * 2 * 2**n for n, rest in enumerate(rests[:7]))
    assert all(240 <= rest <= 360 for rest in rests[8:])
    assert pace.take(1, 5) == pytest.approx(rests[-1])
    clock.now += rests[-1]
    assert pace.take(1, 5) == 0


def test_an_answer_makes_the_next_refusal_a_first_one(clock: Clock) -> None:
    pace = Pace(6000, clock)
    for _ in range(5):
        pace.refused(1, 0)
    pace.answered(1)
    assert pace.refused(1, 0) < 3


def test_no_mailbox_pays_for_another(clock: Clock) -> None:
    pace = Pace(100, clock)
    pace.refused(1, 600)
    assert pace.take(1, 5) == 600
    assert pace.take(2, 100) == 0
    assert pace.take(2, 100) == 60
    assert pace.take(3, 100) == 0


def test_what_costs_more_than_a_minutes_quota_goes_when_nothing_else_did(clock: Clock) -> None:
    pace = Pace(50, clock)
    assert pace.take(1, 100) == 0
    assert pace.take(1, 100) == 60
    clock.now += 60
    assert pace.take(1, 100) == 0


def test_the_time_left_of_a_mailing_is_reckoned_with_what_a_mail_costs() -> None:
    assert GMAIL_UNITS_OF_A_MAIL == SEND + GET
