"""What a person does in the portal: answer, see what was written; and how a member takes the link back."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction

from candidly.actions import live, responses
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.actions.hearing import Heard, hear
from candidly.envelope import File
from candidly.models import Conversation, Delivery, Member, Message, PortalLink, clock
from candidly.rules import access
from candidly.rules.channels import PORTAL
from candidly.rules.closing import is_closed

LONGEST_TEXT = 20_000
MOST_FILES = 10
#: How many answers a conversation takes in an hour, and in a day.
MOST_ANSWERS = ((timedelta(hours=1), 20, "an hour"), (timedelta(days=1), 100, "a day"))
CLOSED = "Your application was declined, so replies are off. You can still read everything here."


def answer(conversation: Conversation, *, text: str, files: Sequence[File] = (), send_key: str = "") -> Message:
    """The person says something in their conversation. Raises Refused.

    The same words under a `send_key` seen before return the message that they were then: a double click sends once.
    """
    key = _key(conversation, send_key, text, files)
    if said := _said_before(conversation, key):
        return said
    _check(conversation, text, files)
    try:
        with transaction.atomic():
            message = hear(conversation, Heard(PORTAL, text.strip(), files=files, send_key=key))
            see(conversation, message.pk)
            return message
    except IntegrityError:  # the other click committed while ours was writing
        if said := _said_before(conversation, key):
            return said
        raise


@transaction.atomic
def see(conversation: Conversation, up_to: int) -> int:
    """The person has read what stands in the portal up to message `up_to`. Returns how many messages that were."""
    shown = Delivery.objects.filter(
        message__conversation=conversation,
        message__pk__lte=up_to,
        channel=PORTAL,
        state__in=(Delivery.State.SENT, Delivery.State.DELIVERED),
    )
    read = shown.update(state=Delivery.State.READ, arrived_at=clock.now())
    responses.note(conversation, responses.Response.OPENED, responses.Source.PORTAL)
    if read:
        live.publish(f"conversation:{conversation.pk}", "conversation")
    return read


@transaction.atomic
def revoke_links(member: Member, conversation: Conversation) -> None:
    """No link that was sent so far opens the conversation any more; the next message carries a new one.

    Raises Refused for a member who may not answer here.
    """
    if not access.answerable_for(member).filter(pk=conversation.pk).exists():
        raise Refused("Only those who can answer in this conversation can withdraw its link.")
    links = PortalLink.objects.filter(conversation=conversation, revoked_at=None)
    if links.update(revoked_at=clock.now()):
        note(member, "person.link_withdrawn", f"conversation {conversation.pk}", name=conversation.person.full_name)
    live.tell_portal(conversation.pk)


def _check(conversation: Conversation, text: str, files: Sequence[File]) -> None:
    if is_closed(conversation):
        raise Refused(CLOSED)
    if not text.strip() and not files:
        raise Refused("Write something first, or attach a file.", field="text")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"Your reply is longer than {LONGEST_TEXT:,} characters. Attach it as a file.", field="text")
    if len(files) > MOST_FILES:
        raise Refused(f"Attach at most {MOST_FILES} files to one reply, and send the others with the next.")
    _check_pace(conversation)


def _check_pace(conversation: Conversation) -> None:
    said = conversation.messages.filter(direction=Message.Direction.IN, channel=PORTAL)
    for time, most, words in MOST_ANSWERS:
        if said.filter(created_at__gt=clock.now() - time).count() >= most:
            raise Refused(f"That was {most} replies within {words}. Please wait a while, then send it again.")


def _key(conversation: Conversation, send_key: str, text: str, files: Sequence[File]) -> str:
    """Other words are another answer, though a browser that went back sends them under the old form's key."""
    if not send_key:
        return ""
    said = "\0".join([send_key, text, *(f"{file.name} {len(file.content)}" for file in files)])
    return f"p{conversation.pk}-{sha256(said.encode()).hexdigest()}"[:64]


def _said_before(conversation: Conversation, key: str) -> Message | None:
    return conversation.messages.filter(send_key=key).first() if key else None
