"""What a member decides about mail in the review tray."""

from django.db import transaction
from django.utils import timezone

from candidly.actions import filing, live
from candidly.actions.errors import Refused
from candidly.mail import doors
from candidly.models import Conversation, InboundMail, Member, Message

DECIDED = "Somebody has decided on this mail already."


@transaction.atomic
def file(member: Member, mail: InboundMail, conversation: Conversation) -> Message:
    """File the mail in the conversation, as what its person wrote. Raises Refused when it is decided on already."""
    incoming = doors.read(mail.door, bytes(mail.raw), mail.envelope_from)
    message = filing.file(mail, conversation, incoming, handled_by=member, handled_at=timezone.now())
    if message is None:
        held = conversation.messages.filter(rfc_message_id=incoming.message_id).first() if incoming.message_id else None
        if held is None:
            raise Refused(DECIDED)
        message = held
    live.publish(f"review:{mail.organization_id}", "review")
    return message


@transaction.atomic
def drop(member: Member, mail: InboundMail) -> None:
    """Take the mail out of the tray without filing it; its raw form is kept. Raises Refused when decided on already."""
    if not filing.end(mail, InboundMail.State.DROPPED, handled_by=member, handled_at=timezone.now()):
        raise Refused(DECIDED)
    live.publish(f"review:{mail.organization_id}", "review")
