"""When an address that mail keeps coming back from counts as one where nothing arrives."""

from datetime import datetime, timedelta

from candidly.config import config
from candidly.models import Delivery, clock

WITHIN = timedelta(days=30)
ARRIVED = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)


def concerns_member(delivery: Delivery) -> bool:
    """What goes to a member of ours keeps going: the list is about candidates and contacts."""
    return delivery.notice is not None and delivery.notice.user_id is not None


def has_bounced_too_often(delivery: Delivery) -> bool:
    """Whether this soft bounce is one too many: so many within 30 days, with no mail between that did not come back."""
    month = clock.now() - WITHIN
    since = max(month, _last_arrival(delivery) or month)
    bounced = Delivery.objects.filter(
        organization=delivery.organization_id,
        address=delivery.address,
        channel=delivery.channel,
        state=Delivery.State.BOUNCED,
        is_soft_bounce=True,
        sent_at__gte=since,
    )
    return bounced.count() >= config().soft_bounces


def _last_arrival(delivery: Delivery) -> datetime | None:
    """When the last mail before this one went to the address and stayed there."""
    if delivery.message is None or delivery.sent_at is None:
        return None
    arrived = Delivery.objects.filter(
        message__conversation__person=delivery.message.conversation.person_id,
        channel=delivery.channel,
        address=delivery.address,
        state__in=ARRIVED,
        sent_at__lt=delivery.sent_at,
    )
    return arrived.order_by("-sent_at").values_list("sent_at", flat=True).first()
