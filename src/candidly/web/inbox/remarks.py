"""What is remarked beside a message: where it came from, when that is not what one expects, and what it asks for."""

from collections.abc import Iterator
from typing import NamedTuple

from candidly.models import Message, Person
from candidly.rules.keywords import Wish, keyword_in

WISHES = {Wish.STOP: "Wants no more texts", Wish.START: "Wants texts again", Wish.HELP: "Asks for help"}


class Remark(NamedTuple):
    icon: str
    words: str
    tone: str = ""


def remarks(message: Message, *, had_stopped: bool = False) -> Iterator[Remark]:
    """In the order in which they are shown; `had_stopped` says that by a yes its writer began to get texts again."""
    came_in = message.direction == Message.Direction.IN
    if came_in and not message.person_id:
        yield Remark("info", "Neither the candidate nor a member", "warning")
    if message.automatic:
        yield Remark("info", "Automatic reply")
    if message.came_after_close:
        yield Remark("lock", "Came after the application was declined", "warning")
    if came_in and message.channel == "sms" and (keyword := keyword_in(message.text, has_stopped=had_stopped)):
        yield Remark("info", WISHES[keyword.wish], "warning")
    if message.mailing_id:
        yield Remark("users", "Bulk message, individual copy")


def other_address(message: Message, person: Person) -> str:
    """The address or number that the person wrote from, where it is none that we know of theirs."""
    theirs = message.direction == Message.Direction.IN and message.person_id
    return message.from_address if theirs and message.from_address not in (*person.emails, person.phone) else ""
