"""Take down what a person said, by whichever door it came: in its conversation, unread, with everybody told."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from candidly.actions import alerts, closing, live, reminders, responses
from candidly.actions.attachments import keep_received
from candidly.actions.writing import snippet_of
from candidly.envelope import File
from candidly.models import Attachment, Conversation, Message, Participation, Person, Unindexed
from candidly.rules.closing import is_closed


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person said. The fields are those of Message; `files` came with it, `attachments` are kept already.

    `automatic` names why a machine said it: then nobody counts as having answered.
    """

    channel: str
    text: str
    subject: str = ""
    quoted: str = ""
    html: str = ""
    from_address: str = ""
    rfc_message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: str = ""
    send_key: str = ""
    files: Sequence[File] = ()
    attachments: Sequence[Attachment] = ()


def hear(conversation: Conversation, heard: Heard) -> Message:
    """Append it to the conversation as its person's words; the caller holds the transaction."""
    message = _append(conversation, heard)
    _bring_up(conversation, message)
    if not message.automatic:
        reminders.answered(conversation)
        responses.note(conversation, responses.Response.REPLIED, responses.Source.REPLY)
    if message.came_after_close:
        closing.tell_closed(conversation, message)
    _tell(conversation, message)
    return message


def _append(conversation: Conversation, heard: Heard) -> Message:
    message = Message.objects.create(
        organization_id=conversation.organization_id,
        conversation=conversation,
        direction=Message.Direction.IN,
        channel=heard.channel,
        person=conversation.person,
        subject=heard.subject[:998],
        text=heard.text,
        quoted=heard.quoted,
        html=heard.html,
        from_address=heard.from_address[:320],
        rfc_message_id=heard.rfc_message_id[:998],
        in_reply_to=heard.in_reply_to[:998],
        references=" ".join(heard.references),
        automatic=heard.automatic[:100],
        send_key=heard.send_key,
        came_after_close=is_closed(conversation),
    )
    for file in heard.files:
        keep_received(message, file)
    Attachment.objects.filter(pk__in=[file.pk for file in heard.attachments], message=None).update(message=message)
    Unindexed.objects.create(message=message)
    return message


def _bring_up(conversation: Conversation, message: Message) -> None:
    """To the top of lists, unread for all who take part, back from their archive."""
    is_human = not message.automatic
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=message.created_at,
        last_direction=message.direction,
        last_channel=message.channel,
        snippet=snippet_of(message.text),
    )
    taking_part = participants(conversation)
    taking_part.update(is_unread=True, archived_at=None, snoozed_until=None, last_message_at=message.created_at)
    person = Person.objects.filter(pk=conversation.person_id)
    person.update(last_message_at=message.created_at, last_channel=message.channel)
    if is_human:
        taking_part.update(is_waiting=True)
        person.update(last_reply_at=message.created_at)


def participants(conversation: Conversation) -> QuerySet[Participation]:
    """Those who take part and still have an account."""
    return Participation.objects.filter(conversation=conversation, member__user__is_active=True)


def _tell(conversation: Conversation, message: Message) -> None:
    """Live to all who take part; by mail as each of them wants it."""
    live.publish(f"conversation:{conversation.pk}", "conversation")
    live.tell_portal(conversation.pk)
    for participation in participants(conversation).select_related("member__user"):
        live.publish(f"member:{participation.member_id}", "inbox")
        if not message.automatic:
            alerts.tell_of_reply(participation, conversation, message)
