"""Notes: what members tell each other in a conversation. They are never sent."""

from collections.abc import Sequence

from candidly.actions import alerts, drafts, internal
from candidly.actions.errors import Refused
from candidly.actions.once import once
from candidly.models import Attachment, Conversation, Member, Message
from candidly.rules import access
from candidly.rules.mentions import named

LONGEST = 20_000


def note(
    member: Member,
    conversation: Conversation,
    text: str,
    *,
    attachments: Sequence[Attachment] = (),
    send_key: str = "",
) -> Message:
    """Write it under the conversation. Whom it names with an @ follows from now on and is told.

    Raises Refused where the member may not write, for a name that several bear, and for whom the conversation is
    closed. A `send_key` seen before returns the note that it wrote then.
    """
    _check(member, conversation, text)
    told = [other for other in _named(conversation, text) if other != member]

    def write() -> Message:
        message = _write(member, conversation, text, told, send_key)
        Attachment.objects.filter(pk__in=[file.pk for file in attachments], message=None).update(
            message=message, draft=None
        )
        drafts.discard(member, drafts.Place(conversation))
        return message

    return once(member, send_key, write)


def _check(member: Member, conversation: Conversation, text: str) -> None:
    if not access.answerable_for(member).filter(pk=conversation.pk).exists():
        raise Refused("You can read this conversation, but only those who may answer in it can write notes.")
    if not text.strip():
        raise Refused("Write the note first.", field="text")
    if len(text) > LONGEST:
        raise Refused(f"A note holds {LONGEST:,} characters. Shorten it, or attach a file.", field="text")


def _named(conversation: Conversation, text: str) -> list[Member]:
    if "@" not in text:
        return []
    colleagues = Member.objects.filter(organization=conversation.organization_id, user__is_active=True)
    found = named(text, list(colleagues.select_related("user").order_by("pk")))
    if found.unclear:
        raise Refused(f"Several members are called {found.unclear[0]}. Write the full name after the @.", field="text")
    readers = set(access.readers_of(conversation).filter(pk__in=[one.pk for one in found.members]))
    if blind := [one for one in found.members if one not in readers]:
        raise Refused(
            f"{blind[0].name} cannot see this conversation: its candidate applied to none of their openings. "
            "Leave the name out, or tell them another way.",
            field="text",
        )
    return found.members


def _write(member: Member, conversation: Conversation, text: str, told: list[Member], send_key: str) -> Message:
    message = internal.add(conversation, member, "note", text.strip(), send_key=send_key)
    message.mentions.set(told)
    for other in told:
        internal.bring_in(conversation, other, message)
        alerts.tell_of_mention(other, conversation, message)
    return message
