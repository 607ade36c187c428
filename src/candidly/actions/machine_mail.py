"""What comes in for Candidly itself and not for a member: that somebody unsubscribes."""

from candidly.actions import filing
from candidly.actions.unsubscribing import unsubscribe
from candidly.envelope import Incoming
from candidly.models import ConsentEvent, InboundMail
from candidly.rules import mail_identity
from candidly.rules.unsubscribing import delivery_of

WROTE = "Wrote to the unsubscribe address"
UNSUBSCRIBED = "It was sent to the address by which people unsubscribe, so no more campaigns are sent to them."


def settle(mail: InboundMail, incoming: Incoming) -> bool:
    """Whether the mail was of that kind, and is done with. Nobody is answered. The caller holds the transaction."""
    return _unsubscribes(mail)


def _unsubscribes(mail: InboundMail) -> bool:
    """Whoever wrote, and whatever it says: the address is in the mails of one delivery alone."""
    token = mail_identity.unsubscribe_token_in(mail.envelope_to)
    delivery = delivery_of(token) if token else None
    if delivery is None:
        return False
    unsubscribe(delivery, ConsentEvent.Source.MAIL, WROTE)
    filing.end(mail, InboundMail.State.DROPPED, problem=UNSUBSCRIBED)
    return True
