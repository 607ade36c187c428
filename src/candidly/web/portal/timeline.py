"""The messages of a conversation as its person reads them."""

from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from candidly.mail.sanitize import text_to_html
from candidly.models import Attachment, Conversation, Message, PortalLink
from candidly.rules.access import LEFT, portal_messages
from candidly.rules.channels import carried, spoken
from candidly.rules.subjects import bare_subject
from candidly.web.shell.days import day_name

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One message. `day` and `subject` are empty where they repeat what stands above; `also` names further ways that
    it went, and a subject belongs to those; `is_read` says of the person's own that somebody has read it."""

    message: Message
    is_own: bool
    author: str
    day: str
    subject: str
    also: str
    is_read: bool
    body: SafeString
    files: list[Attachment]


@dataclass(frozen=True)
class Timeline:
    """`earlier` is the id to ask for what came before, 0 at the beginning."""

    entries: list[Entry]
    earlier: int
    is_latest: bool

    @property
    def newest(self) -> int:
        return self.entries[-1].message.pk if self.entries else 0


def window(link: PortalLink, before: int = 0) -> Timeline:
    """The newest messages, or those before message `before`."""
    messages = portal_messages(link).select_related("member__user")
    messages = messages.prefetch_related("deliveries", "attachments", "mailing__attachments")
    if before:
        messages = messages.filter(pk__lt=before)
    found = list(messages.order_by("-pk")[: PAGE + 1])
    previous = found.pop() if len(found) > PAGE else None
    found.reverse()
    return Timeline(_entries(link.conversation, found, previous), found[0].pk if previous else 0, not before)


def _entries(conversation: Conversation, messages: list[Message], previous: Message | None) -> list[Entry]:
    read_up_to = conversation.participations.aggregate(newest=Max("read_up_to"))["newest"] or 0
    entries = []
    for message in messages:
        entries.append(_entry(conversation, message, previous, read_up_to))
        previous = message
    return entries


def _entry(conversation: Conversation, message: Message, previous: Message | None, read_up_to: int) -> Entry:
    is_own = message.direction == Message.Direction.IN
    written = timezone.localtime(message.created_at).date()
    same_day = previous is not None and timezone.localtime(previous.created_at).date() == written
    same_subject = previous is not None and bare_subject(previous.subject) == bare_subject(message.subject)
    also = "" if is_own else _also(message)
    return Entry(
        message=message,
        is_own=is_own,
        author="You" if is_own else _author(conversation, message),
        day="" if same_day else day_name(written),
        subject=message.subject if also and not same_subject else "",
        also=also,
        is_read=message.pk <= read_up_to,
        body=mark_safe(text_to_html(message.text)),  # noqa: S308 - escaped there
        files=_files(message),
    )


def _author(conversation: Conversation, message: Message) -> str:
    return message.member.name if message.member else conversation.organization.name


def _also(message: Message) -> str:
    """ "e-mail", "e-mail and SMS": the ways beside this page."""
    taken = {delivery.channel for delivery in message.deliveries.all() if delivery.state in LEFT}
    return spoken([way.name for way in carried(taken)])


def _files(message: Message) -> list[Attachment]:
    """Without the pictures that belong into a formatted text."""
    files = list(message.attachments.all())
    if message.mailing:
        files += message.mailing.attachments.all()
    return [file for file in files if not file.content_id]
