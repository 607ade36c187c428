"""Notice that the database was restored from a back-up, and send nothing of yesterday's again until told to.

Each machine with workers notes every few seconds, in the database and then in a file of its own, that it has seen the
database at that time. A restored database has forgotten what the file remembers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from candidly.actions import mailings
from candidly.models import Delivery, Installation, Mailing, Witness, clock

#: A power cut may cost a database its last moments; more than this is a back-up.
TOLERANCE = timedelta(minutes=1)
NOT_AGAIN = "It was waiting when the database was restored from a back-up, and it was decided not to send it."


@dataclass(frozen=True)
class Sight:
    """A machine has seen the database called `installation`, last at `seen_at`."""

    installation: UUID
    machine: UUID
    seen_at: datetime


@transaction.atomic
def look(machine: UUID, remembered: Sight | None) -> Sight:
    """Note that `machine` sees the database now. Where that is older than `remembered`, everything written before is
    held from now on. What is remembered of another database says nothing."""
    installation, _ = Installation.objects.select_for_update().get_or_create(pk=1)
    now = clock.now()
    if remembered and remembered.installation == installation.key and _has_forgotten(remembered):
        _hold(installation, remembered.seen_at)
    Witness.objects.update_or_create(machine=machine, defaults={"seen_at": now})
    return Sight(installation.key, machine, now)


def _has_forgotten(remembered: Sight) -> bool:
    known = Witness.objects.filter(machine=remembered.machine, seen_at__gte=remembered.seen_at - TOLERANCE)
    return not known.exists()


def _hold(installation: Installation, before: datetime) -> None:
    held = max(before, installation.held_before or before)
    Installation.objects.filter(pk=installation.pk).update(held_before=held)


@transaction.atomic
def hold() -> None:
    """Hold everything that is written by now: a machine that was put back whole remembers nothing else."""
    installation, _ = Installation.objects.select_for_update().get_or_create(pk=1)
    _hold(installation, clock.now())


@transaction.atomic
def release(*, send: bool) -> int | None:
    """Go on: send what was held, or cancel it for good. Returns how many deliveries that concerns; None when nothing
    was held."""
    installation = Installation.objects.select_for_update().filter(held_before__isnull=False).first()
    if installation is None:
        return None
    held = Delivery.objects.waiting().filter(created_at__lte=installation.held_before)
    concerned = held.count()
    if not send:
        _cancel(held, installation.held_before)
    Installation.objects.update(held_before=None)
    return concerned


def _cancel(held: QuerySet[Delivery], before: datetime | None) -> None:
    under_way = Mailing.objects.filter(state__in=(Mailing.State.SENDING, Mailing.State.PAUSED), created_at__lte=before)
    for mailing in under_way:
        mailings.cancel(mailing)
    held.update(state=Delivery.State.CANCELLED, reason=NOT_AGAIN)
