"""Queue mail and texts from Candidly itself."""

from django.db import transaction

from candidly.models import AgencyMessage, Conversation, Delivery, Message, Notice, Organization, Person, User
from candidly.rules import mail_identity


@transaction.atomic(savepoint=False)
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
    agency_message: AgencyMessage | None = None,
    person: Person | None = None,
    reply_to: str = "",
    from_name: str = "",
    channel: str = "email",
) -> Notice:
    """Write the notice and its delivery; the worker sends it with the retries that every message has.

    `message` is the one that it copies or answers: mail programs show the two together.
    """
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
        agency_message=agency_message,
        person=person,
        reply_to=reply_to,
        from_name=from_name,
        rfc_message_id=mail_identity.new_message_id(),
    )
    Delivery.objects.create(organization=organization, notice=notice, channel=channel, address=to_address)
    return notice
