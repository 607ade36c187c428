"""Tell open pages that something changed. They hear of it when the transaction commits, and never before."""

import json
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from candidly.models import LiveEvent

#: The PostgreSQL channel that `candidly.live.sources` listens on. SQLite has none: there the table itself is watched.
CHANNEL = "candidly"


@transaction.atomic(savepoint=False)  # most are raised within another's, several at a time
def publish(topic: str, name: str, **data: object) -> None:
    """Raise the event `name` in every page that listens to `topic` ("member:7", "mailing:3", "conversation:12").

    `data` must be JSON and small (PostgreSQL carries 8,000 bytes): say that something changed, not what it is.
    """
    event = LiveEvent.objects.create(topic=topic, name=name, data=data)
    if connection.vendor == "postgresql":
        payload = json.dumps({"id": event.pk, "topic": topic, "name": name, "data": data})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def tell_portal(conversation: int) -> None:
    """Tell the person, if they have the conversation open. Of nothing else does their page hear."""
    publish(f"portal:{conversation}", "portal")


def tell_of_mailing(mailing: int, campaign: int | None) -> None:
    """To its own page, and to that of the campaign that it is of."""
    publish(f"mailing:{mailing}", "mailing")
    if campaign is not None:
        publish(f"campaign:{campaign}", "campaign")


def prune_live_events(older_than: timedelta = timedelta(minutes=10)) -> int:
    """Drop events that every page has long seen. Returns how many."""
    gone, _ = LiveEvent.objects.filter(created_at__lt=timezone.now() - older_than).delete()
    return gone
