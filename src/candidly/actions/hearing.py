"""Take down what a person said, by whichever door it came: in its conversation, unread, with everybody told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from candidly.actions import alerts, closing, live, reminders, responses
from candidly.actions.attachments import keep_received
from candidly.actions.writing import snippet_of
from candidly.envelope import File
from candidly.models import Attachment, Conversation, Member, Message, Participation, Person, Unindexed
from candidly.rules.closing import is_closed


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person said. The fields are those of Message; `files` came with it, `attachments` are kept already.

    `automatic` names why a machine said it: then nobody counts as having answered; nor where it is not the person's own
    (`is_persons`), but somebody else's on the same mail. `at` is when it was said, None for now. What is no news
    (`is_news`) was read elsewhere long ago: it is kept, and nobody is told.
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
    others: str = ""
    at: datetime | None = None
    is_persons: bool = True
    is_news: bool = True
    files: Sequence[File] = ()
    attachments: Sequence[Attachment] = ()


def hear(conversation: Conversation, heard: Heard, *, has_it: Member | None = None) -> Message:
    """Append it to the conversation as its person's words; the caller holds the transaction.

    `has_it` is the member in whose own mailbox it arrived: they need no copy by mail, and no machine answers in their
    name.
    """
    message = _append(conversation, heard)
    if not heard.is_news:
        bring_along(conversation, message)
        return message
    is_answer = heard.is_persons and not message.automatic
    _bring_up(conversation, message, is_answer=is_answer)
    if is_answer:
        reminders.answered(conversation)
        responses.note(conversation, responses.Response.REPLIED, responses.Source.REPLY)
    if message.came_after_close and has_it is None:
        closing.tell_closed(conversation, message)
    _tell(conversation, message, has_it)
    return message


def bring_along(conversation: Conversation, message: Message) -> None:
    """An old message takes its place: it is shown in lists where it is the newest, and changes whose turn it is not."""
    newest = Conversation.objects.filter(pk=conversation.pk, last_message_at__lte=message.created_at)
    if newest.update(**_last(message)):
        conversation.participations.update(last_message_at=message.created_at)
    known = Q(last_message_at=None) | Q(last_message_at__lt=message.created_at)
    person = Person.objects.filter(known, pk=conversation.person_id)
    person.update(last_message_at=message.created_at, last_channel=message.channel)
    live.publish(f"conversation:{conversation.pk}", "conversation")


def _last(message: Message) -> dict[str, Any]:
    """What lists show of a conversation's newest message."""
    return {
        "last_message_at": message.created_at,
        "last_direction": message.direction,
        "last_channel": message.channel,
        "snippet": snippet_of(message.text),
    }


def _append(conversation: Conversation, heard: Heard) -> Message:
    message = Message.objects.create(
        organization_id=conversation.organization_id,
        conversation=conversation,
        direction=Message.Direction.IN,
        channel=heard.channel,
        person=conversation.person if heard.is_persons else None,
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
        others=heard.others,
        came_after_close=heard.is_news and is_closed(conversation),
        created_at=heard.at or timezone.now(),
    )
    for file in heard.files:
        keep_received(message, file)
    Attachment.objects.filter(pk__in=[file.pk for file in heard.attachments], message=None).update(message=message)
    Unindexed.objects.create(message=message)
    return message


def _bring_up(conversation: Conversation, message: Message, *, is_answer: bool) -> None:
    """To the top of lists, unread for all who take part, back from their archive."""
    Conversation.objects.filter(pk=conversation.pk).update(**_last(message))
    at, waits, replied = message.created_at, {}, {}
    if is_answer:
        waits, replied = {"is_waiting": True}, {"last_reply_at": at}
    taking_part = participants(conversation)
    taking_part.update(is_unread=True, archived_at=None, snoozed_until=None, last_message_at=at, **waits)
    person = Person.objects.filter(pk=conversation.person_id)
    person.update(last_message_at=at, last_channel=message.channel, **replied)


def participants(conversation: Conversation) -> QuerySet[Participation]:
    """Those who take part and still have an account."""
    return Participation.objects.filter(conversation=conversation, member__user__is_active=True)


def _tell(conversation: Conversation, message: Message, has_it: Member | None) -> None:
    """Live to all who take part; by mail as each of them wants it, but for who has it in their mailbox."""
    taking_part = list(participants(conversation).select_related("member__user"))
    live.publish_all(
        (f"conversation:{conversation.pk}", "conversation"),
        live.of_portal(conversation.pk),
        *((f"member:{participation.member_id}", "inbox") for participation in taking_part),
    )
    for participation in taking_part:
        if not message.automatic and participation.member != has_it:
            alerts.tell_of_reply(participation, conversation, message)
