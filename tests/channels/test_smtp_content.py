"""The content of an incoming mail ends at CRLF . CRLF and nowhere else, however it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.channels.smtp.content import IncomingContent
from candidly.channels.smtp.parcel import transparent

BEHIND = b"MAIL FROM:<b@mail.example>\r\n.\r\n"
# Every way that a server somewhere has taken for the end (RFC 5321, 2.3.8 and 4.1.1.4 allow none of them).
NO_ENDS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n"]

pieces = st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"..", b"x", b"\0", b"\xff", *NO_ENDS])


def read(content: IncomingContent, packets: list[bytes]) -> bytes | None:
    """What was behind the content, or None when it did not end."""
    behind = None
    for packet in packets:
        behind = packet if behind == b"" else content.feed(packet) if behind is None else behind + packet
    return behind


@given(st.lists(pieces, max_size=30).map(b"".join), st.data())
def test_any_content_comes_out_as_it_was_sent_wherever_packets_are_cut(sent: bytes, data: st.DataObject) -> None:
    sent = sent if sent.endswith(b"\r\n") else sent + b"\r\n"
    wire = stuffed(sent) + b".\r\n" + BEHIND
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=8))
    content = IncomingContent(10_000)
    assert read(content, [wire[start:end] for start, end in pairwise([0, *sorted(cuts), len(wire)])]) == BEHIND
    assert content.take() == sent
    assert not content.too_large


def stuffed(content: bytes) -> bytes:
    """RFC 5321, 4.5.2, by its letter: a dot before each line that begins with one, a line being what ends in CRLF."""
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))


@given(st.lists(st.sampled_from([b".", b"..", b"x.", b""]), max_size=10))
def test_our_own_client_and_our_own_listener_agree(lines: list[bytes]) -> None:
    sent = b"".join(line + b"\r\n" for line in lines) or b"\r\n"
    content = IncomingContent(10_000)
    assert content.feed(transparent(sent)) == b""
    assert content.take() == sent


@pytest.mark.parametrize("no_end", NO_ENDS)
def test_what_only_looks_like_the_end_is_content(no_end: bytes) -> None:
    content = IncomingContent(10_000)
    assert content.feed(b"Subject: x\r\n\r\ny" + no_end + b"MAIL FROM:<forged@mail.example>\r\n") is None
    assert content.feed(b".\r\n") == b""
    assert b"forged" in content.take()


def test_the_dot_may_come_at_once() -> None:
    content = IncomingContent(10_000)
    assert content.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert content.take() == b""


@pytest.mark.parametrize(("size", "too_large"), [(998, False), (1000, False), (1001, True), (50_000, True)])
@pytest.mark.parametrize("packet", [7, 1000, 100_000])
def test_what_is_too_large_is_read_to_its_end_and_not_held(size: int, too_large: bool, packet: int) -> None:
    content = IncomingContent(1000)
    wire = b"x" * (size - 2) + b"\r\n.\r\n" + BEHIND
    assert read(content, [wire[start : start + packet] for start in range(0, len(wire), packet)]) == BEHIND
    assert content.too_large is too_large


def test_a_content_without_an_end_does_not_fill_the_memory() -> None:
    content = IncomingContent(1000)
    for _ in range(100):
        assert content.feed(b"x" * 10_000) is None
    assert len(content.take()) < 10
