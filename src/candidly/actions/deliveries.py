"""The outbox: claim deliveries under a lease, and turn what a channel says of them into state."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from candidly.actions import live, own_mail, pacing
from candidly.actions.bounces import mark_conversations, refused
from candidly.actions.errors import Refused
from candidly.actions.gateways import is_open, mark_down, mark_up
from candidly.actions.mailings import CANCELLED_REASON, count_claims, reopen
from candidly.envelope import (
    Bars,
    Became,
    DeliveryFailure,
    Failed,
    PermanentFailure,
    Receipt,
    Result,
    TemporaryFailure,
    TextStatus,
    Unconfirmed,
    Untouched,
    Withheld,
)
from candidly.models import Conversation, Delivery, Mailing, clock
from candidly.models.bulk import update_rows
from candidly.rules import channels, retry, ways
from candidly.rules import pacing as rules_pacing
from candidly.rules.consent import suppressed_of
from candidly.rules.outbox import HELD_UNTIL
from candidly.rules.restored import not_held

State = Delivery.State

WORKER_DIED = "A worker stopped while handing this over: it may have gone. It is sent again under the same Message-ID."
WORKER_DIED_HELD = "A worker stopped while handing this over: it may have gone. Decide whether to send it again."
#: What is handed over again by itself when its outcome is unknown.
REPEATED = [name for name, channel in channels.CHANNELS.items() if channel.repeats_unconfirmed]
CLAIMABLE = Q(mailing=None) | Q(mailing__state=Mailing.State.SENDING)
#: How long what a dead worker held waits for a late word of it, before it is sent again.
GRACE = timedelta(seconds=10)
#: So many results at once are told to the pages of their conversations too.
FEW = 10
RELEASED = {
    "state": State.QUEUED,
    "lease_until": None,
    "leased_by": "",
    "attempts": F("attempts") - 1,
}


def claim(
    worker: str, limit: int, lease: timedelta, way: str = "email", *, singles_only: bool = False, each: int = 0
) -> list[int]:
    """Lease up to `limit` due deliveries that go by `way` to `worker`, for as long as `lease`; returns their ids.

    Single messages go first; then, unless it is to be `singles_only`, senders take turns, and each one's
    mailings among themselves, with `each` at most of one mailing (0: no limit). Nothing is given out while the gateway
    is known to be down.
    """
    now = clock.now()
    due = not_held(Delivery.objects.waiting().filter(ways.going(way, now), due_at__lte=now))
    wanted = Q(mailing=None) if singles_only else CLAIMABLE
    # Looked at first without a transaction: an idle worker must not keep taking SQLite's one write lock.
    if not is_open(way, now) or not due.filter(wanted).exists():
        return []
    with transaction.atomic():
        keys = _take(due.filter(mailing=None), limit)
        if not singles_only:
            keys += _take_in_turn(due, limit - len(keys), now, way, each or limit)
        Delivery.objects.filter(pk__among=keys).update(
            state=State.SENDING, lease_until=now + lease, leased_by=worker, attempts=F("attempts") + 1
        )
    return keys


def _take_in_turn(due: QuerySet[Delivery], limit: int, now: datetime, way: str, each: int) -> list[int]:
    keys: list[int] = []
    for mailing in _in_turn().select_related("organization")[:limit]:
        keys += _take_of(mailing, due.filter(mailing=mailing), min(limit - len(keys), each), now, way)
    return keys


def _in_turn() -> QuerySet[Mailing]:
    """Running mailings: the sender who was served longest ago, and of theirs the mailing that was."""
    running = Mailing.objects.filter(state=Mailing.State.SENDING)
    of_sender = running.filter(sender=OuterRef("sender")).order_by("-served_at").values("served_at")[:1]
    return running.annotate(sender_served_at=Subquery(of_sender)).order_by("sender_served_at", "served_at")


def _take_of(mailing: Mailing, due: QuerySet[Delivery], limit: int, now: datetime, way: str) -> list[int]:
    """As many as the mailing's own pace allows and, of mails, its sender's and its recipients' domains."""
    is_mail = ways.channel_of(way) == rules_pacing.LIMITED
    allowed = rules_pacing.allowance(mailing, now, limit)
    counters = pacing.of_sender(mailing, now) if allowed and is_mail else []
    for counter in counters:
        allowed = counter.left(allowed)
    taken = _take(due, allowed)
    if is_mail:
        taken = pacing.within_domains(mailing, taken, now)
    if taken:
        count_claims(mailing, len(taken))
    for counter in counters:
        counter.count(len(taken))
    return taken


def _take(due: QuerySet[Delivery], limit: int) -> list[int]:
    rows = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit]) if limit > 0 else []


