"""Who counts as looking at a conversation."""

from datetime import timedelta

from django.db.models import QuerySet

from candidly.models import Conversation, Member, Viewer, clock

#: A page says every 20 seconds that it is open; one that was not heard of for this long is gone.
GONE = timedelta(seconds=60)


def others_viewing(member: Member, conversation: Conversation) -> QuerySet[Viewer]:
    """Colleagues who have the conversation open at this moment."""
    here = conversation.viewers.filter(seen_at__gt=clock.now() - GONE).exclude(member=member)
    return here.select_related("member__user").order_by("pk")
