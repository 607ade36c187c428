"""Stop the campaign mail of an organization to one address, by the link or the address that its mails carry."""

import structlog
from django.db import transaction

from candidly.actions import consent, live, responses
from candidly.models import CampaignMember, ConsentEvent, Delivery, Person, Purpose
from candidly.rules.unsubscribing import is_unsubscribed

Source = ConsentEvent.Source
log = structlog.get_logger()

STOPPED, ASKED_AGAIN = "Unsubscribed", "Asked for it again"


@transaction.atomic
def unsubscribe(delivery: Delivery, source: Source = Source.UNSUBSCRIBE, said: str = STOPPED) -> bool:
    """No campaigns any more to the delivery's address; mail about an application still comes. False when that is so
    already."""
    if is_unsubscribed(delivery):
        return False
    assert delivery.organization  # a message has one
    to = delivery.organization, "email", delivery.address
    consent.opt_out(*to, source=source, said=said, purpose=Purpose.CAMPAIGN, person=_person(delivery))
    log.info("unsubscribed", delivery=delivery.pk, source=source)
    if delivery.message:
        by_link = CampaignMember.Source.LINK
        responses.note(delivery.message.conversation, CampaignMember.Response.UNSUBSCRIBED, by_link)
    _tell(delivery)
    return True


@transaction.atomic
def receive_again(delivery: Delivery) -> bool:
    """Campaigns may come again. False when they were never stopped, or are stopped for another reason."""
    assert delivery.organization
    if not is_unsubscribed(delivery):
        return False
    to = delivery.organization, "email", delivery.address
    again = consent.opt_in(
        *to, source=Source.UNSUBSCRIBE, said=ASKED_AGAIN, purpose=Purpose.CAMPAIGN, person=_person(delivery)
    )
    _tell(delivery)
    return again


def _person(delivery: Delivery) -> Person | None:
    return delivery.message.conversation.person if delivery.message else None


def _tell(delivery: Delivery) -> None:
    assert delivery.message
    live.publish(f"conversation:{delivery.message.conversation_id}", "conversation")
