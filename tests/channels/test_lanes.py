"""Which message goes next."""

from dataclasses import replace

from candidly.channels.lanes import Lanes as AnyLanes
from candidly.envelope import Outgoing
from candidly.mail.addresses import domain_of
from tests.channels.outgoing import mail, mails


class Lanes(AnyLanes[Outgoing]):
    """By the recipient's domain."""

    def __init__(self, width: int) -> None:
        super().__init__(width, lambda message: domain_of(message.recipient.email))


def taken(lanes: Lanes, *who: str) -> list[int | None]:
    messages = [lanes.take(name) for name in who]
    return [message.delivery_id if message else None for message in messages]


def test_lanes_take_turns() -> None:
    lanes = Lanes(width=5)
    lanes.add([*mails(3), mail("kwame@elsewhere.example", 4), mail("amara@third.example", 5)])
    assert taken(lanes, "a", "b", "c", "d", "e", "f") == [1, 4, 5, 2, 3, None]
    assert lanes.empty


def test_a_full_lane_opens_when_one_in_it_has_finished() -> None:
    lanes = Lanes(width=2)
    first, *rest = mails(4)
    lanes.add([first, *rest])
    assert taken(lanes, "a", "b", "c") == [1, 2, None]
    assert not lanes.open
    lanes.finish("a", first)
    assert taken(lanes, "c", "a") == [3, None]


def test_who_is_in_a_full_lane_may_go_on_in_it_and_stays_one() -> None:
    lanes = Lanes(width=1)
    first, second, *rest = mails(4)
    lanes.add([first, second, *rest])
    assert taken(lanes, "a", "a", "b") == [1, 2, None]
    lanes.finish("a", first)
    assert taken(lanes, "b", "a") == [None, 3]


def test_another_open_lane_comes_before_ones_own_full_one() -> None:
    lanes = Lanes(width=1)
    lanes.add([*mails(2), mail("kwame@elsewhere.example", 3)])
    assert taken(lanes, "a", "a") == [1, 3]


def test_a_single_message_goes_before_those_of_a_mailing_in_its_own_lane_and_in_others() -> None:
    lanes = Lanes(width=5)
    mailing = [replace(message, list_id="mailing.7") for message in [*mails(2), mail("kwame@elsewhere.example", 3)]]
    lanes.add([*mailing, mail("amara@mail0.example", 4), mail("declan@third.example", 5)])
    assert taken(lanes, *"abcdef") == [4, 5, 1, 3, 2, None]


def test_who_is_in_a_full_lane_takes_its_single_message_first() -> None:
    lanes = Lanes(width=1)
    lanes.add([*(replace(message, list_id="mailing.7") for message in mails(3)), mail("amara@mail0.example", 4)])
    assert taken(lanes, "a", "b", "a", "a") == [4, None, 1, 2]
    lanes.add([mail("kwame@mail0.example", 5)])
    assert taken(lanes, "b", "a", "a") == [None, 5, 3]
    assert lanes.empty


def test_what_was_given_back_goes_first() -> None:
    lanes = Lanes(width=2)
    first, *rest = mails(3)
    lanes.add([first, *rest])
    lanes.take("a")
    lanes.give_back("a", first)
    assert taken(lanes, "b") == [1]
    assert lanes.under_way == 1


def test_what_was_drained_does_not_come_again() -> None:
    lanes = Lanes(width=2)
    lanes.add(mails(5))
    lanes.take("a")
    assert [message.delivery_id for message in lanes.drain()] == [2, 3, 4, 5]
    assert lanes.take("a") is None
    assert lanes.empty
