"""A mail server of the past: what was written in the story has long been taken, or has come back."""

from candidly.demo.candidates import GONE_PREFIX
from candidly.envelope import Failed, Outgoing, OutgoingText, PermanentFailure, Receipt, Result

NO_MAILBOX = PermanentFailure(
    "There is no such mailbox any more. Ask the candidate for their new address and correct it on the profile.",
    reply="550 5.1.1 There is no such mailbox here",
)


def outcome(outgoing: Outgoing | OutgoingText | Failed) -> Result:
    """What became of it back then."""
    if isinstance(outgoing, Failed):
        return outgoing
    if isinstance(outgoing, Outgoing) and outgoing.recipient.email.startswith(GONE_PREFIX):
        return Failed(outgoing.delivery_id, NO_MAILBOX)
    return Receipt(outgoing.delivery_id, reply="250 2.0.0 OK")
