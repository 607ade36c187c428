"""The last look at what is about to leave: consent may have changed since it was written, and the hour may be odd."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from candidly.actions import outgoing, own_mail
from candidly.actions.deliveries import tell
from candidly.models import Delivery, Organization, clock
from candidly.rules import consent
from candidly.rules.channels import channel as channel_of
from candidly.rules.quiet_hours import quiet_until, zone_of
from candidly.rules.ways import OWN
from candidly.rules.ways import channel_of as channel_of_way

State = Delivery.State
LET_GO = {"lease_until": None, "leased_by": ""}
WAITS = "Waits until {time}, the person’s local time."


#: By way: what makes of deliveries what its channel takes.
BUILDERS: Mapping[str, Callable[[Sequence[int]], Sequence[Any]]] = {
    "email": outgoing.build,
    "sms": outgoing.build_texts,
    **dict.fromkeys(OWN, own_mail.build),
}


def ready(way: str, claimed: Sequence[int]) -> Sequence[Any]:
    """What the way's channel is to send of the claimed deliveries, or Failed for what cannot be sent."""
    return BUILDERS[way](allowed(channel_of_way(way), claimed))


def allowed(channel: str, claimed: Sequence[int]) -> Sequence[int]:
    """Those of the claimed deliveries that may go now; the others are settled: suppressed, or put off."""
    if not claimed:
        return claimed
    refused = consent.suppressed_among(channel, claimed)
    if refused:
        _suppress(refused)
        claimed = [key for key in claimed if key not in refused]
    if not channel_of(channel).keeps_quiet_hours:
        return claimed
    late = _too_late(claimed)
    put_off = _put_off(list(late)) if late else ()
    return [key for key in claimed if key not in put_off]


@transaction.atomic
def _suppress(refused: dict[int, str]) -> None:
    for reason, keys in _by_value(refused).items():
        held = Delivery.objects.leased().filter(pk__in=keys)
        held.update(
            state=State.SUPPRESSED, reason=f"Not sent: the address is on the suppression list. {reason}"[:500], **LET_GO
        )
    tell(list(refused))


def _too_late(claimed: Sequence[int]) -> dict[int, tuple[datetime, str]]:
    """Until when each of those texts must wait whose person sleeps, and how their clock says it. One query.

    What answers a person's own text goes at any hour.
    """
    now = clock.now()
    hours = ("organization__quiet_from", "organization__quiet_until", "organization__time_zone")
    rows = Delivery.objects.filter(pk__in=claimed, message__isnull=False)
    late = {}
    for pk, begin, end, ours, theirs in rows.values_list("pk", *hours, "message__conversation__person__time_zone"):
        zone = zone_of(theirs, ours)
        if until := quiet_until(now, zone, begin, end):
            late[pk] = until, f"{until.astimezone(zone):%H:%M}"
    return late


@transaction.atomic
def _put_off(keys: Sequence[int]) -> Collection[int]:
    """Back to the queue until the quiet hours are over; this was no attempt. Returns those for which it is still late.

    Nobody changes the hours meanwhile: `look_again` does not see what a worker has in hand, and these would keep the
    old end.
    """
    _hold_hours(keys)
    late = _too_late(keys)
    for (until, says), found in _by_value(late).items():
        again = {
            "state": State.QUEUED,
            "due_at": until,
            "quiet_until": until,
            "attempts": F("attempts") - 1,
            "reason": WAITS.format(time=says),
        }
        Delivery.objects.leased().filter(pk__in=found).update(**again, **LET_GO)
    tell(list(late))
    return late


def _hold_hours(keys: Sequence[int]) -> None:
    """Whoever changes the hours of these deliveries' organizations waits until this transaction has ended."""
    theirs = Delivery.objects.filter(pk__in=keys).values("organization")
    list(Organization.objects.filter(pk__in=theirs).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def look_again(organization: Organization) -> int:
    """Make due now what quiet hours put off, because they have changed; returns how many.

    Where it is still too late, the next look puts it off again. What waits for anything else stays as it is. The
    caller holds the transaction, and has written the new hours in it.
    """
    now = clock.now()
    waiting = Delivery.objects.waiting().filter(
        organization=organization, state=State.QUEUED, due_at__gt=now, due_at=F("quiet_until")
    )
    found = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
    if found:
        Delivery.objects.waiting().filter(pk__among=found).update(due_at=now, reason="")
        tell(found)
    return len(found)


def _by_value[Value](values: dict[int, Value]) -> dict[Value, list[int]]:
    keys = defaultdict(list)
    for key, value in values.items():
        keys[value].append(key)
    return keys
