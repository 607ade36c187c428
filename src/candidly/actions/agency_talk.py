"""Members and agency users talk about a candidate: say something, read it, delete it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, transaction

from candidly.actions import agency_alerts, live
from candidly.actions.attachments import discard, keep_said
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.envelope import File
from candidly.models import (
    AgencyMessage,
    AgencyReadMark,
    AgencyThread,
    AgencyUser,
    Attachment,
    InboundMail,
    clock,
)
from candidly.rules import agencies
from candidly.rules.agencies import Audience, Speaker, Talk
from candidly.rules.agency_access import agency_users_of, members_seeing

LONGEST_TEXT = 20_000
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Words:
    """What is said. `drawn` is the mark of the audience that the speaker was shown (`Audience.mark`).

    `attachments` are the speaker's own that wait for a message, `files` came with the form or the mail.
    """

    text: str
    drawn: str
    attachments: Sequence[Attachment] = ()
    files: Sequence[File] = ()
    send_key: str = ""
    rfc_message_id: str = ""


def say(speaker: Speaker, talk: Talk, words: Words) -> AgencyMessage:
    """Say something, opening the thread where there is none yet, and tell the other side. Raises Refused.

    Where somebody would see it by now who was not in the audience drawn, it is refused with the field "audience".
    A `send_key` seen before returns the message that it sent then: a double click sends once.
    """
    try:
        with transaction.atomic():
            return _said_before(talk, words.send_key) or _say(speaker, talk, words)
    except IntegrityError:  # the other click committed while ours was writing
        if said := _said_before(talk, words.send_key):
            return said
        raise


def _say(speaker: Speaker, talk: Talk, words: Words) -> AgencyMessage:
    _check(speaker, talk, words)
    audience = agencies.audience_of(talk)
    _refuse_if_grown(audience, words.drawn, speaker)
    message = AgencyMessage.objects.create(
        thread=_open(talk),
        author_id=speaker.user_id,
        from_agency=isinstance(speaker, AgencyUser),
        text=words.text.strip(),
        send_key=words.send_key,
        rfc_message_id=words.rfc_message_id[:998],
        created_at=clock.now(),
    )
    _attach(message, words)
    AgencyThread.objects.filter(pk=message.thread_id).update(last_message_at=message.created_at)
    agency_alerts.tell(message, audience)
    tell_pages(message.thread)
    return message


def _check(speaker: Speaker, talk: Talk, words: Words) -> None:
    if problem := agencies.obstacle(speaker, talk):
        raise Refused(problem)
    files = len(words.attachments) + len(words.files)
    if not words.text.strip() and not files:
        raise Refused("Write a message first, or attach a file.", field="text")
    if len(words.text) > LONGEST_TEXT:
        raise Refused(f"The message is longer than {LONGEST_TEXT:,} characters. Attach it as a file.", field="text")
    if files > MOST_FILES:
        raise Refused(f"Attach at most {MOST_FILES} files, and send the others with the next message.")


def _refuse_if_grown(audience: Audience, drawn: str, speaker: Speaker) -> None:
    if grown := agencies.newcomers(audience, drawn, speaker):
        names = " and ".join(one.name for one in grown) if len(grown) < 3 else f"{len(grown)} more people"
        raise Refused(
            f"{names} would see this too by now, so it was not sent. Look who will see it, and send it again.",
            field="audience",
        )


def _open(talk: Talk) -> AgencyThread:
    thread, _ = AgencyThread.objects.get_or_create(
        person=talk.person,
        agency_user=talk.agency_user,
        private_with=talk.private_with,
        defaults={"organization_id": talk.person.organization_id},
    )
    return thread


def _attach(message: AgencyMessage, words: Words) -> None:
    waiting = Attachment.objects.filter(
        pk__in=[file.pk for file in words.attachments], message=None, agency_message=None
    )
    waiting.update(agency_message=message, draft=None, scheduled=None)
    for file in words.files:
        keep_said(message, file)


def _said_before(talk: Talk, send_key: str) -> AgencyMessage | None:
    if not send_key:
        return None
    said = AgencyMessage.objects.filter(
        thread__person=talk.person, thread__agency_user=talk.agency_user, thread__private_with=talk.private_with
    )
    return said.filter(send_key=send_key).first()


@transaction.atomic
def read(reader: Speaker, thread: AgencyThread, up_to: int) -> bool:
    """The reader has seen the thread up to message `up_to`. Returns whether that was news."""
    mark, _ = AgencyReadMark.objects.get_or_create(thread=thread, user_id=reader.user_id)
    moved = AgencyReadMark.objects.filter(pk=mark.pk, read_up_to__lt=up_to)
    news = bool(moved.update(read_up_to=up_to, read_at=clock.now()))
    if news:
        tell_pages(thread)
    return news


@transaction.atomic
def delete(author: Speaker, message: AgencyMessage) -> None:
    """Take back one's own message: a tombstone stays, with nothing in it, and alerts that have not left do not leave.

    An answer to it stays as it is. Raises Refused for somebody else's.
    """
    if message.author_id != author.user_id:
        raise Refused("Only who wrote a message can delete it.")
    there = AgencyMessage.objects.filter(pk=message.pk, deleted_at=None)
    if not there.update(text="", deleted_at=clock.now()):
        return
    for file in message.attachments.all():
        discard(message.attachments.all(), file)
    InboundMail.objects.filter(agency_message=message).update(raw=b"", size=0, subject="", snippet="")
    agency_alerts.withdraw(message)
    note(author, "agency.message_deleted", f"agency message {message.pk}", name=message.thread.person.full_name)
    tell_pages(message.thread)


def tell_pages(thread: AgencyThread) -> None:
    """Those that may show it, and no others: that there is a private message is private too."""
    tell = partial(live.publish, name="agency", person=thread.person_id)
    if agency_users_of(thread.person).filter(pk=thread.agency_user_id).exists():
        tell(f"agency-user:{thread.agency_user_id}")
    if thread.private_with_id is None:
        tell(f"agency-talk:{thread.person_id}")
    elif members_seeing(thread.person).filter(pk=thread.private_with_id).exists():
        tell(f"member:{thread.private_with_id}")
