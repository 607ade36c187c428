"""What a person applied for before: at any opening, with any colleague, for whoever may see the person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from candidly.models import Application, Conversation, Delivery, Member, Message, Person
from candidly.rules.access import all_applications_of, conversations_for
from candidly.rules.channels import CHANNELS

#: So many are shown: nobody applies oftener, but by mistake.
MOST = 50
#: The channels of the Messages tab: what is no mail.
SHORT = tuple(name for name in CHANNELS if name != "email")


@dataclass(frozen=True)
class Past:
    """An application, its conversations (the newest first), who wrote in them for us, and how many messages."""

    application: Application
    conversations: Sequence[Conversation]
    lead: str
    messages: int


def previous_applications(member: Member, person: Person, present: int | None) -> list[Past]:
    """All of the person's applications but the one of the id `present`, the newest first."""
    applications = all_applications_of(member, person).exclude(pk=present or 0)
    # Most people have none: what stands around them is fetched when there are.
    applications = applications.prefetch_related("opening", "stage_owner__user")
    found = list(applications.order_by("-applied_at", "-pk")[:MOST])
    if not found:
        return []
    conversations = _conversations(member, found)
    return [
        _past(application, [c for c in conversations if c.application_id == application.pk]) for application in found
    ]


def short_messages(member: Member, person: Person) -> QuerySet[Message]:
    """What went to the person or came from them by text or in the portal, alone or beside a mail."""
    conversations = conversations_for(member).filter(person=person)
    by_these = Delivery.objects.filter(message=OuterRef("pk"), channel__in=SHORT)
    return Message.objects.filter(Q(channel__in=SHORT) | Exists(by_these), conversation__in=conversations)


def _conversations(member: Member, applications: Sequence[Application]) -> list[Conversation]:
    said = Count("messages", filter=~Q(messages__direction=Message.Direction.OWN))
    conversations = conversations_for(member).filter(application__in=applications).select_related("owner__user")
    return list(conversations.annotate(said=said).order_by("-last_message_at", "-pk"))


def _past(application: Application, conversations: Sequence[Conversation]) -> Past:
    lead = (conversations[0].owner if conversations else None) or application.stage_owner
    messages = sum(conversation.said for conversation in conversations)  # type: ignore[attr-defined]
    return Past(application, conversations, lead.name if lead else "", messages)
