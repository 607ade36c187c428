"""Queue mail from Candidly itself to its users."""

from django.db import transaction

from candidly.models import Conversation, Delivery, Message, Notice, Organization, User
from candidly.rules import mail_identity


@transaction.atomic
def enqueue(
    *,
    kind: str,
    to_address: str,
    subject: str,
    text: str,
    html: str = "",
    organization: Organization | None = None,
    user: User | None = None,
    conversation: Conversation | None = None,
    message: Message | None = None,
    reply_to: str = "",
    from_name: str = "",
) -> Notice:
    """Write the notice and its delivery; the worker sends it with the retries that every message has."""
    notice = Notice.objects.create(
        kind=kind,
        to_address=to_address,
        subject=subject,
        text=text,
        html=html,
        organization=organization,
        user=user,
        conversation=conversation,
        message=message,
        reply_to=reply_to,
        from_name=from_name,
        rfc_message_id=mail_identity.new_message_id(),
    )
    Delivery.objects.create(organization=organization, notice=notice, address=to_address)
    return notice
