"""Whole numbers as addresses, forms and cells write them."""

import pytest

from candidly.rules.numbers import number_in, numbers_in


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", " 1", "²", "٣", "9" * 19, "9" * 5_000, "1\x00"])
def test_what_is_no_number_in_plain_digits_is_none(text: str) -> None:
    assert number_in(text) == 0


def test_of_several_those_that_are_numbers_keep_their_order() -> None:
    assert numbers_in(["7", "x", "007", "²", "9" * 18]) == [7, 7, 10**18 - 1]
