"""Let colleagues see who has a conversation open, and who is writing in it."""

from datetime import timedelta

from django.db import transaction

from candidly.actions import live
from candidly.models import Conversation, Member, Viewer, clock
from candidly.rules.presence import GONE

#: What was written this short a time ago need not be written again.
FRESH = timedelta(seconds=15)


def hello(member: Member, conversation: Conversation, *, is_writing: bool) -> None:
    """The member has the conversation open. Colleagues hear of it when it is news."""
    now = clock.now()
    known = Viewer.objects.filter(conversation=conversation, member=member).first()
    is_news = known is None or known.seen_at < now - GONE or known.is_writing != is_writing
    if known and not is_news and known.seen_at > now - FRESH:
        return
    with transaction.atomic():
        Viewer.objects.update_or_create(
            conversation=conversation, member=member, defaults={"is_writing": is_writing, "seen_at": now}
        )
        if is_news:
            _tell(conversation)


@transaction.atomic
def leave(member: Member, conversation: Conversation) -> None:
    """The member has closed it."""
    if Viewer.objects.filter(conversation=conversation, member=member).delete()[0]:
        _tell(conversation)


def forget_gone() -> None:
    """Drop those whose page was closed without a word."""
    gone = Viewer.objects.filter(seen_at__lt=clock.now() - GONE)
    if gone.exists():  # an idle worker must not keep taking SQLite's one write lock
        gone.delete()


def _tell(conversation: Conversation) -> None:
    live.publish(f"conversation:{conversation.pk}", "presence")
