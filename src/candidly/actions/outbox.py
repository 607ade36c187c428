"""What a super admin does with deliveries that did not simply arrive.

Each verb takes ids, changes those that are the member's to change and still in the right state, and returns how many.
"""

from collections.abc import Collection, Sequence
from typing import Any

import structlog
from django.db import transaction

from candidly.actions import live
from candidly.actions.mailings import reopen
from candidly.models import Conversation, Delivery, Gateway, Mailing, Member, clock
from candidly.rules import access
from candidly.rules.consent import suppressed_of
from candidly.rules.outbox import HELD_UNTIL
from candidly.rules.ways import MAILBOX_BY_NOW

State = Delivery.State
log = structlog.get_logger()


def retry(member: Member, keys: Collection[int]) -> int:
    """Queue what failed or bounced again, with all its attempts; a mailing that had ended goes on for it.

    What `barred` names stays as it is: it would only end as suppressed, and be out of sight.
    """
    again = {
        "state": State.QUEUED,
        "attempts": 0,
        "due_at": clock.now(),
        "reason": "",
        "reply": "",
        "mailbox": MAILBOX_BY_NOW,
    }
    with transaction.atomic():
        listed = barred(member, keys)
        changed = _change(member, [key for key in keys if key not in listed], Delivery.RETRYABLE, again)
        for mailing in Mailing.objects.filter(deliveries__in=changed).distinct():
            reopen(mailing)
        Conversation.objects.filter(messages__deliveries__in=changed).update(has_failure=False)
        _tell(changed)
    return len(changed)


def barred(member: Member, keys: Collection[int]) -> set[int]:
    """Those of the member's failed or bounced deliveries whose address is on the suppression list."""
    return suppressed_of(access.deliveries_for(member).filter(pk__in=keys, state__in=Delivery.RETRYABLE))


def send_again(member: Member, keys: Collection[int]) -> int:
    """Let what was not confirmed go now, held or not: under the Message-ID it had, so that it can be told as the same.

    It stays unconfirmed until a worker takes it: a late receipt for the first hand-off still settles it.
    """
    with transaction.atomic():
        changed = _change(member, keys, (State.UNCONFIRMED,), {"due_at": clock.now(), "attempts": 0})
        _tell(changed)
    return len(changed)


def mark_sent(member: Member, keys: Collection[int]) -> int:
    """Take the member's word that what was not confirmed has gone. The reason names them."""
    said = f"{member.name} marked this as sent: nothing had confirmed it."[:500]
    with transaction.atomic():
        sent = {"state": State.SENT, "sent_at": clock.now(), "reason": said}
        changed = _change(member, keys, (State.UNCONFIRMED,), sent)
        _tell(changed)
    return len(changed)


def hold(member: Member, keys: Collection[int]) -> int:
    """Keep what was not confirmed from being sent again until somebody decides. Its mailing stays open so long."""
    with transaction.atomic():
        changed = _change(member, keys, (State.UNCONFIRMED,), {"due_at": HELD_UNTIL})
        _tell(changed)
    return len(changed)


@transaction.atomic
def try_gateway(member: Member, channel: str) -> bool:
    """Do not wait for the gateway's next turn; False when it is not known to be down, or not the member's to say."""
    if not access.may_administer(member):
        return False
    down = Gateway.objects.filter(channel=channel, down_since__isnull=False)
    return bool(down.update(retry_at=clock.now()))


def _change(member: Member, keys: Collection[int], sources: Sequence[str], fields: dict[str, Any]) -> list[int]:
    """Bring those of `keys` that are in one of `sources` to `fields`; returns their ids, locked until the commit."""
    mine = access.deliveries_for(member).filter(pk__in=keys, state__in=sources)
    found = list(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
    if found:
        mine.filter(pk__in=found).update(**fields)
        log.info("deliveries changed by hand", deliveries=found, member=member.pk)
    return found


def _tell(changed: Sequence[int]) -> None:
    """Pages that show them hear of it."""
    rows = Delivery.objects.filter(pk__in=changed).values_list("mailing", "message__conversation")
    topics = {(name, pk) for row in rows for name, pk in zip(("mailing", "conversation"), row, strict=True) if pk}
    live.publish_all(*((f"{name}:{pk}", name) for name, pk in sorted(topics)))
