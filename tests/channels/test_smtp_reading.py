"""Answers are read however they are cut, and what is no answer is noticed before it fills the memory."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.channels.smtp.reading import LONGEST_LINE, NotSmtp, ReplyReader
from candidly.channels.smtp.replies import Reply

STREAM = (
    b"220 mx.example ESMTP\r\n250-mx.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n"
    b"250\r\n354 go\n554 5.7.1 n\xc3\xb6\r\n"
)
REPLIES = [
    Reply(220, "mx.example ESMTP"),
    Reply(250, "mx.example\nSIZE 1000\nPIPELINING"),
    Reply(250, ""),
    Reply(354, "go"),
    Reply(554, "5.7.1 nö"),
]


def read_all(packets: Iterable[bytes]) -> list[Reply]:
    reader = ReplyReader()
    return [reply for packet in packets for reply in reader.read(packet)]


@given(st.lists(st.integers(0, len(STREAM))))
def test_it_does_not_matter_where_packets_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert read_all(STREAM[start:end] for start, end in pairwise(edges)) == REPLIES


@pytest.mark.parametrize(
    "said", [b"I am a teapot\r\n", b"\r\n", b"25 ok\r\n", b"2500 ok\r\n", b"250_ok\r\n", b"150 wait\r\n", b"600 x\r\n"]
)
def test_what_is_no_answer_is_told_from_the_answers_before_it(said: bytes) -> None:
    replies = ReplyReader().read(b"250 taken\r\n" + said)
    assert next(replies) == Reply(250, "taken")
    with pytest.raises(NotSmtp) as problem:
        next(replies)
    assert problem.value.text == said.decode().rstrip()


@pytest.mark.parametrize("part", [b"x" * 1000, b"250 " + b"x" * 1000], ids=["no code", "a code"])
def test_a_line_without_an_end_is_not_read_for_ever(part: bytes) -> None:
    with pytest.raises(NotSmtp):
        read_all([part] * (2 + LONGEST_LINE // 1000))


def test_a_reply_without_an_end_is_not_read_for_ever() -> None:
    with pytest.raises(NotSmtp):
        read_all([b"250-" + b"x" * 1000 + b"\r\n"] * 100)


def test_many_long_replies_may_follow_each_other() -> None:
    assert len(read_all([b"250-" + b"x" * 2000 + b"\r\n250 y\r\n"] * 100)) == 100
