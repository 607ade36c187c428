"""The ways of reaching a person: what each is called, where it leads, and when it cannot be taken.

The only place that tells channels apart before a message is handed to one: everything else goes through CHANNELS.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.utils.text import get_text_list

from candidly.config import config
from candidly.mail import addresses
from candidly.models import Delivery, Person
from candidly.rules import consent


@dataclass(frozen=True, slots=True)
class Channel:
    """`address` is where a message to the person goes; `obstacle` a sentence on what of the person's details is in
    the way, empty where nothing is. Whether they are suppressed, `obstacles` asks. `problem` is a short sentence on why
    nothing can go to an address, one of many; empty where it can.

    `begins_as` is the state of a new delivery: what needs no worker has arrived when it is committed.
    `frozen_in` is where a mailing's recipient keeps the address by it, a column of MailingRecipient, and with `used_`
    before it where rules.preflight has it of people; empty where there is none.
    `gateway` is what takes its messages. `keeps_quiet_hours`: nothing leaves at night.
    `repeats_unconfirmed`: what may or may not have been taken is handed over again, because the other side can tell
    that it is the same; otherwise a person decides. `has_subject`: what goes by it has a subject line.
    """

    name: str
    label: str
    icon: str
    address: Callable[[Person], str]
    obstacle: Callable[[Person], str]
    problem: Callable[[str], str]
    begins_as: Delivery.State = Delivery.State.QUEUED
    repeats_unconfirmed: bool = True
    has_subject: bool = False
    keeps_quiet_hours: bool = False
    gateway: str = "mail server"
    frozen_in: str = ""

    @property
    def spoken(self) -> str:
        """Its label within a sentence: by e-mail, by SMS."""
        return self.label if self.label.isupper() else self.label.lower()


def channel(name: str) -> Channel:
    """The channel of that name; e-mail for a name that none has."""
    return CHANNELS.get(name, CHANNELS["email"])


def chosen(names: Collection[str]) -> list[Channel]:
    """Those of `names` that are channels, in their fixed order: the first one gives a message its look."""
    return [channel for name, channel in CHANNELS.items() if name in names]


def carried(names: Collection[str]) -> list[Channel]:
    """Those of `names` whose deliveries a worker hands over: by these a person hears of a message."""
    return [channel for channel in chosen(names) if channel.name in CARRIED]


def spoken(names: Collection[str]) -> str:
    """Those of `names` in a sentence: "e-mail, SMS and in-app"."""
    return get_text_list([channel.spoken for channel in chosen(names)], "and")


def obstacles(person: Person, names: Collection[str]) -> list[str]:
    """Why the person cannot be reached by each of `names`: sentences, none when all can be taken."""
    found = obstacles_by_channel(person)
    return [found[channel.name] for channel in chosen(names) if found[channel.name]]


def obstacles_by_channel(person: Person) -> dict[str, str]:
    """For each channel why the person cannot be reached by it, empty where they can. One query."""
    barred = consent.barred(person)
    return {
        name: channel.obstacle(person) or _barred(person, barred.get(name, "")) for name, channel in CHANNELS.items()
    }


def is_mended_on_profile(person: Person, name: str) -> bool:
    """Whether other contact details could help where the channel cannot be taken: not where the server sends no texts,
    nor where a number is there and it is not sent to."""
    return name != "sms" or (config().texts and not person.phone)


def _barred(person: Person, reason: str) -> str:
    return f"{person.full_name} is on the suppression list. {reason} Choose another channel." if reason else ""


def _mail_obstacle(person: Person) -> str:
    if not person.email:
        return f"{person.full_name} has no e-mail address. Add one on the profile, then send."
    if problem := addresses.problem(person.email):
        return f"{problem} Correct it on the profile, then send."
    return ""


def _text_obstacle(person: Person) -> str:
    if not config().texts:
        return "Text messages are not set up on this server. Choose another channel."
    if not person.phone:
        return f"{person.full_name} has no phone number. Add one on the profile, or choose another channel."
    return ""


CHANNELS: Mapping[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel(
            *("email", "E-mail", "mail"),
            address=lambda person: person.email,
            obstacle=_mail_obstacle,
            problem=lambda address: addresses.problem(address) if address else "No e-mail address.",
            has_subject=True,
            frozen_in="address",
        ),
        Channel(
            *("sms", "SMS", "sms"),
            address=lambda person: person.phone,
            obstacle=_text_obstacle,
            problem=lambda number: "" if number else "No phone number.",
            repeats_unconfirmed=False,
            keeps_quiet_hours=True,
            gateway="text message provider",
            frozen_in="phone",
        ),
        Channel(
            *("app", "In-app", "app"),
            address=lambda _: "",
            obstacle=lambda _: "",
            problem=lambda _: "",
            begins_as=Delivery.State.SENT,
        ),
    )
}
#: The channel whose messages arrive in the portal itself.
PORTAL = "app"
#: The channels whose deliveries a worker hands over.
CARRIED = tuple(name for name, channel in CHANNELS.items() if channel.begins_as == Delivery.State.QUEUED)