@transaction.atomic
def record(worker: str, results: Sequence[Result], way: str = "email") -> None:
    """Turn what a way's channel said into state. Only rows that `worker` still holds are changed, with one exception:
    a Receipt also settles a row that meanwhile counted as unconfirmed, while nobody else has claimed it."""
    now = clock.now()
    receipts = [result for result in results if isinstance(result, Receipt)]
    failures = [result for result in results if isinstance(result, Failed)]
    held = Delivery.objects.leased().filter(leased_by=worker)
    if receipts:
        _record_receipts(worker, [receipt.delivery_id for receipt in receipts], now)
        _name(receipts)
        own_mail.learn(receipts)
        mark_up(way)
    if down := next((failed.failure for failed in failures if failed.gateway_down), None):
        mark_down(way, down.reason, now)
    held.filter(pk__in=[result.delivery_id for result in results if isinstance(result, Untouched)]).update(**RELEASED)
    _record_failures(held, failures, now, ways.channel_of(way))
    own_mail.heed(failures, now)
    refused(_barred(failures))
    tell([result.delivery_id for result in results])


def _record_receipts(worker: str, taken: Collection[int], now: datetime) -> None:
    _open_still(worker).filter(pk__among=taken).update(
        state=State.SENT, sent_at=now, reason="", lease_until=None, leased_by=""
    )


def _open_still(worker: str) -> QuerySet[Delivery]:
    """What `worker` holds, or was the last to hold and has not been settled since."""
    return Delivery.objects.filter(state__in=(State.SENDING, State.UNCONFIRMED), leased_by=worker)


def _name(receipts: Sequence[Receipt]) -> None:
    """Keep the other side's names for what it took, where it gave any."""
    named = [(receipt.external_id[:200], receipt.delivery_id) for receipt in receipts if receipt.external_id]
    if named:
        update_rows(Delivery, ("external_id",), named)


def _record_failures(held: QuerySet[Delivery], failures: Sequence[Failed], now: datetime, channel: str) -> None:
    attempts = dict(held.filter(pk__in=[f.delivery_id for f in failures]).values_list("pk", "attempts"))
    for failed in failures:
        if failed.delivery_id in attempts:
            change = _change_after(failed, attempts[failed.delivery_id], now, channel)
            held.filter(pk=failed.delivery_id).update(lease_until=None, leased_by="", **change)
    mark_conversations([f.delivery_id for f in failures])


def _change_after(failed: Failed, attempts: int, now: datetime, channel: str) -> dict[str, object]:
    failure = failed.failure
    unknown = isinstance(failure, Unconfirmed)
    said: dict[str, object] = {"reason": failure.reason[:500], "reply": failure.reply}
    if unknown:
        said["unconfirmed_at"] = now
    if failed.gateway_down:
        return {**said, "state": State.QUEUED, "attempts": attempts - 1}
    if isinstance(failure, Withheld):
        return {**said, "state": State.QUEUED, "attempts": attempts - 1, "due_at": now + _wait(failure, attempts)}
    if isinstance(failure, PermanentFailure):
        return {**said, "state": State.BOUNCED if failure.bars == Bars.BOUNCED else State.FAILED}
    if retry.gives_up(attempts):
        return {
            **said,
            "state": State.FAILED,
            "reason": f"Gave up after {attempts} attempts. {failure.reason}"[:500],
        }
    if unknown and not channels.channel(channel).repeats_unconfirmed:
        return {**said, "state": State.UNCONFIRMED, "due_at": HELD_UNTIL}
    state = State.UNCONFIRMED if unknown else State.QUEUED
    return {**said, "state": state, "due_at": now + _wait(failure, attempts)}


def _wait(failure: DeliveryFailure, attempts: int) -> timedelta:
    """Our own patience, or the other side's where it asks for more; of what was not begun, the other side's alone."""
    asked = timedelta(seconds=failure.wait) if isinstance(failure, TemporaryFailure) else timedelta()
    if isinstance(failure, Withheld) and asked:
        return asked
    return max(retry.wait_after(attempts), asked)


def _barred(failures: Iterable[Failed]) -> dict[int, tuple[Bars, str]]:
    """Of which the other side said that nothing will arrive at their addresses."""
    final = [(failed.delivery_id, failed.failure) for failed in failures]
    return {pk: (f.bars, f.reason) for pk, f in final if isinstance(f, PermanentFailure) and f.bars}


def tell(keys: Sequence[int]) -> None:
    """Open pages hear of it: a mailing's page, and the conversation's, but for the many of a mailing at full speed."""
    topics = defaultdict(set)
    told = Delivery.objects.filter(pk__among=keys)
    for mailing, conversation in told.values_list("mailing", "message__conversation"):
        topics["mailing"].add(mailing)
        if mailing is None or len(keys) <= FEW:
            topics["conversation"].add(conversation)
            topics["portal"].add(conversation)
    live.publish_all(*((f"{name}:{subject}", name) for name, found in topics.items() for subject in found - {None}))


