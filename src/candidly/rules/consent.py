"""To whom nothing is sent, and what people said of being texted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from candidly.mail import addresses
from candidly.models import ConsentEvent, Delivery, Message, Person, Purpose, Suppression
from candidly.rules.keywords import is_everyday

#: A domain in them is compared in its ASCII form, which the database cannot make.
OTHER_LETTERS = r"[^\x01-\x7f]"
#: What keeps our messages back whatever they are about. A purpose of its own keeps back only what serves it.
EVERYTHING = Purpose.ALL
#: So soon after a text is filed, its wish is in the ledger: both are written in one go.
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a person may be texted, since when, and how we know: "by text message"."""

    agreed: bool
    at: datetime
    how: str


def comparable(address: str) -> str:
    """An address or number as the suppression list holds it."""
    return addresses.normalise(address)


def suppressions_of(organization_id: int | None, channel: str, address: str) -> QuerySet[Suppression]:
    """What the list says of one address, for every purpose."""
    return Suppression.objects.filter(organization=organization_id, channel=channel, address=comparable(address))


def is_suppressed(organization_id: int, channel: str, address: str) -> bool:
    """Whether nothing at all may be sent to it."""
    return suppressions_of(organization_id, channel, address).filter(purpose=EVERYTHING).exists()


def barred(person: Person) -> Mapping[str, str]:
    """By channel, why nothing is sent to the person by it; one query for all of them."""
    at = Q()
    for channel, address in (("email", person.email), ("sms", person.phone)):
        if address:
            at |= Q(channel=channel, address=comparable(address))
    if not at:
        return {}
    listed = Suppression.objects.filter(at, organization=person.organization_id, purpose=EVERYTHING)
    return dict(listed.values_list("channel", "reason"))


def suppressed_among(channel: str, claimed: Sequence[int]) -> dict[int, str]:
    """Those of the deliveries that must not leave, and why; one query, by suppressed_once.

    Whom no campaigns are sent to is among them for the mails of a campaign alone. What goes to our own members, and
    what answers a person's wish, is never among them.
    """
    campaign = ExpressionWrapper(OuterRef("mailing__campaign"), BigIntegerField())
    listed = (
        Suppression.objects.filter(
            organization=OuterRef("organization"), channel=channel, address=Lower(OuterRef("address"))
        )
        .annotate(campaign=campaign)
        .filter(Q(purpose=EVERYTHING) | Q(purpose=Purpose.CAMPAIGN, campaign__isnull=False))
    )
    to_people = Q(message__isnull=False) | Q(notice__person__isnull=False)
    asked = Delivery.objects.filter(to_people, pk__among=claimed).annotate(why=Subquery(listed.values("reason")[:1]))
    found = asked.filter(Q(why__isnull=False) | Q(address__regex=OTHER_LETTERS))
    rows = found.values_list("pk", "why", "organization", "address", "mailing__campaign")
    return {
        pk: reason
        for pk, why, ours, address, campaign in rows
        if (reason := why or _reason(channel, ours, address, is_campaign=bool(campaign)))
    }


def suppressed_of(deliveries: QuerySet[Delivery]) -> set[int]:
    """The ids of those that would not leave, whichever channels they are of."""
    by_channel: defaultdict[str, list[int]] = defaultdict(list)
    for pk, channel in deliveries.values_list("pk", "channel"):
        by_channel[channel].append(pk)
    return {pk for channel, keys in by_channel.items() for pk in suppressed_among(channel, keys)}


def _reason(channel: str, organization_id: int | None, address: str, *, is_campaign: bool) -> str:
    """For the few addresses that the list holds in another spelling than the delivery."""
    purposes = (EVERYTHING, Purpose.CAMPAIGN) if is_campaign else (EVERYTHING,)
    listed = suppressions_of(organization_id, channel, address).filter(purpose__in=purposes)
    return listed.values_list("reason", flat=True).first() or ""


def began_again(messages: Iterable[Message]) -> set[int]:
    """Of texts that came in, those by whose everyday word, a yes, somebody who had stopped began again.

    The ledger was written as they were read. One query, and none where nobody said such a word.
    """
    came_in = (message for message in messages if message.direction == Message.Direction.IN)
    said_yes = [message for message in came_in if message.channel == "sms" and is_everyday(message.text)]
    if not said_yes:
        return set()
    heard = ConsentEvent.objects.filter(
        organization__in={message.organization_id for message in said_yes},
        channel="sms",
        address__in={comparable(message.from_address) for message in said_yes},
        agreed=True,
        source=ConsentEvent.Source.TEXT,
    )
    events = list(heard.values_list("address", "said", "at"))
    return {message.pk for message in said_yes if any(_is_of(message, *event) for event in events)}


def _is_of(message: Message, address: str, said: str, at: datetime) -> bool:
    is_alike = (address, said) == (comparable(message.from_address), message.text.strip())
    return is_alike and message.created_at <= at < message.created_at + AT_ONCE


def texting(person: Person) -> Standing | None:
    """Where the person stands about text messages to their number; None where nobody asked yet."""
    if not person.phone:
        return None
    listed = suppressions_of(person.organization_id, "sms", person.phone).filter(purpose=EVERYTHING).first()
    if listed:
        return Standing(False, listed.created_at, listed.reason)
    said = ConsentEvent.objects.filter(
        organization=person.organization_id, channel="sms", address=comparable(person.phone), purpose=EVERYTHING
    )
    last = said.order_by("-pk").first()
    return Standing(True, last.at, ConsentEvent.Source(last.source).label.lower()) if last and last.agreed else None
