"""Campaigns in figures, and their members as a list shows them. However large one is, a count stops somewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet

from candidly.models import Campaign, CampaignMember, Delivery, MailingRecipient, Member, Person
from candidly.rules.access import campaign_members_for
from candidly.rules.addressing import kind_of, preference
from candidly.rules.counting import CountOf, in_words
from candidly.rules.search_text import search_words

#: Lists count this far, the page of one campaign that far.
LISTED_UP_TO = 10_000
COUNTED_UP_TO = 100_000
#: So many people that a search finds are named by their ids, so that it is made once.
FEW = 1_000

Response = CampaignMember.Response


@dataclass(frozen=True, slots=True)
class Figures:
    """How many members of one kind gave which response; a number beyond COUNTED_UP_TO is "that many and more"."""

    by_response: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_response.values())

    @property
    def total_words(self) -> str:
        return in_words(self.total, COUNTED_UP_TO)


def figures_of(member: Member, campaign: Campaign) -> dict[str, Figures]:
    """Of each kind of person, as far as the member may see them; one query."""
    members = campaign_members_for(member).filter(campaign=OuterRef("pk")).order_by()
    counts = {
        f"{kind}_{response}": CountOf(members.filter(kind=kind, response=response).values("pk")[: COUNTED_UP_TO + 1])
        for kind in Person.Kind.values
        for response in Response.values
    }
    found = Campaign.objects.filter(pk=campaign.pk).annotate(**counts).values(*counts).get()
    return {
        kind: Figures({response: found[f"{kind}_{response}"] for response in Response.values})
        for kind in Person.Kind.values
    }


def with_counts(member: Member, campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Each campaign with `number_in` and `number_answered` (accepted, declined or replied), up to LISTED_UP_TO."""
    members = campaign_members_for(member).filter(campaign=OuterRef("pk")).order_by().values("pk")
    answered = members.filter(response__in=(Response.ACCEPTED, Response.DECLINED, Response.REPLIED))
    return campaigns.annotate(
        number_in=CountOf(members[: LISTED_UP_TO + 1]), number_answered=CountOf(answered[: LISTED_UP_TO + 1])
    )


def narrowed(members: QuerySet[CampaignMember], *, q: str = "", response: str = "") -> QuerySet[CampaignMember]:
    """By response, and by words in what is searched of a person."""
    if response:
        members = members.filter(response=response)
    words = search_words(q)
    if not words:
        return members
    found = members
    for word in words:
        found = found.filter(person__search__text__contains=word)
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(ids) > FEW else CampaignMember.objects.filter(pk__in=ids)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member with what the campaign last sent them, if anything."""

    member: CampaignMember
    recipient: MailingRecipient | None
    delivery: Delivery | None

    @property
    def address(self) -> str:
        """The one last used, or the one that would be."""
        return self.recipient.address if self.recipient else self.member.person.email

    @property
    def address_kind(self) -> str:
        """Private, or Work, fallback: where it is not the one that comes first."""
        person = self.member.person
        named = kind_of(person, self.address)
        rule = self.recipient.mailing.address_rule if self.recipient else ""
        is_first = getattr(person, preference(rule, person.kind)[0]) == self.address
        return named if is_first or not named else f"{named}, fallback"


def rows_of(campaign: Campaign, members: Sequence[CampaignMember]) -> list[MemberRow]:
    """What was last sent to each of `members`: two queries, however many they are."""
    people = [member.person_id for member in members]
    sent = MailingRecipient.objects.filter(mailing__campaign=campaign, person__in=people)
    newest: dict[int, MailingRecipient] = {
        recipient.person_id: recipient for recipient in sent.select_related("mailing").order_by("mailing_id")
    }
    messages = [recipient.message_id for recipient in newest.values() if recipient.message_id]
    deliveries = {
        delivery.message_id: delivery for delivery in Delivery.objects.filter(message__in=messages, channel="email")
    }
    return [
        MemberRow(member, (last := newest.get(member.person_id)), deliveries.get(last.message_id) if last else None)
        for member in members
    ]