def renew(worker: str, lease: timedelta) -> int:
    """Lengthen the leases of a worker that is alive, however slow the other side is."""
    held = Delivery.objects.leased().filter(leased_by=worker)
    return held.update(lease_until=clock.now() + lease)


@transaction.atomic
def settle(worker: str, taken: Collection[int]) -> int:
    """End what a dead worker, or a round that broke off, had in hand: `taken` are sent, of the rest nobody knows.

    Returns the number of those.
    """
    now = clock.now()
    # Of many notes a few are news: a round notes all that was taken, and has recorded most of it already.
    news = set(taken).intersection(_open_still(worker).values_list("pk", flat=True))
    _record_receipts(worker, news, now)
    return _lose(Delivery.objects.leased().filter(leased_by=worker), now)


@transaction.atomic
def release(worker: str) -> int:
    """Give back what `worker` holds and has not begun to hand over: it is stopping."""
    return Delivery.objects.leased().filter(leased_by=worker).update(**RELEASED)


@transaction.atomic
def recover() -> int:
    """Leases that ran out belonged to a worker that died between hand-off and record: their outcome is unknown.

    Also ends what went back to the queue of a mailing at the moment it was cancelled. Returns the number of lost ones.
    """
    cancelled = Delivery.objects.waiting().filter(mailing__state=Mailing.State.CANCELLED)
    cancelled.update(state=State.CANCELLED, reason=CANCELLED_REASON)
    now = clock.now()
    return _lose(Delivery.objects.leased().filter(lease_until__lt=now), now)


def _lose(lost: QuerySet[Delivery], now: datetime) -> int:
    """Nobody knows what became of these. They keep the name of who held them: a late receipt of theirs counts."""
    unknown = {"state": State.UNCONFIRMED, "unconfirmed_at": now, "lease_until": None}
    held = lost.exclude(channel__in=REPEATED).update(**unknown, reason=WORKER_DIED_HELD, due_at=HELD_UNTIL)
    return held + lost.update(**unknown, reason=WORKER_DIED, due_at=now + GRACE)


#: From which states a text comes to each: what the provider says late never turns time back.
CAME_FROM: Mapping[Became, tuple[State, ...]] = {
    Became.SENT: (State.UNCONFIRMED,),
    Became.DELIVERED: (State.SENDING, State.UNCONFIRMED, State.SENT),
    Became.READ: (State.SENDING, State.UNCONFIRMED, State.SENT, State.DELIVERED),
    Became.FAILED: (State.SENDING, State.UNCONFIRMED, State.SENT),
    Became.BOUNCED: (State.SENDING, State.UNCONFIRMED, State.SENT),
}
ARRIVED = (Became.DELIVERED, Became.READ)


@transaction.atomic
def came_to(status: TextStatus) -> bool:
    """What the provider says of a text that it took. False when that is no news, or is about none of ours.

    A text that was sent again has two names there; once the newer one is known, the older one is not heard any more.
    """
    rows = Delivery.objects.filter(pk=status.delivery_id, channel="sms", state__in=CAME_FROM[status.became])
    ours = rows.exclude(~Q(external_id__in=("", status.external_id)), state=State.SENT)
    now = clock.now()
    arrived = {"arrived_at": now} if status.became in ARRIVED else {}
    changed = ours.update(
        state=State(status.became),
        reason=status.reason[:500],
        reply=status.reply,
        external_id=status.external_id[:200],
        sent_at=Coalesce("sent_at", now),
        lease_until=None,
        leased_by="",
        **arrived,
    )
    if changed:
        if not arrived and status.became != Became.SENT:
            mark_conversations([status.delivery_id])
        if status.bars:
            refused({status.delivery_id: (status.bars, status.reason)})
        tell([status.delivery_id])
    return bool(changed)


@transaction.atomic
def retry_failed(delivery: Delivery) -> bool:
    """Queue a failed or bounced delivery again; False when it is neither (any more).

    Raises Refused where the suppression list has the address: it would not leave.
    """
    failed = Delivery.objects.filter(pk=delivery.pk, state__in=Delivery.RETRYABLE)
    if suppressed_of(failed):
        raise Refused(f"{delivery.address} is on the suppression list. Release it there first, then send again.")
    if not failed.update(
        state=State.QUEUED, attempts=0, due_at=clock.now(), reason="", reply="", mailbox=ways.MAILBOX_BY_NOW
    ):
        return False
    if delivery.mailing:
        reopen(delivery.mailing)
    if delivery.message:
        Conversation.objects.filter(pk=delivery.message.conversation_id).update(has_failure=False)
        live.publish(f"conversation:{delivery.message.conversation_id}", "conversation")
    return True
