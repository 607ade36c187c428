"""The actions write down the present; this moves the story to the weeks in which it is told to have happened."""

from datetime import timedelta

from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery

from candidly.demo.oddments import MAILED
from candidly.demo.talks import Past
from candidly.models import (
    Application,
    Conversation,
    Delivery,
    InboundMail,
    Mailing,
    Message,
    Notice,
    Organization,
    Participation,
    Person,
    Template,
)


def backdate(organization: Organization, past: Past, mailing: Mailing) -> None:
    """Messages first; everything that repeats their times follows from them."""
    _move_messages(past)
    messages = Message.objects.filter(conversation__organization=organization)
    _follow(Delivery.objects.filter(organization=organization, message__isnull=False))
    Notice.objects.filter(organization=organization, message__isnull=False).update(created_at=_of_message())
    InboundMail.objects.filter(organization=organization, message__isnull=False).update(received_at=_of_message())
    _move_conversations(organization, messages)
    _move_people(organization, messages)
    sent_at = past.now - MAILED
    Mailing.objects.filter(pk=mailing.pk).update(
        created_at=sent_at, pace_started_at=sent_at, served_at=sent_at, finished_at=sent_at + timedelta(minutes=2)
    )
    Template.objects.filter(organization=organization).update(updated_at=past.now - timedelta(days=9))


def _move_messages(past: Past) -> None:
    messages = list(Message.objects.filter(pk__in=past.said_at))
    for message in messages:
        message.created_at = past.said_at[message.pk]
    Message.objects.bulk_update(messages, ["created_at"], batch_size=200)


def _of_message() -> Subquery:
    return Subquery(Message.objects.filter(pk=OuterRef("message")).values("created_at"))


def _follow(deliveries: QuerySet[Delivery]) -> None:
    deliveries.update(created_at=_of_message(), due_at=_of_message())
    deliveries.filter(sent_at__isnull=False).update(sent_at=F("created_at") + timedelta(seconds=3))


def _move_conversations(organization: Organization, messages: QuerySet[Message]) -> None:
    of_this = messages.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    conversations = Conversation.objects.filter(organization=organization)
    conversations.update(
        created_at=Subquery(of_this.annotate(at=Min("created_at")).values("at")),
        last_message_at=Subquery(of_this.annotate(at=Max("created_at")).values("at")),
    )
    latest = Conversation.objects.filter(pk=OuterRef("conversation")).values("last_message_at")
    Participation.objects.filter(conversation__in=conversations).update(last_message_at=Subquery(latest))


def _move_people(organization: Organization, messages: QuerySet[Message]) -> None:
    said = messages.exclude(direction=Message.Direction.OWN)
    of_this = said.filter(conversation__person=OuterRef("pk")).order_by().values("conversation__person")
    newest = of_this.annotate(at=Max("created_at")).values("at")
    replies = of_this.filter(direction=Message.Direction.IN, automatic="")
    applied_at = Person.objects.filter(pk=OuterRef("person")).values("created_at")
    present = Application.objects.filter(organization=organization, applied_at__gt=F("person__created_at"))
    present.update(applied_at=Subquery(applied_at))
    Person.objects.filter(organization=organization).update(
        last_message_at=Subquery(newest), last_reply_at=Subquery(replies.annotate(at=Max("created_at")).values("at"))
    )
