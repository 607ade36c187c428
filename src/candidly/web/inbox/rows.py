"""The rows of the lists of conversations: the inbox, and the Emails tab of a profile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from candidly.models import Conversation, Delivery, Member, Message, Participation
from candidly.rules.access import conversations_for, drafts_for, participations_for
from candidly.rules.channels import CHANNELS
from candidly.web.inbox.folders import ALL, Folder
from candidly.web.inbox.listing import Listing
from candidly.web.inbox.paging import key_of, page, place_of, sifted
from candidly.web.writing.paging import MOST, read

PAGE = 20
#: Conversations looked at for one page of a narrowed list: no index has them in order by what they are narrowed to.
LOOK = 2_000


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
    """One page of rows, and the key of the next page ("" at the end).

    `looked_up_to` is how far a narrowed list was looked through, where that is beyond its last row: then the page is
    not the end, and the next one is worth a question.
    """

    rows: list[Row]
    next: str
    listing: Listing = field(default_factory=Listing)
    looked_up_to: datetime | None = None

    @property
    def folder(self) -> Folder:
        return self.listing.folder


@dataclass(frozen=True)
class Shown:
    """Of a narrowed list what somebody has before them: the ids of its conversations, and the key of what follows."""

    ids: Sequence[int]
    next: str


def inbox_page(
    member: Member, listing: Listing, *, open_pk: int = 0, after: str = "", size: int = PAGE, shown: Shown | None = None
) -> Rows:
    """A page of the member's conversations; with the first one what is `shown` beyond it and still belongs there."""
    found, following = _read(member, listing, after, min(size, MOST))
    if shown and listing.narrowing.is_on and not after:
        found, following = _with_shown(member, listing, found, following, shown)
    if open_pk and not after and (listing.folder.keeps_open or listing.narrowing.is_on):
        found = _with_open(member, listing, found, following, open_pk)
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
    is_short = following and not (found and key_of(found[-1]) == following)
    return Rows(rows, following, listing, read(following)[0] if is_short else None)


def listed(member: Member, folder: Folder) -> QuerySet[Participation]:
    """All of the folder, each with what its row shows."""
    listed = participations_for(member).filter(**folder.only)
    begun = drafts_for(member).filter(conversation=OuterRef("conversation"))
    listed = listed.select_related("conversation__person", "conversation__application__opening")
    return _with_author(listed.annotate(has_draft=Exists(begun)))


def _read(member: Member, listing: Listing, after: str, size: int) -> tuple[list[Participation], str]:
    """The page, and the key of the next one."""
    rows = listed(member, listing.folder)
    if listing.narrowing.is_on:
        return sifted(rows, listing.narrowing.apply, after, size, listing.order, most=LOOK)
    return page(rows, after, size, listing.order)


def _with_shown(
    member: Member, listing: Listing, found: list[Participation], following: str, shown: Shown
) -> tuple[list[Participation], str]:
    """The first page and the key, with what was looked up beyond it: that is not looked for again."""
    order = listing.order
    if not following or (shown.next and not order.is_beyond(read(shown.next), read(following))):
        return found, following
    rows = listing.narrowing.apply(listed(member, listing.folder).filter(conversation__id__among=shown.ids))
    return order.sort({one.pk: one for one in [*found, *rows]}.values()), shown.next


def _with_open(
    member: Member, listing: Listing, found: list[Participation], following: str, open_pk: int
) -> list[Participation]:
    """The page with the open conversation in its place, unless that is on a later page."""
    if any(participation.conversation_id == open_pk for participation in found):
        return found
    kept = listed(member, ALL if listing.folder.keeps_open else listing.folder).filter(conversation=open_pk).first()
    if kept is None or (following and listing.order.is_beyond(place_of(kept), read(following))):
        return found
    return listing.order.sort([*found, kept])


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
