"""The rows of the lists of conversations: the inbox, and the Emails tab of a profile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from candidly.models import Conversation, Delivery, Member, Message, Participation
from candidly.rules.access import conversations_for
from candidly.web.inbox.paging import page

PAGE = 30
MOST = 300
FOLDERS = {"all": "All", "unread": "Unread"}


@dataclass(frozen=True)
class Mark:
    """How a channel is shown: its picture and its name."""

    icon: str
    name: str


CHANNELS = {"email": Mark("mail", "E-mail")}


def channel_mark(channel: str) -> Mark:
    return CHANNELS.get(channel, CHANNELS["email"])


@dataclass(frozen=True)
class Row:
    """One conversation in a list. `author` is whose words the snippet are, where they are not the person's."""

    conversation: Conversation
    author: str
    failure: str
    channel: Mark
    is_unread: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Rows:
    """One page of rows, and the key of the next page ("" at the end)."""

    rows: list[Row]
    next: str
    folder: str = "all"


def inbox_page(member: Member, folder: str, *, open_pk: int = 0, after: str = "", size: int = PAGE) -> Rows:
    """The member's conversations that are not archived, newest first.

    The open one stays among the unread, so that it does not vanish from under the eyes of its reader.
    """
    inbox: QuerySet[Participation] = member.participations.filter(archived_at=None)
    if folder == "unread":
        inbox = inbox.filter(Q(is_unread=True) | Q(conversation=open_pk))
    inbox = inbox.select_related("conversation__person", "conversation__application__opening")
    found, following = page(_with_author(inbox, "conversation"), after, min(size, MOST))
    reasons = _failures(participation.conversation for participation in found)
    rows = [
        Row(
            conversation=participation.conversation,
            author=_author(participation, member, participation.conversation),
            failure=reasons.get(participation.conversation_id, ""),
            channel=channel_mark(participation.conversation.last_channel),
            is_unread=participation.is_unread,
            is_open=participation.conversation_id == open_pk,
        )
        for participation in found
    ]
    return Rows(rows, following, folder)


def threads_page(member: Member, person_pk: int, *, open_pk: int = 0, after: str = "", size: int = 20) -> Rows:
    """All conversations with the person that the member may see, newest first."""
    threads = conversations_for(member).filter(person=person_pk)
    found, following = page(_with_author(threads, "pk"), after, size)
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


def _with_author[M: (Participation, Conversation)](rows: QuerySet[M], conversation: str) -> QuerySet[M]:
    """Annotates each row with the member who wrote the newest message."""
    newest = Message.objects.filter(conversation=OuterRef(conversation)).order_by("-pk")
    return rows.annotate(
        author_id=Subquery(newest.values("member")[:1]), author_name=Subquery(newest.values("member__user__name")[:1])
    )


def _author(row: Participation | Conversation, member: Member, conversation: Conversation) -> str:
    if conversation.last_direction != Message.Direction.OUT:
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
