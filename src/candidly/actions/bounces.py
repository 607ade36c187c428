"""Turn what mail systems report into state: of the delivery, of its conversation, and of the suppression list."""

from collections.abc import Callable, Mapping, Sequence

import structlog
from django.db.models import Q
from django.db.models.functions import Coalesce

from candidly.actions import consent, live, responses
from candidly.config import config
from candidly.envelope import Bars
from candidly.mail.bounces import Kind, Report
from candidly.models import CampaignMember, Conversation, Delivery, Purpose, Suppression, clock
from candidly.rules.bouncing import concerns_member, has_bounced_too_often

State = Delivery.State
log = structlog.get_logger()

#: From these a mail comes back; what waits to be sent once more is decided by its next attempt.
OUT = (State.SENDING, State.SENT, State.UNCONFIRMED, State.DELIVERED, State.READ)
TOO_OFTEN = "Mail came back {number} times in 30 days. {reason}"


def record(delivery: Delivery, report: Report) -> None:
    """The caller holds the transaction. A report that comes twice changes nothing the second time."""
    log.info("mail came back", delivery=delivery.pk, kind=report.kind)
    ACTS[report.kind](delivery, report)


def _hard(delivery: Delivery, report: Report) -> None:
    _bounced(delivery, report, is_soft=False)
    bar(delivery, Bars.BOUNCED, report.reason)


def _soft(delivery: Delivery, report: Report) -> None:
    if _bounced(delivery, report, is_soft=True) and has_bounced_too_often(delivery):
        bar(delivery, Bars.BOUNCED, TOO_OFTEN.format(number=config().soft_bounces, reason=report.reason))


def _delayed(delivery: Delivery, report: Report) -> None:
    """Only noted."""
    if Delivery.objects.filter(pk=delivery.pk, state=State.SENT).update(reason=report.reason[:500]):
        tell(delivery)


def _complaint(delivery: Delivery, report: Report) -> None:
    """Campaigns end; mail about an application that they made is no spam."""
    if delivery.organization and not concerns_member(delivery):
        cause = Suppression.Cause.COMPLAINT
        to = delivery.organization, delivery.channel, delivery.address
        consent.suppress(*to, cause=cause, reason=report.reason, purpose=Purpose.CAMPAIGN)
        _note(delivery, CampaignMember.Response.UNSUBSCRIBED, CampaignMember.Source.COMPLAINT)
        Delivery.objects.filter(pk=delivery.pk, state__in=OUT).update(reason=report.reason[:500])
        tell(delivery)


ACTS: Mapping[Kind, Callable[[Delivery, Report], None]] = {
    Kind.HARD: _hard,
    Kind.SOFT: _soft,
    Kind.DELAYED: _delayed,
    Kind.COMPLAINT: _complaint,
}


def _bounced(delivery: Delivery, report: Report, *, is_soft: bool) -> bool:
    """False when it is known already. That nothing ever arrives there is news after that this one did not."""
    known_worse = Q(state__in=OUT) if is_soft else Q(state__in=OUT) | Q(state=State.BOUNCED, is_soft_bounce=True)
    changed = Delivery.objects.filter(known_worse, pk=delivery.pk).update(
        state=State.BOUNCED,
        is_soft_bounce=is_soft,
        reason=report.reason[:500],
        reply=report.said,
        sent_at=Coalesce("sent_at", clock.now()),
        lease_until=None,
        leased_by="",
    )
    if changed:
        delivery.refresh_from_db(fields=["state", "sent_at"])
        mark_conversations([delivery.pk])
        _note(delivery, CampaignMember.Response.BOUNCED)
        tell(delivery)
    return bool(changed)


def refused(keys: Mapping[int, tuple[Bars, str]]) -> None:
    """The other side said at once, with the reason, that nothing will arrive at the addresses of these deliveries."""
    about = "organization", "notice", "message__conversation__person", "message__conversation__mailing"
    for delivery in Delivery.objects.filter(pk__in=keys, state__in=Delivery.RETRYABLE).select_related(*about):
        bar(delivery, *keys[delivery.pk])
        _note(delivery, CampaignMember.Response.BOUNCED)


def bar(delivery: Delivery, bars: Bars, reason: str) -> None:
    """Nothing more goes to the delivery's address, unless it is a member's of ours."""
    if delivery.organization and not concerns_member(delivery):
        consent.suppress(delivery.organization, delivery.channel, delivery.address, cause=bars.value, reason=reason)


def mark_conversations(keys: Sequence[int]) -> None:
    """Those in which one of the deliveries has failed, or come back."""
    failed = Delivery.objects.filter(pk__in=list(keys), state__in=Delivery.RETRYABLE)
    Conversation.objects.filter(pk__in=failed.values("message__conversation")).update(has_failure=True)


def _note(
    delivery: Delivery,
    response: CampaignMember.Response,
    source: CampaignMember.Source = CampaignMember.Source.BOUNCE,
) -> None:
    if delivery.message:
        responses.note(delivery.message.conversation, response, source)


def tell(delivery: Delivery) -> None:
    """The pages that are open at this moment: the mailing's, the conversation's, and its sender's inbox."""
    message = delivery.message
    if delivery.mailing_id:
        live.publish(f"mailing:{delivery.mailing_id}", "mailing")
    if message:
        live.publish(f"conversation:{message.conversation_id}", "conversation")
    if message and message.member_id:
        live.publish(f"member:{message.member_id}", "inbox")
