"""The rows of the lists of conversations: the inbox, and the Emails tab of a profile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.urls import reverse

from candidly.models import Conversation, Delivery, Member, Message, Participation
from candidly.models.literals import Literal
from candidly.rules.access import conversations_for, drafts_for, participations_for
from candidly.rules.channels import CHANNELS
from candidly.web.inbox.paging import page, place_of

PAGE = 20
MOST = 300


@dataclass(frozen=True)
class Folder:
    """A tab of the list. `only` is the condition of an index of Participation, word for word.

    `keeps_open`: a conversation that no longer belongs here stays for as long as it is open, so that it does not
    vanish from under the eyes of its reader.
    """

    name: str
    label: str
    only: Mapping[str, object]
    keeps_open: bool = False

    @property
    def query(self) -> str:
        """What follows the address of a page to stay in the folder."""
        return "" if self.name == "all" else f"?folder={self.name}"

    @property
    def url(self) -> str:
        return reverse("inbox") + self.query


FOLDERS = {
    folder.name: folder
    for folder in (
        Folder("all", "All", {"archived_at": None}),
        Folder("unread", "Unread", {"is_unread": True, "archived_at": None}, keeps_open=True),
        Folder("mine", "Mine", {"role": Literal(Participation.Role.OWNER.value), "archived_at": None}),
        Folder("waiting", "Waiting on us", {"is_waiting": True, "archived_at": None}, keeps_open=True),
        Folder("archived", "Archived", {"archived_at__isnull": False}),
    )
}


@dataclass(frozen=True)
class Mark:
    """How a channel is shown: its picture and its name."""

    icon: str
    name: str


MARKS = {channel.name: Mark(channel.icon, channel.label) for channel in CHANNELS.values()}
#: What stays with the team.
MARKS |= {"note": Mark("note", "Internal note"), "call": Mark("phone", "Call")}


def channel_mark(channel: str) -> Mark:
    return MARKS.get(channel, MARKS["email"])


@dataclass(frozen=True)
class Row:
    """One conversation in a list. `author` is whose words the snippet are, where they are not the person's."""

    conversation: Conversation
    author: str
    failure: str
    channel: Mark
    is_unread: bool = False
    is_open: bool = False
    snoozed_until: datetime | None = None
    has_draft: bool = False


@dataclass(frozen=True)
class Rows:
    """One page of rows, and the key of the next page ("" at the end)."""

    rows: list[Row]
    next: str
    folder: Folder = FOLDERS["all"]


def inbox_page(member: Member, folder: Folder, *, open_pk: int = 0, after: str = "", size: int = PAGE) -> Rows:
    """The member's conversations in the folder, newest first."""
    found, following = page(listed(member, folder), after, min(size, MOST))
    if folder.keeps_open and open_pk and not after:
        found = _with_open(member, found, following, open_pk)
    reasons = _failures(participation.conversation for participation in found)
    rows = [
        Row(
            conversation=participation.conversation,
            author=_author(participation, member, participation.conversation),
            failure=reasons.get(participation.conversation_id, ""),
            channel=channel_mark(participation.conversation.last_channel),
            is_unread=participation.is_unread,
            is_open=participation.conversation_id == open_pk,
            snoozed_until=participation.snoozed_until,
            has_draft=participation.has_draft,  # type: ignore[attr-defined]
        )
        for participation in found
    ]
    return Rows(rows, following, folder)


def listed(member: Member, folder: Folder) -> QuerySet[Participation]:
    """All of the folder, each with what its row shows."""
    listed = participations_for(member).filter(**folder.only)
    begun = drafts_for(member).filter(conversation=OuterRef("conversation"))
    listed = listed.select_related("conversation__person", "conversation__application__opening")
    return _with_author(listed.annotate(has_draft=Exists(begun)))


def _with_open(member: Member, found: list[Participation], following: str, open_pk: int) -> list[Participation]:
    """The page with the open conversation in its place, unless that is on a later page."""
    if any(participation.conversation_id == open_pk for participation in found):
        return found
    kept = listed(member, FOLDERS["all"]).filter(conversation=open_pk).first()
    if kept is None or (following and place_of(kept) < place_of(found[-1])):
        return found
    return sorted([*found, kept], key=place_of, reverse=True)


def threads_page(member: Member, person_pk: int, *, open_pk: int = 0, after: str = "", size: int = 20) -> Rows:
    """All conversations with the person that the member may see, newest first."""
    threads = conversations_for(member).filter(person=person_pk)
    found, following = page(_with_author(threads), after, size)
    reasons = _failures(found)
    unread = set(
        member.participations.filter(conversation__in=found, is_unread=True).values_list("conversation", flat=True)
    )
    rows = [
        Row(
            conversation=conversation,
            author=_author(conversation, member, conversation),
            failure=reasons.get(conversation.pk, ""),
            channel=channel_mark(conversation.last_channel),
            is_unread=conversation.pk in unread,
            is_open=conversation.pk == open_pk,
        )
        for conversation in found
    ]
    return Rows(rows, following)


def _with_author[M: (Participation, Conversation)](rows: QuerySet[M]) -> QuerySet[M]:
    """Annotates each row with the member who wrote the newest message."""
    conversation = "pk" if rows.model is Conversation else "conversation"
    newest = Message.objects.filter(conversation=OuterRef(conversation)).exclude(channel="event").order_by("-pk")
    return rows.annotate(
        author_id=Subquery(newest.values("member")[:1]), author_name=Subquery(newest.values("member__user__name")[:1])
    )


def _author(row: Participation | Conversation, member: Member, conversation: Conversation) -> str:
    if conversation.last_direction not in (Message.Direction.OUT, Message.Direction.OWN):
        return ""
    if row.author_id == member.pk:  # type: ignore[union-attr]
        return "You"
    name: str = row.author_name or ""  # type: ignore[union-attr]
    return name.split(maxsplit=1)[0] if name.split() else "Sent"


def _failures(conversations: Iterable[Conversation]) -> dict[int, str]:
    """Why the newest hand-off of each failed conversation failed."""
    failed: Sequence[int] = [conversation.pk for conversation in conversations if conversation.has_failure]
    if not failed:
        return {}
    states = (Delivery.State.FAILED, Delivery.State.BOUNCED)
    deliveries = Delivery.objects.filter(message__conversation__in=failed, state__in=states).order_by("pk")
    reasons = deliveries.annotate(thread=F("message__conversation")).values_list("thread", "reason")
    return dict.fromkeys(failed, "the mail was refused") | {thread: reason for thread, reason in reasons if reason}
