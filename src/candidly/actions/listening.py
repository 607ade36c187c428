"""Mailboxes that tell at once when something changes: by whom each is listened to."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from candidly.models import Mailbox, clock

#: How long nobody listens to a mailbox whose listener died, and to one that could not be listened to.
LEASE, LATER = timedelta(minutes=1), timedelta(minutes=5)


def claim(providers: Collection[str]) -> Mailbox | None:
    """A mailbox at one of the providers that is connected and that nobody listens to; None when there is none."""
    now = clock.now()
    unheard = Q(listened_until=None) | Q(listened_until__lt=now)
    waiting = Mailbox.objects.filter(unheard, provider__in=providers, state=Mailbox.State.CONNECTED)
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return None
    with transaction.atomic():
        row = waiting.select_for_update(skip_locked=True).order_by("pk").first()
        if row is not None:
            _until(row, now + LEASE)
        return row


def go_on(mailbox: Mailbox) -> bool:
    """Listen a little longer; False when it was disconnected, connected anew, or is another's by now."""
    return _until(mailbox, clock.now() + LEASE)


def end(mailbox: Mailbox, *, failed: bool = False) -> None:
    """Somebody else may listen to it: after a failure a while later."""
    _until(mailbox, clock.now() + LATER if failed else None)


def _until(mailbox: Mailbox, until: datetime | None) -> bool:
    mine = Mailbox.objects.filter(pk=mailbox.pk, listened_until=mailbox.listened_until, since=mailbox.since)
    mailbox.listened_until = until
    return bool(mine.filter(state=Mailbox.State.CONNECTED).update(listened_until=until))


def heard(mailbox: Mailbox) -> None:
    """Something changed there: it is looked at now."""
    Mailbox.objects.filter(pk=mailbox.pk, state=Mailbox.State.CONNECTED).update(due_at=clock.now())
