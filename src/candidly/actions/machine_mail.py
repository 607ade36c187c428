"""What comes in for Candidly itself and not for a member: that mail came back, that somebody unsubscribes."""

from candidly.actions import bounces, filing
from candidly.actions.unsubscribing import unsubscribe
from candidly.envelope import Incoming
from candidly.mail.bounces import read
from candidly.models import ConsentEvent, InboundMail
from candidly.rules import mail_identity
from candidly.rules.returned import answers_to, delivery_about, delivery_at
from candidly.rules.unsubscribing import delivery_of

WROTE = "Wrote to the unsubscribe address"
UNSUBSCRIBED = "It was sent to the address by which people unsubscribe, so no more campaigns are sent to them."


def settle(mail: InboundMail, incoming: Incoming) -> bool:
    """Whether the mail was of that kind, and is done with. Nobody is answered. The caller holds the transaction."""
    return _unsubscribes(mail) or reports(mail, incoming) or _answers_a_notice(mail, incoming)


def _unsubscribes(mail: InboundMail) -> bool:
    """Whoever wrote, and whatever it says: the address is in the mails of one delivery alone."""
    token = mail_identity.unsubscribe_token_in(mail.envelope_to)
    delivery = delivery_of(token) if token else None
    if delivery is None:
        return False
    unsubscribe(delivery, ConsentEvent.Source.MAIL, WROTE)
    filing.end(mail, InboundMail.State.DROPPED, problem=UNSUBSCRIBED)
    return True


def reports(mail: InboundMail, incoming: Incoming) -> bool:
    """Whether it was a report that something came back, and is noted. One that is about nothing we sent is left to be
    filed or reviewed like any mail."""
    report = read(bytes(mail.raw)) if incoming.automatic or mail_identity.return_token_in(mail.envelope_to) else None
    delivery = delivery_about(mail, report) if report else None
    if report is None or delivery is None:
        return False
    bounces.record(delivery, report)
    filing.end(mail, InboundMail.State.DROPPED, problem=f"A mail system’s report: {report.reason}"[:500])
    return True


def _answers_a_notice(mail: InboundMail, incoming: Incoming) -> bool:
    """A machine's answer to what Candidly itself wrote to somebody: it tells nobody anything."""
    delivery = delivery_at(mail.envelope_to) if incoming.automatic else None
    if delivery is None or answers_to(delivery) is not None:
        return False
    filing.end(mail, InboundMail.State.DROPPED, problem=f"An automatic answer ({incoming.automatic}).")
    return True
