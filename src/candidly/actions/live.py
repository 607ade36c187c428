"""Tell open pages that something changed. They hear of it when the transaction commits, and never before."""

import json
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from candidly.models import LiveEvent

#: The PostgreSQL channel that `candidly.live.sources` listens on. SQLite has none: there the table itself is watched.
CHANNEL = "candidly"


def publish(topic: str, name: str, **data: object) -> None:
    """Raise the event `name` in every page that listens to `topic` ("member:7", "mailing:3", "conversation:12").

    `data` must be JSON and small (PostgreSQL carries 8,000 bytes): say that something changed, not what it is.
    """
    _raise([LiveEvent(topic=topic, name=name, data=data)])


def publish_all(*events: tuple[str, str]) -> None:
    """The same for several, each a topic and a name, at the cost of one."""
    _raise([LiveEvent(topic=topic, name=name, data={}) for topic, name in events])


@transaction.atomic(savepoint=False)  # most are raised within another's
def _raise(events: list[LiveEvent]) -> None:
    raised = LiveEvent.objects.bulk_create(events)
    if raised and connection.vendor == "postgresql":
        payloads = [json.dumps({"id": e.pk, "topic": e.topic, "name": e.name, "data": e.data}) for e in raised]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads])


def of_portal(conversation: int) -> tuple[str, str]:
    """The event for the person, if they have the conversation open. Of nothing else does their page hear."""
    return f"portal:{conversation}", "portal"


def tell_portal(conversation: int) -> None:
    publish(*of_portal(conversation))


def tell_of_mailing(mailing: int, campaign: int | None) -> None:
    """To its own page, and to that of the campaign that it is of."""
    of_campaign = [(f"campaign:{campaign}", "campaign")] if campaign is not None else []
    publish_all((f"mailing:{mailing}", "mailing"), *of_campaign)


def prune_live_events(older_than: timedelta = timedelta(minutes=10)) -> int:
    """Drop events that every page has long seen. Returns how many."""
    gone, _ = LiveEvent.objects.filter(created_at__lt=timezone.now() - older_than).delete()
    return gone
