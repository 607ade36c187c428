"""The messages between members and one agency user as one of them reads them: for all and private ones in one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from candidly.mail.sanitize import text_to_html
from candidly.models import AgencyMessage, AgencyReadMark, AgencyThread, AgencyUser, Attachment, Member
from candidly.rules.agencies import Speaker
from candidly.web.shell.days import day_name

PAGE = 50
MOST = 500  # messages that a page which is open fetches again


@dataclass(frozen=True, slots=True)
class Entry:
    """`day` is empty where it repeats what stands above. `is_read`: by somebody of the other side; `read_at` is when,
    where that is known of this very message."""

    message: AgencyMessage
    day: str
    author: str
    is_own: bool
    private_with: Member | None
    is_first_unread: bool
    is_read: bool
    read_at: datetime | None
    body: SafeString
    files: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`earlier` is the id to ask for what came before (0 at the beginning), `newest` that of the last message."""

    entries: Sequence[Entry]
    earlier: int
    newest: int

    @property
    def private_with(self) -> Member | None:
        """With whom the last word was private: then the next one is likely to be."""
        return self.entries[-1].private_with if self.entries else None

    @property
    def has_news(self) -> bool:
        return any(entry.is_first_unread for entry in self.entries)


def latest(reader: Speaker, threads: Sequence[AgencyThread], since: int = 0) -> Timeline:
    """The end: a page of it, or all from message `since` on."""
    messages = AgencyMessage.objects.filter(thread__in=threads)
    shown = messages.filter(pk__gte=since).order_by().values("pk")[:MOST].count() if since else 0
    return _window(_Reader(reader, threads), messages, max(shown, PAGE))


def before(reader: Speaker, threads: Sequence[AgencyThread], pk: int) -> Timeline:
    """The page that came before message `pk`."""
    return _window(_Reader(reader, threads), AgencyMessage.objects.filter(thread__in=threads, pk__lt=pk), PAGE)


class _Reader:
    """How far the reader and the other side have read each of the threads."""

    def __init__(self, reader: Speaker, threads: Sequence[AgencyThread]) -> None:
        self.user = reader.user_id
        self.is_agencys = isinstance(reader, AgencyUser)
        self.private = {thread.pk: thread.private_with for thread in threads}
        self.own: dict[int, int] = {}
        self.theirs: dict[int, AgencyReadMark] = {}
        agencys = {thread.agency_user.user_id for thread in threads}
        for mark in AgencyReadMark.objects.filter(thread__in=threads).order_by("read_up_to"):
            if mark.user_id == self.user:
                self.own[mark.thread_id] = mark.read_up_to
            elif self.is_agencys != (mark.user_id in agencys):
                self.theirs[mark.thread_id] = mark

    def is_ours(self, message: AgencyMessage) -> bool:
        return message.from_agency == self.is_agencys

    def has_read(self, message: AgencyMessage) -> bool:
        is_news = not self.is_ours(message) and message.deleted_at is None
        return not is_news or message.pk <= self.own.get(message.thread_id, 0)

    def was_read(self, message: AgencyMessage) -> bool:
        mark = self.theirs.get(message.thread_id)
        return self.is_ours(message) and mark is not None and message.pk <= mark.read_up_to

    def newest_read(self, messages: Sequence[AgencyMessage]) -> set[int]:
        """Of each thread the last of these messages that the other side has read: of it the time is known."""
        return {*{message.thread_id: message.pk for message in messages if self.was_read(message)}.values()}


def _window(reader: _Reader, messages: QuerySet[AgencyMessage], size: int) -> Timeline:
    whole = messages.select_related("author__member").prefetch_related("attachments")
    found = list(whole.order_by("-pk")[: size + 1])
    above = found.pop() if len(found) > size else None
    found.reverse()
    entries = _entries(reader, found, above)
    return Timeline(entries, found[0].pk if above else 0, found[-1].pk if found else 0)


def _entries(reader: _Reader, messages: Sequence[AgencyMessage], above: AgencyMessage | None) -> list[Entry]:
    first_unread = next((message.pk for message in messages if not reader.has_read(message)), 0)
    timed = reader.newest_read(messages)
    entries = []
    for message in messages:
        entries.append(_entry(reader, message, above, message.pk == first_unread, message.pk in timed))
        above = message
    return entries


def _entry(reader: _Reader, message: AgencyMessage, above: AgencyMessage | None, is_first: bool, timed: bool) -> Entry:
    written = timezone.localtime(message.created_at).date()
    is_own = message.author_id == reader.user
    return Entry(
        message=message,
        day="" if above and timezone.localtime(above.created_at).date() == written else day_name(written),
        author="You" if is_own else message.author.name if message.author else "Somebody",
        is_own=is_own,
        private_with=reader.private[message.thread_id],
        is_first_unread=is_first,
        is_read=reader.was_read(message),
        read_at=reader.theirs[message.thread_id].read_at if timed else None,
        body=mark_safe(text_to_html(message.text)) if message.text else SafeString(),  # noqa: S308 - escaped there
        files=list(message.attachments.all()),
    )
