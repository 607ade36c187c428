"""Questions of one moment are asked as one, and each is answered for itself."""

import asyncio
from collections.abc import Sequence
from threading import Event

from candidly.channels.smtp.together import Together


class Double:
    """Doubles what it is asked, and cannot double thirteen."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.begun, self.may_answer = Event(), Event()
        self.may_answer.set()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        self.begun.set()
        assert self.may_answer.wait(20)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


def answers(double: Double, numbers: Sequence[int]) -> list[int | BaseException]:
    async def ask() -> list[int | BaseException]:
        together = Together(double, "double")
        try:
            return await asyncio.gather(*(together(number) for number in numbers), return_exceptions=True)
        finally:
            together.close()

    return asyncio.run(ask())


def test_what_is_asked_at_one_moment_is_asked_once() -> None:
    double = Double()
    assert answers(double, [3, 1, 2]) == [6, 2, 4]
    assert double.asked == [[3, 1, 2]]


def test_one_that_cannot_be_answered_does_not_take_the_others_with_it() -> None:
    double = Double()
    two, wrong, four = answers(double, [1, 13, 2])
    assert (two, four) == (2, 4)
    assert isinstance(wrong, ValueError)
    assert double.asked == [[1, 13, 2], [1], [13], [2]]


def test_no_more_than_twenty_at_once() -> None:
    double = Double()
    assert answers(double, range(20, 65)) == [2 * number for number in range(20, 65)]
    assert [len(numbers) for numbers in double.asked] == [20, 20, 5]


def test_what_comes_meanwhile_waits_and_who_hangs_up_is_not_missed() -> None:
    double = Double()
    double.may_answer.clear()

    async def ask() -> list[int]:
        together = Together(double, "double")
        first = asyncio.ensure_future(together(1))
        await asyncio.to_thread(double.begun.wait, 20)
        gone, second = asyncio.ensure_future(together(2)), asyncio.ensure_future(together(3))
        await asyncio.sleep(0)
        gone.cancel()
        double.may_answer.set()
        return [await first, await second]

    assert asyncio.run(ask()) == [2, 6]
    assert double.asked == [[1], [2, 3]]
