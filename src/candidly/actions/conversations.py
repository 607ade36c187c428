"""Begin a conversation, and answer in one."""

from collections.abc import Iterable, Sequence

from candidly.actions import live, reminders, writing
from candidly.actions.errors import Refused
from candidly.actions.once import once
from candidly.models import (
    Application,
    Attachment,
    Conversation,
    Member,
    Message,
    Person,
)
from candidly.rules import access, own_mailboxes, stale
from candidly.rules.channels import chosen, obstacles
from candidly.rules.subjects import first_subject, reply_subject

MAX_REFERENCES = 20


def start(
    member: Member,
    person: Person,
    *,
    subject: str,
    text: str,
    html: str = "",
    application: Application | None = None,
    channels: Sequence[str] = ("email",),
    attachments: Iterable[Attachment] = (),
    remind_days: int | None = None,
    send_key: str = "",
) -> Message:
    """Begin a conversation with `person` and queue its first message. Raises Refused.

    A `send_key` seen before returns the message that it sent then: a double click sends once.
    """
    attachments = list(attachments)
    check_start(member, person, subject=subject, text=text, channels=channels, attachments=attachments)
    check_mailbox(member, channels)
    conversation = Conversation(
        organization_id=person.organization_id,
        person=person,
        application=application,
        owner=member,
        subject=first_subject(subject, member.organization),
    )
    draft = writing.Draft(
        conversation, member, conversation.subject, text, html, send_key=send_key, channels=tuple(channels)
    )
    return _send_once(draft, attachments, remind_days)


def answer(
    member: Member,
    conversation: Conversation,
    *,
    text: str,
    html: str = "",
    subject: str = "",
    channels: Sequence[str] = ("email",),
    attachments: Iterable[Attachment] = (),
    remind_days: int | None = None,
    send_key: str = "",
    seen: int | None = None,
) -> Message:
    """Say something more in a conversation and queue it. Raises Refused. `send_key` as in `start`.

    `seen` is the newest message that the writer has seen: when somebody else said more since, it is refused, with
    the field "seen". None sends whatever was said.
    """
    attachments = list(attachments)
    check_answer(member, conversation, text=text, channels=channels, attachments=attachments)
    check_mailbox(member, channels)
    last = conversation.messages.exclude(rfc_message_id="").order_by("-id").first()
    draft = writing.Draft(
        conversation,
        member,
        subject.strip()[:998] or reply_subject(conversation.subject),
        text,
        html,
        in_reply_to=last.rfc_message_id if last else "",
        references=_references(last),
        send_key=send_key,
        channels=tuple(channels),
    )
    return _send_once(draft, attachments, remind_days, seen)


def check_start(
    member: Member,
    person: Person,
    *,
    subject: str,
    text: str,
    channels: Sequence[str],
    attachments: Sequence[Attachment] = (),
) -> None:
    """Raises Refused when the member may not begin this conversation, or not with these words."""
    _check(member, person, text, channels, attachments)
    if "email" in channels and not subject.strip():
        raise Refused("Write a subject: the candidate sees it first.", field="subject")


def check_answer(
    member: Member,
    conversation: Conversation,
    *,
    text: str,
    channels: Sequence[str],
    attachments: Sequence[Attachment] = (),
) -> None:
    """Raises Refused when the member may not answer here, or not with these words."""
    _check(member, conversation.person, text, channels, attachments)
    if not access.answerable_for(member).filter(pk=conversation.pk).exists():
        raise Refused("You can read this conversation, but only those who lead it can answer.")


def _check(
    member: Member, person: Person, text: str, channels: Sequence[str], attachments: Sequence[Attachment]
) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to write to candidates.")
    if not text.strip() and not attachments:
        raise Refused("Write a message first.", field="text")
    if not chosen(channels):
        raise Refused("Choose how to send it: e-mail, SMS or in-app.", field="channels")
    if problems := obstacles(person, channels):
        raise Refused(problems[0], field="address")


def check_mailbox(member: Member, channels: Sequence[str]) -> None:
    """Raises Refused, with the field "mailbox", when the member's own mailbox is wanted for these and not connected."""
    if problem := own_mailboxes.obstacle(member, channels):
        raise Refused(problem, field="mailbox")


def _references(last: Message | None) -> tuple[str, ...]:
    """The chain of ids (RFC 5322, 3.6.4): the first, to which programs thread, and the newest."""
    if last is None:
        return ()
    chain = (*last.references.split(), last.rfc_message_id)
    return chain if len(chain) <= MAX_REFERENCES else (chain[0], *chain[1 - MAX_REFERENCES :])


def refuse_if_stale(member: Member, conversation: Conversation, seen: int | None) -> None:
    """Raises Refused when somebody else has said more since message `seen`, or is about to; the caller holds the
    transaction."""
    if seen is None:
        return
    Conversation.objects.select_for_update().filter(pk=conversation.pk).first()  # whoever is speaking is waited for
    if newer := stale.said_since(member, conversation, seen):
        raise Refused(stale.sentence(newer), field="seen")
    if coming := stale.being_said(member, conversation):
        raise Refused(f"{coming.member.name} is sending an answer at this moment.", field="seen")


def _send_once(
    draft: writing.Draft, attachments: Sequence[Attachment], remind_days: int | None, seen: int | None = None
) -> Message:
    """Write the draft, unless its form has been sent already: then return what was sent."""

    def say() -> Message:
        refuse_if_stale(draft.sender, draft.conversation, seen)
        return _write(draft, attachments, remind_days)

    return once(draft.sender, draft.send_key, say)


def _write(draft: writing.Draft, attachments: Sequence[Attachment], remind_days: int | None) -> Message:
    message = Message.objects.get(pk=writing.write([draft])[0])
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments], message=None).update(
        message=message, draft=None, scheduled=None
    )
    if remind_days is not None:
        reminders.remind(draft.sender, message, remind_days)
    live.publish(f"conversation:{draft.conversation.pk}", "conversation")
    live.tell_portal(draft.conversation.pk)
    live.publish(f"member:{draft.sender.pk}", "inbox")
    return message
