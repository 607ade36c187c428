"""What a mail server says, and what it means for people (RFC 5321, 4.2; RFC 3463)."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from candidly.envelope import Bars, DeliveryFailure, PermanentFailure, TemporaryFailure
from candidly.mail.status_codes import ENHANCED, NO_MAILBOX, SENTENCES, meant_by

_QUEUED_AS = re.compile(r"\bqueued as ([^\s<>()]+)|\bid[=: ]\s*<?([^\s<>()]+)", re.IGNORECASE)

# The server wants us to sign in, or will not talk in the clear: for the administrator to mend, no fault of the mail.
_SIGN_IN_CODES = {530, 534, 535, 538}

_LATER = "{server} could not take the mail just now. It said why in its answer; try again later."
_NEVER = "{server} refuses the mail. It said why in its answer."
_SIGN_IN = "{gateway} wants a sign-in or TLS first. Check the relay's user name, password and security in the settings."


class Reply(NamedTuple):
    """One answer of a server: its three-digit code and its text, lines joined by newlines."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def negative(self) -> bool:
        return 400 <= self.code < 600


@dataclass(frozen=True, slots=True)
class Parties:
    """Whom a sentence may name: our own gateway as host:port, and the recipient's domain."""

    gateway: str
    domain: str


def refusal(reply: Reply, parties: Parties, *, by_gateway: bool = False) -> DeliveryFailure:
    """The failure that a negative answer amounts to.

    `by_gateway`: the gateway speaks for itself (about our sender), not for the recipient's mail server.
    A demand to sign in is temporary and holds for all mail: the administrator can mend it.
    """
    gateway = f"The mail server {parties.gateway}"
    if reply.code in _SIGN_IN_CODES:
        return TemporaryFailure(_SIGN_IN.format(gateway=gateway), str(reply), gateway_down=True)
    temporary = reply.code < 500
    enhanced = ENHANCED.match(reply.text)
    sentence = SENTENCES.get(enhanced[1]) if enhanced else None
    server = gateway if by_gateway else f"The mail server of {parties.domain}"
    reason = (sentence or (_LATER if temporary else _NEVER)).format(server=server, domain=parties.domain)
    if temporary:
        return TemporaryFailure(reason, str(reply))
    return PermanentFailure(reason, str(reply), None if by_gateway else _bars(enhanced[1] if enhanced else "", reply))


def _bars(code: str, reply: Reply) -> Bars | None:
    """Whether the recipient's server says that there is no such mailbox; of mails that it does not like it says other
    things."""
    return Bars.BOUNCED if (code or meant_by(reply.text)) in NO_MAILBOX else None


def queue_id(reply: Reply) -> str:
    """The server's own name for a mail that it took, as far as its answer tells one; otherwise empty."""
    found = _QUEUED_AS.search(reply.text)
    return (found[1] or found[2]) if found else ""
