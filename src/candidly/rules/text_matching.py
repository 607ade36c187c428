"""To whom an incoming text belongs: what was last texted to its number, then whose number it is."""

from django.db.models import Q, QuerySet

from candidly.envelope import Incoming
from candidly.models import Conversation, Delivery, Organization, Person
from candidly.rules.matching import Doubt, FromPerson, Match

#: What has not left, or was refused, nobody can have answered.
NEVER_LEFT = (Delivery.State.QUEUED, Delivery.State.SUPPRESSED, Delivery.State.CANCELLED, Delivery.State.FAILED)


def organization_of(sender: str, recipient: str) -> Organization | None:
    """Whose text it is: by the number it was sent to, by who texted its sender last, by who knows the sender.

    None where several organizations share a number and none of them knows the sender.
    """
    if recipient and (owner := _only(Organization.objects.filter(sms_number=recipient))):
        return owner
    if delivery := _last_texted(sender):
        return delivery.organization
    person = _with_number(sender).select_related("organization").order_by("-pk").first()
    if person:
        return person.organization
    return _only(Organization.objects.all())


def _only(organizations: QuerySet[Organization]) -> Organization | None:
    found = list(organizations[:2])
    return found[0] if len(found) == 1 else None


def match_text(organization_id: int, incoming: Incoming) -> Match:
    """Whose text this is."""
    number = incoming.sender.email
    delivery = _last_texted(number, organization_id)
    if delivery and delivery.message:
        conversation = delivery.message.conversation
        return FromPerson(conversation, conversation.person)
    return _by_number(organization_id, number)


def _last_texted(number: str, organization_id: int | None = None) -> Delivery | None:
    """The newest text that left for the number. By delivery_texts."""
    texts = Delivery.objects.filter(channel="sms", address=number, message__isnull=False)
    if organization_id:
        texts = texts.filter(organization=organization_id)
    left = texts.exclude(state__in=NEVER_LEFT).exclude(address="").order_by("-pk")
    return left.select_related("organization", "message__conversation__person").first()


def _by_number(organization_id: int, number: str) -> Match:
    """By person_by_phone."""
    known = _with_number(number).filter(organization=organization_id)
    conversation = (
        Conversation.objects.filter(person__in=known).select_related("person").order_by("-last_message_at").first()
    )
    names = [person.full_name for person in known[:2]]
    if conversation and len(names) == 1:
        return FromPerson(conversation, conversation.person)
    if conversation:
        return Doubt(f"Several people have the number {number}, and nobody texted it from here.", conversation)
    if names:
        return Doubt(f"{names[0]} has this number, but there is no conversation with them yet.", None)
    return Doubt(f"Nobody here has the number {number or 'that it came from'}, and nobody texted it.", None)


def _with_number(number: str) -> QuerySet[Person]:
    """By person_by_phone, whose condition is said again so that it is found."""
    return Person.objects.filter(~Q(phone=""), phone=number)
