"""A member's own view of conversations: read or unread, in the inbox or the archive, away until a time.

Nothing here touches what other members see. Each takes the ids of conversations and changes those of them that the
member takes part in, in a fixed number of queries.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from candidly.actions import live
from candidly.actions.errors import Refused
from candidly.models import Member, Message, Participation, clock

FARTHEST = timedelta(days=366)
ENOUGH = 100


@transaction.atomic
def archive(member: Member, conversations: Collection[int]) -> list[int]:
    """Out of the inbox until something new is said. Returns the conversations that were in it."""
    inbox = _of(member, conversations).filter(archived_at=None)
    return _change(member, inbox, archived_at=clock.now())


@transaction.atomic
def unarchive(member: Member, conversations: Collection[int]) -> list[int]:
    """Back in the inbox, where they were. Returns the conversations that were archived or snoozed."""
    archived = _of(member, conversations).filter(archived_at__isnull=False)
    return _change(member, archived, archived_at=None, snoozed_until=None)


@transaction.atomic
def snooze(member: Member, conversations: Collection[int], until: datetime) -> list[int]:
    """Into the archive until `until`, or until something new is said. Raises Refused for a time that cannot be."""
    now = clock.now()
    if until <= now:
        raise Refused("This time has passed. Choose one that is still to come.", field="until")
    if until > now + FARTHEST:
        raise Refused("This is more than a year away. Choose an earlier time.", field="until")
    return _change(member, _of(member, conversations), archived_at=now, snoozed_until=until)


@transaction.atomic
def mark_read(member: Member, conversations: Collection[int]) -> list[int]:
    """The member has seen each up to its newest message. Returns those of which that is news."""
    newest = _newest(Message.objects.all())
    behind = _of(member, conversations).alias(newest=newest).exclude(is_unread=False, read_up_to__gte=F("newest"))
    read = _change(member, behind, is_unread=False, read_up_to=newest)
    if len(read) == 1:  # somebody opened it; of many at once the people hear when they look again
        live.tell_portal(read[0])
    return read


@transaction.atomic
def mark_unread(member: Member, conversations: Collection[int]) -> list[int]:
    """The person's last message is new to the member again. Returns those that were read."""
    before_it = _newest(Message.objects.filter(direction=Message.Direction.IN)) - 1
    read = _of(member, conversations).filter(is_unread=False)
    return _change(member, read, is_unread=True, read_up_to=Greatest(before_it, 0))


def wake_snoozed() -> bool:
    """Bring back what was to come back by now: unread, at the top. Returns whether there was any."""
    due = Participation.objects.filter(snoozed_until__lte=clock.now())
    if not due.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return False
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, of=("self",)).order_by("snoozed_until")
        woken = dict(rows.values_list("pk", "member")[:ENOUGH])
        Participation.objects.filter(pk__in=woken).update(
            archived_at=None, snoozed_until=None, is_unread=True, last_message_at=clock.now()
        )
        live.publish_all(*((f"member:{member}", "inbox") for member in set(woken.values())))
    return True


def _of(member: Member, conversations: Collection[int]) -> QuerySet[Participation]:
    return Participation.objects.filter(member=member, conversation__in=conversations)


def _newest(messages: QuerySet[Message]) -> Coalesce:
    """The id of the newest of `messages` in a participation's conversation; 0 where there is none."""
    of_it = messages.filter(conversation=OuterRef("conversation")).order_by("-pk")
    return Coalesce(Subquery(of_it.values("pk")[:1]), 0)


def _change(member: Member, rows: QuerySet[Participation], **fields: object) -> list[int]:
    """Locks `rows`, changes them, and tells the member's open pages if there were any. Returns their conversations."""
    found = dict(rows.select_for_update(of=("self",)).values_list("pk", "conversation"))
    if found:
        Participation.objects.filter(pk__in=found).update(**fields)
        live.publish(f"member:{member.pk}", "inbox")
    return list(found.values())
