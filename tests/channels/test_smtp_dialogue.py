"""The dialogue with a mail server, without sockets: what is said when, and one outcome a mail whatever happens."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from candidly.channels.smtp.dialogue import Dialogue, Lost
from candidly.channels.smtp.parcel import Parcel, transparent
from candidly.channels.smtp.reading import NotSmtp, ReplyReader
from candidly.channels.smtp.replies import Reply
from candidly.envelope import Failed, PermanentFailure, Receipt, TemporaryFailure, Unconfirmed
from tests.channels.outgoing import mail
from tests.peers.model import ModelServer

GONE = Lost("The line went dead.")
OK = Reply(250, "ok")
GO_AHEAD = Reply(354, "go ahead")
GOING_DOWN = Reply(421, "going down")


class Desk:
    """Hands out parcels, and remembers what became of each."""

    def __init__(self, count: int) -> None:
        self.parcels = [parcel(n) for n in range(1, count + 1)]
        self.waiting = list(self.parcels)
        self.results: list[Receipt | Failed] = []
        self.given_back: list[int] = []

    def take(self) -> Parcel | None:
        return self.waiting.pop(0) if self.waiting else None

    def settle(self, parcel: Parcel, result: Receipt | Failed) -> None:
        assert parcel.message.delivery_id == result.delivery_id
        self.results.append(result)

    def give_back(self, parcel: Parcel) -> None:
        self.given_back.append(parcel.message.delivery_id)

    @property
    def taken(self) -> list[int]:
        return [parcel.message.delivery_id for parcel in self.parcels[: len(self.parcels) - len(self.waiting)]]

    def ends(self) -> Counter[int]:
        """How many ends each parcel has had."""
        return Counter([result.delivery_id for result in self.results] + self.given_back)

    def with_receipt(self) -> list[int]:
        return [result.delivery_id for result in self.results if isinstance(result, Receipt)]

    def failed(self, kind: type) -> list[int]:
        return [r.delivery_id for r in self.results if isinstance(r, Failed) and isinstance(r.failure, kind)]


def parcel(number: int) -> Parcel:
    commands = b"MAIL FROM:<h@n.example>\r\n", b"RCPT TO:<c%d@m.example>\r\n" % number, b"DATA\r\n"
    return Parcel(mail(f"c{number}@m.example", number), commands, transparent(content(number)))


def content(number: int) -> bytes:
    return b"Subject: %d\r\n\r\n.RSET\r\n..\r\n" % number


def talk(desk: Desk, *, pipelining: bool = True) -> Dialogue:
    return Dialogue(desk, "relay.example:25", pipelining=pipelining)


def say(dialogue: Dialogue, replies: Iterable[Reply]) -> list[bytes]:
    """What the dialogue says to each answer."""
    return [dialogue.hear(reply) for reply in replies]


# What is said when


def test_with_pipelining_the_content_of_a_mail_and_the_envelope_of_the_next_are_one_write() -> None:
    desk = Desk(2)
    dialogue = talk(desk)
    first, second = desk.parcels
    assert dialogue.begin() == b"".join(first.commands)
    assert say(dialogue, [OK, OK, GO_AHEAD]) == [b"", b"", first.content + b"".join(second.commands)]
    assert say(dialogue, [OK, OK, OK, GO_AHEAD]) == [b"", b"", b"", second.content]
    assert say(dialogue, [OK]) == [b""]
    assert dialogue.idle
    assert desk.with_receipt() == [1, 2]


def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    desk = Desk(2)
    dialogue = talk(desk, pipelining=False)
    first, second = desk.parcels
    assert dialogue.begin() == first.commands[0]
    said = say(dialogue, [OK, OK, GO_AHEAD, OK, OK, OK, GO_AHEAD, OK])
    assert said == [*first.commands[1:], first.content, *second.commands, second.content, b""]
    assert desk.with_receipt() == [1, 2]


def test_a_refused_envelope_is_reset_and_the_next_mail_goes() -> None:
    desk = Desk(2)
    dialogue = talk(desk)
    dialogue.begin()
    assert say(dialogue, [OK, Reply(550, "5.1.1 no"), Reply(503, "no")]) == [b"", b"", b"RSET\r\n"]
    assert desk.failed(PermanentFailure) == [1]
    assert say(dialogue, [OK]) == [b"".join(desk.parcels[1].commands)]


def test_a_go_ahead_after_a_refused_recipient_gets_a_lone_dot_and_no_content() -> None:
    desk = Desk(2)
    dialogue = talk(desk)
    dialogue.begin()
    assert say(dialogue, [OK, Reply(550, "5.1.1 no"), GO_AHEAD])[-1] == b".\r\n"
    assert say(dialogue, [Reply(554, "no valid recipients")]) == [b"".join(desk.parcels[1].commands)]


def test_a_refused_content_holds_up_nothing() -> None:
    desk = Desk(2)
    dialogue = talk(desk)
    dialogue.begin()
    say(dialogue, [OK, OK, GO_AHEAD, Reply(554, "5.7.1 spam"), OK, OK, GO_AHEAD, OK])
    assert (desk.failed(PermanentFailure), desk.with_receipt()) == ([1], [2])


# How it ends


def after(replies: Sequence[Reply], *, count: int = 2) -> tuple[Desk, Dialogue]:
    desk = Desk(count)
    dialogue = talk(desk)
    dialogue.begin()
    say(dialogue, replies)
    return desk, dialogue


CONTENT_SAID = [OK, OK, GO_AHEAD]


def test_when_the_connection_is_lost_only_the_mail_with_its_dot_said_is_uncertain() -> None:
    desk, dialogue = after(CONTENT_SAID)
    dialogue.lose(GONE)
    assert (desk.failed(Unconfirmed), desk.given_back) == ([1], [2])


def test_a_mail_whose_dot_has_not_left_is_not_uncertain() -> None:
    desk, dialogue = after(CONTENT_SAID)
    envelope = len(b"".join(desk.parcels[1].commands))
    dialogue.lose(GONE, unsent=envelope + 1)
    assert (desk.failed(TemporaryFailure), desk.given_back) == ([1], [2])


def test_a_mail_whose_dot_has_just_left_is_uncertain() -> None:
    desk, dialogue = after(CONTENT_SAID)
    dialogue.lose(GONE, unsent=len(b"".join(desk.parcels[1].commands)))
    assert desk.failed(Unconfirmed) == [1]


def test_the_first_mail_of_a_connection_is_not_given_back_so_that_no_server_can_make_us_go_round() -> None:
    for lost_after in ([], [OK], [OK, OK]):
        desk, dialogue = after(lost_after)
        dialogue.lose(GONE)
        assert (desk.failed(TemporaryFailure), desk.given_back) == ([1], [])


def test_a_later_mail_of_which_only_the_envelope_was_said_is_given_back() -> None:
    for lost_after in ([OK], [OK, OK], [OK, OK, OK]):
        desk, dialogue = after([*CONTENT_SAID, *lost_after])
        dialogue.lose(GONE)
        assert (desk.with_receipt(), desk.given_back) == ([1], [2])


def test_a_refusal_stands_even_if_the_connection_is_lost_before_the_rest_is_answered() -> None:
    desk, dialogue = after([OK, Reply(550, "5.1.1 no")])
    dialogue.lose(GONE)
    assert desk.failed(PermanentFailure) == [1]


def test_a_421_to_the_content_is_a_no_and_the_end() -> None:
    desk, dialogue = after([*CONTENT_SAID, GOING_DOWN])
    assert dialogue.over
    assert (desk.failed(TemporaryFailure), desk.given_back) == ([1], [2])


def test_a_421_in_any_state_ends_the_connection_with_one_outcome_for_each_mail() -> None:
    answers = [OK, OK, GO_AHEAD, OK, Reply(550, "no"), Reply(503, "no"), OK, OK, OK, GO_AHEAD, OK]
    for position in range(len(answers) + 1):
        desk, dialogue = after([*answers[:position], GOING_DOWN], count=3)
        assert dialogue.over
        assert desk.ends() == Counter(desk.taken)
        assert desk.failed(Unconfirmed) == []


def test_a_no_while_the_content_is_on_its_way_ends_the_connection_and_the_mail_is_refused() -> None:
    desk, dialogue = after(CONTENT_SAID)
    dialogue.hear(Reply(552, "5.3.4 too big"), unsent=100_000)
    assert dialogue.over
    assert (desk.failed(PermanentFailure), desk.given_back) == ([1], [2])


def test_a_yes_before_the_content_has_left_is_not_believed() -> None:
    desk, dialogue = after(CONTENT_SAID)
    dialogue.hear(OK, unsent=100_000)
    assert dialogue.over
    assert (desk.with_receipt(), desk.failed(TemporaryFailure), desk.given_back) == ([], [1], [2])


def test_an_answer_that_nobody_asked_for_ends_an_idle_connection() -> None:
    desk, dialogue = after([*CONTENT_SAID, OK], count=1)
    assert dialogue.idle
    dialogue.hear(OK)
    assert dialogue.over
    assert desk.ends() == {1: 1}


# Whatever the server does

verdicts = st.lists(st.sampled_from(["ok", "ok", "ok", "MAIL", "RCPT", "RCPT, 354", "DATA", "dot"]), max_size=6)


@given(verdicts, st.booleans(), st.data())
@settings(deadline=None)
def test_our_outcomes_are_the_servers_log(verdicts: list[str], pipelining: bool, data: st.DataObject) -> None:
    """Over a line that cuts packets anywhere and may break at any byte, either way."""
    desk = Desk(6)
    server = ModelServer(iter(verdicts))
    dialogue = talk(desk, pipelining=pipelining)
    reader = ReplyReader()
    breaks_after = data.draw(st.none() | st.integers(0, 1500), label="breaks after")
    passed = 0
    to_server, to_us = dialogue.begin(), b""
    while (to_server or to_us) and (breaks_after is None or passed < breaks_after):
        size = data.draw(st.integers(1, 400), label="packet")
        passed += size
        if to_us:
            packet, to_us = to_us[:size], to_us[size:]
            for reply in reader.read(packet):
                to_server += dialogue.hear(reply)
        else:
            packet, to_server = to_server[:size], to_server[size:]
            to_us += server.feed(packet)
    if breaks_after is None:
        assert dialogue.idle
    dialogue.lose(GONE)

    taken = {int(recipient[1:].partition(b"@")[0]): body for recipient, body in server.taken}
    assert server.mistakes == []
    assert all(body + b"\r\n" == content(number) for number, body in taken.items())
    assert len(taken) == len(server.taken)
    assert desk.ends() == Counter(desk.taken)
    assert set(desk.with_receipt()) <= taken.keys() <= {*desk.with_receipt(), *desk.failed(Unconfirmed)}
    assert len(desk.failed(Unconfirmed)) <= 1
    assert len(desk.given_back) <= 1


lines = st.sampled_from(
    [b"250 ok", b"250-more", b"251 ok", b"354 go", b"421 bye", b"450 no", b"530 sign in", b"550 no", b"220 hm", b"???"]
)


@given(st.lists(lines, max_size=40), st.booleans(), st.data())
@settings(deadline=None)
def test_whatever_a_server_says_each_mail_has_one_end(
    lines: list[bytes], pipelining: bool, data: st.DataObject
) -> None:
    desk = Desk(8)
    dialogue = talk(desk, pipelining=pipelining)
    said = [dialogue.begin()]
    with suppress(NotSmtp):
        for reply in ReplyReader().read(b"".join(line + b"\r\n" for line in lines)):
            unsent = data.draw(st.sampled_from([0, 0, 0, 10, 1000]), label="unsent")
            said.append(dialogue.hear(reply, unsent))
    dialogue.lose(GONE)

    everything = b"".join(said)
    assert desk.ends() == Counter(desk.taken)
    assert len(desk.failed(Unconfirmed)) <= 1
    assert len(desk.given_back) <= 1
    for number in desk.taken:
        times_said = everything.count(transparent(content(number)))
        assert times_said == 1 or number not in desk.with_receipt()
        assert times_said == 0 or number not in desk.given_back
        assert times_said <= 1
