"""What there is to know of an address on the suppression list: whose it is, what came back, what was said of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from candidly.models import ConsentEvent, Delivery, Member, Person, Purpose, Suppression
from candidly.rules import access
from candidly.rules.channels import CARRIED, CHANNELS
from candidly.rules.consent import comparable

MOST_PEOPLE, MOST_BOUNCES, MOST_EVENTS = 10, 5, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader narrows the list to; empty is everything. `words` are the beginning of an address or number: so
    much an index can find."""

    words: str = ""
    channel: str = ""
    cause: str = ""
    purpose: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Asked":
        """What there is no such thing of is not asked for."""
        return cls(
            asked.get("q", "").replace("\x00", "").strip()[:254],
            _one_of(asked.get("channel", ""), CARRIED),
            _one_of(asked.get("cause", ""), Suppression.Cause.values),
            _one_of(asked.get("purpose", ""), Purpose.values),
        )

    def __bool__(self) -> bool:
        return self != Asked()

    def params(self) -> dict[str, str]:
        """As `read` takes it."""
        fields = {"q": self.words, "channel": self.channel, "cause": self.cause, "purpose": self.purpose}
        return {name: value for name, value in fields.items() if value}

    def among(self, listed: QuerySet[Suppression]) -> QuerySet[Suppression]:
        exact = {name: value for name, value in self.params().items() if name != "q"}
        listed = listed.filter(**exact)
        return listed.filter(address__startswith=comparable(self.words)) if self.words else listed


def _one_of(value: str, known: Collection[str]) -> str:
    return value if value in known else ""


def channels() -> list[tuple[str, str]]:
    return [(name, CHANNELS[name].label) for name in CARRIED]


def people_at(member: Member, listed: Suppression) -> list[Person]:
    """Those who have the address, as it is spelled or, where nobody has, in other capitals."""
    people = access.people_for(member)
    of_ledger = events_of(listed).filter(person__isnull=False).values("person")
    exact = people.filter(Q(pk__in=of_ledger) | _has(listed.address, ""))
    found = list(exact.order_by("pk")[:MOST_PEOPLE])
    return found or list(people.filter(_has(listed.address, "__iexact")).order_by("pk")[:MOST_PEOPLE])


def _has(address: str, how: str) -> Q:
    names = ("private_email", "work_email", "phone")
    return Q(*((f"{name}{how}", address) for name in names), _connector=Q.OR)


def bounces_at(member: Member, listed: Suppression, people: list[Person]) -> list[Delivery]:
    """What came back from it lately, the newest first, that the member may read."""
    spelled = {listed.address, *(email for person in people for email in person.emails)}
    back = Delivery.objects.filter(
        organization=listed.organization_id,
        address__in=[spelling for spelling in spelled if comparable(spelling) == listed.address],
        channel=listed.channel,
        state=Delivery.State.BOUNCED,
        message__conversation__in=access.conversations_for(member),
    )
    return list(back.select_related("message__conversation__person").order_by("-pk")[:MOST_BOUNCES])


def events_of(listed: Suppression) -> QuerySet[ConsentEvent]:
    """The ledger's entries of the address, the newest first."""
    events = ConsentEvent.objects.filter(
        organization=listed.organization_id, channel=listed.channel, address=listed.address
    )
    return events.select_related("member__user", "person").order_by("-pk")
