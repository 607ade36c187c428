"""The messages of one conversation as a person reads them: days, what is new, and only what changes said again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from candidly.mail.sanitize import text_to_html
from candidly.models import Attachment, Conversation, Delivery, Member, Message, Participation, Person
from candidly.rules.channels import channel
from candidly.rules.consent import began_again
from candidly.rules.mentions import names_of, pattern
from candidly.rules.subjects import bare_subject
from candidly.web.inbox.remarks import Remark, other_address, remarks
from candidly.web.inbox.rows import Mark, channel_mark
from candidly.web.shell.days import day_name

PAGE = 20
LONGEST = 100_000  # characters shown of one text; the rest is one click away
#: How an entry is drawn that is no message to or from the person.
LOOKS = {"note": "inbox/entry_note.html", "call": "inbox/entry_call.html", "event": "inbox/entry_event.html"}


@dataclass(frozen=True)
class Entry:
    """One message. `day` and `subject` are empty where they repeat what stands above; `look` for what is just said."""

    message: Message
    person: Person
    channel: Mark
    author: str
    day: str
    subject: str
    is_first_unread: bool
    body: SafeString
    quoted: SafeString
    is_cut: bool
    is_html_only: bool
    files: list[Attachment]
    deliveries: list[Delivery]
    look: str
    other_address: str
    remarks: list[Remark]


@dataclass
class _Above:
    """What stands above an entry: the message before it, and the last one that has a subject."""

    message: Message | None
    said: Message | None = field(init=False)

    def __post_init__(self) -> None:
        self.said = self.message

    def passes(self, message: Message) -> None:
        self.message = message
        if message.direction != Message.Direction.OWN:
            self.said = message


@dataclass(frozen=True)
class Timeline:
    """`earlier` is the id to ask for what came before (0 at the beginning); `newest` the id to ask for what follows.

    `later` is the same as `newest` where something does follow already (0 at the end).
    """

    entries: list[Entry]
    earlier: int
    newest: int
    later: int = 0


def opened(member: Member, conversation: Conversation, participation: Participation | None, at: int) -> Timeline:
    """What a reader sees first: the surroundings of message `at`, or the end."""
    return around(member, conversation, at) if at else latest(member, conversation, participation)


def around(member: Member, conversation: Conversation, pk: int) -> Timeline:
    """Message `pk` in the middle of a page."""
    messages = conversation.messages.all()
    above = _window(member, conversation.person, messages.filter(pk__lte=pk), None, PAGE // 2)
    below = after(member, conversation, above.newest or pk, PAGE // 2)
    return Timeline(above.entries + below.entries, above.earlier, below.newest, below.later)


def latest(member: Member, conversation: Conversation, participation: Participation | None) -> Timeline:
    """The end of the conversation, with the place where the member had stopped reading."""
    read_up_to = participation.read_up_to if participation and participation.is_unread else None
    return _window(member, conversation.person, conversation.messages.all(), read_up_to)


def before(member: Member, conversation: Conversation, pk: int) -> Timeline:
    """What came before message `pk`."""
    return _window(member, conversation.person, conversation.messages.filter(pk__lt=pk), None)


def after(member: Member, conversation: Conversation, pk: int, size: int = PAGE) -> Timeline:
    """What came after message `pk`: at most `size`, the rest follows at the next asking."""
    previous = conversation.messages.filter(pk__lte=pk).order_by("-pk").first()
    found = list(conversation.messages.filter(pk__gt=pk).select_related("member__user").order_by("pk")[: size + 1])
    messages = found[:size]
    newest = messages[-1].pk if messages else pk
    later = newest if len(found) > size else 0
    return Timeline(_entries(member, conversation.person, messages, previous, None), 0, newest, later)


def across(member: Member, person: Person, messages: QuerySet[Message]) -> Timeline:
    """The newest of some messages with one person, of whatever conversations."""
    return _window(member, person, messages, None)


def shown_deliveries(conversation: Conversation, up_to: int) -> list[Message]:
    """The newest sent messages up to message `up_to`, whose deliveries may have come farther since they were shown."""
    sent = conversation.messages.filter(pk__lte=up_to, direction=Message.Direction.OUT)
    return list(sent.prefetch_related("deliveries").order_by("-pk")[:PAGE])


def _fetch_around(messages: Sequence[Message]) -> None:
    """Fetches what stands around the messages, for those that can have it: seldom is one of a mailing, or a note."""
    # As lists, because a queryset for each message takes longer to make than all of this to find.
    files = Prefetch("attachments", Attachment.objects.order_by("pk"), to_attr="own_files")
    deliveries = Prefetch("deliveries", Delivery.objects.order_by("pk"), to_attr="own_deliveries")
    prefetch_related_objects(messages, files, deliveries)
    prefetch_related_objects([message for message in messages if message.mailing_id], "mailing__attachments")
    prefetch_related_objects([message for message in messages if message.channel == "note"], "mentions__user")
    again = began_again(messages)
    for message in messages:
        message.began_again = message.pk in again  # type: ignore[attr-defined]


def _window(
    member: Member, person: Person, messages: QuerySet[Message], read_up_to: int | None, size: int = PAGE
) -> Timeline:
    found = list(messages.select_related("member__user").order_by("-pk")[: size + 1])
    previous = found.pop() if len(found) > size else None
    found.reverse()
    entries = _entries(member, person, found, previous, read_up_to)
    return Timeline(entries, found[0].pk if previous else 0, found[-1].pk if found else 0)


def _entries(
    member: Member, person: Person, messages: Sequence[Message], previous: Message | None, read_up_to: int | None
) -> list[Entry]:
    _fetch_around(messages)
    entries = []
    above = _Above(previous)
    for message in messages:
        is_first_unread = read_up_to is not None and message.pk > read_up_to and _is_news(message, member)
        entries.append(_entry(member, person, message, above, is_first_unread))
        read_up_to = None if is_first_unread else read_up_to
        above.passes(message)
    return entries


def _is_news(message: Message, member: Member) -> bool:
    """What the person said, or a colleague."""
    own = message.direction == Message.Direction.OWN and message.member_id != member.pk
    return own or message.direction == Message.Direction.IN


def _entry(member: Member, person: Person, message: Message, above: _Above, is_first_unread: bool) -> Entry:
    written = timezone.localtime(message.created_at).date()
    same_day = above.message is not None and timezone.localtime(above.message.created_at).date() == written
    same_subject = above.said is not None and bare_subject(above.said.subject) == bare_subject(message.subject)
    is_html_only = bool(message.html) and not message.text.strip()
    return Entry(
        message=message,
        person=person,
        channel=channel_mark(message.channel),
        author=_author(member, person, message),
        day="" if same_day else day_name(written),
        subject=message.subject if channel(message.channel).has_subject and not same_subject else "",
        is_first_unread=is_first_unread,
        body=_marked(_html(message.text), message.mentions.all() if message.channel == "note" else ()),
        quoted=_html(message.quoted),
        is_cut=max(len(message.text), len(message.quoted)) > LONGEST,
        is_html_only=is_html_only,
        files=_files(message),
        deliveries=message.own_deliveries,  # type: ignore[attr-defined]  # by _fetch_around
        look=LOOKS.get(message.channel, ""),
        other_address=other_address(message, person),
        remarks=list(remarks(message, had_stopped=message.began_again)),  # type: ignore[attr-defined]  # likewise
    )


def _author(member: Member, person: Person, message: Message) -> str:
    if message.direction == Message.Direction.IN:
        return person.full_name if message.person_id else message.from_address
    if message.member_id == member.pk:
        return "You"
    return message.member.name if message.member else member.organization.name


def _marked(html: SafeString, mentioned: Iterable[Member]) -> SafeString:
    """The names of those whom a note mentions stand out."""
    names = [escape(name) for member in mentioned for name in names_of(member)]
    if not names or not html:
        return html
    return mark_safe(pattern(names).sub(r'<span class="merge-field">@\1</span>', html))  # noqa: S308 - safe before


def _html(text: str) -> SafeString:
    return mark_safe(text_to_html(text[:LONGEST])) if text.strip() else SafeString()  # noqa: S308 - escaped there


def _files(message: Message) -> list[Attachment]:
    """The message's files and those of its mailing, without pictures that its formatted form shows in place."""
    files: list[Attachment] = message.own_files  # type: ignore[attr-defined]  # by _fetch_around
    if message.mailing:
        files = [*files, *message.mailing.attachments.all()]
    return [file for file in files if not file.content_id or f"cid:{file.content_id}" not in message.html]
