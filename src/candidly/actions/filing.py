"""Put a received mail where it belongs: into its conversation, or aside for a member to decide."""

from typing import Any

from django.db.models import QuerySet

from candidly.actions import live, notices
from candidly.actions.attachments import keep_received
from candidly.actions.conversations import reply_subject
from candidly.actions.writing import CHANNEL, snippet_of
from candidly.config import config
from candidly.envelope import Incoming
from candidly.models import (
    Conversation,
    InboundMail,
    Member,
    Message,
    Notice,
    Participation,
    Person,
    ReplyAddress,
)
from candidly.rules import mail_identity

State = InboundMail.State
UNDECIDED = (State.STORED, State.REVIEW)


def describe(mail: InboundMail, incoming: Incoming) -> None:
    """Note what lists show of the mail."""
    mail.from_name = incoming.sender.name[:320]
    mail.from_address = incoming.sender.email[:320]
    mail.subject = incoming.subject[:998]
    mail.snippet = snippet_of(incoming.reply)
    mail.save(update_fields=["from_name", "from_address", "subject", "snippet"])


def end(mail: InboundMail, state: str, **fields: Any) -> bool:
    """Bring an undecided mail to its end state; False when somebody has decided on it already."""
    undecided = InboundMail.objects.filter(pk=mail.pk, state__in=UNDECIDED)
    return bool(undecided.update(state=state, lease_until=None, **fields))


def set_aside(mail: InboundMail, problem: str, suggestion: Conversation | None) -> None:
    """To the review tray, with the reason in plain words and the likeliest conversation."""
    if end(mail, State.REVIEW, problem=problem[:500], suggestion=suggestion):
        live.publish(f"review:{mail.organization_id}", "review")


def file(mail: InboundMail, conversation: Conversation, incoming: Incoming, **decided: Any) -> Message | None:
    """Append the mail to the conversation and tell those who take part; the caller holds the transaction.

    None when it was decided on already, or the conversation holds it: some mailers send a thing twice.
    """
    if incoming.message_id and conversation.messages.filter(rfc_message_id=incoming.message_id[:998]).exists():
        end(mail, State.DUPLICATE, **decided)
        return None
    if not end(mail, State.FILED, **decided):
        return None
    message = _append(conversation, incoming)
    InboundMail.objects.filter(pk=mail.pk).update(message=message)
    for received in incoming.files:
        keep_received(message, received)
    _bring_up(conversation, message)
    _tell(conversation, message)
    return message


def _append(conversation: Conversation, incoming: Incoming) -> Message:
    return Message.objects.create(
        organization_id=conversation.organization_id,
        conversation=conversation,
        direction=Message.Direction.IN,
        channel=CHANNEL,
        person=conversation.person,
        subject=incoming.subject[:998],
        text=incoming.reply,
        quoted=incoming.quoted,
        html=incoming.html,
        from_address=incoming.sender.email[:320],
        rfc_message_id=incoming.message_id[:998],
        in_reply_to=incoming.in_reply_to[:998],
        references=" ".join(incoming.references),
        automatic=incoming.automatic[:100],
    )


def _bring_up(conversation: Conversation, message: Message) -> None:
    """To the top of lists, unread for all who take part, back from their archive."""
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=message.created_at,
        last_direction=message.direction,
        last_channel=message.channel,
        snippet=snippet_of(message.text),
    )
    _participants(conversation).update(is_unread=True, archived_at=None, last_message_at=message.created_at)
    person = Person.objects.filter(pk=conversation.person_id)
    person.update(last_message_at=message.created_at, last_channel=message.channel)
    if not message.automatic:
        person.update(last_reply_at=message.created_at)


def _participants(conversation: Conversation) -> QuerySet[Participation]:
    return Participation.objects.filter(conversation=conversation, member__user__is_active=True)


def _tell(conversation: Conversation, message: Message) -> None:
    """Live to all who take part, and by mail to the one who began it: replies go to the sender alone."""
    live.publish(f"conversation:{conversation.pk}", "conversation")
    for participation in _participants(conversation).select_related("member__user"):
        live.publish(f"member:{participation.member_id}", "inbox")
        if participation.role == Participation.Role.OWNER and not message.automatic:
            _copy_to(participation.member, conversation, message)


def _copy_to(member: Member, conversation: Conversation, message: Message) -> None:
    """A copy for the member’s own inbox, with a reply address of their own: answering it answers the person."""
    address, _ = ReplyAddress.objects.get_or_create(
        conversation=conversation,
        member=member,
        defaults={
            "organization_id": conversation.organization_id,
            "token": mail_identity.new_token(),
        },
    )
    person = conversation.person.full_name
    notices.enqueue(
        kind=Notice.Kind.REPLY_COPY,
        organization=conversation.organization,
        user=member.user,
        conversation=conversation,
        message=message,
        to_address=member.email,
        from_name=person,
        reply_to=mail_identity.reply_address(address.token),
        subject=message.subject or reply_subject(conversation.subject),
        text=f"{message.text}\n\n--\nAnswer this mail to write to {person}, or open the conversation in Candidly:\n"
        f"{config().base_url}/conversations/{conversation.pk}/",
    )
