"""What a mail server says, and what it means for people (RFC 5321, 4.2; RFC 3463)."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from candidly.envelope import DeliveryFailure, PermanentFailure, TemporaryFailure

_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
_QUEUED_AS = re.compile(r"\bqueued as ([^\s<>()]+)|\bid[=: ]\s*<?([^\s<>()]+)", re.IGNORECASE)

# The server wants us to sign in, or will not talk in the clear: for the administrator to mend, no fault of the mail.
_SIGN_IN_CODES = {530, 534, 535, 538}

# By the last two parts of the enhanced status code, whose first part only says "for now" or "for good".
_SENTENCES = {
    "1.0": "{server} does not accept mail for this address. Check the address.",
    "1.1": "{server} says there is no such mailbox. Check the address.",
    "1.2": "There is no mail domain {domain}. Check the address.",
    "1.3": "{server} says the address is not written correctly. Check the address.",
    "1.6": "{server} says the mailbox has moved. Ask for the new address.",
    "1.7": "{server} does not accept how our own address is written. Check the sender's address.",
    "1.8": "{server} cannot find the domain of our own address. Check the sender's domain in DNS.",
    "1.10": "{domain} accepts no mail at all. Check the address.",
    "2.0": "{server} says the mailbox takes no mail. Check the address.",
    "2.1": "{server} says the mailbox is switched off. Ask for another address.",
    "2.2": "{server} says the mailbox is full. Try again later, or ask for another address.",
    "2.3": "{server} says the mail is too large for the mailbox. Send a smaller attachment.",
    "3.1": "{server} has no room for more mail at present. Try again later.",
    "3.2": "{server} takes no mail at present. Try again later.",
    "3.4": "{server} says the mail is too large. Send a smaller attachment.",
    "4.1": "The mail server of {domain} does not answer. Try again later, or check the address.",
    "4.2": "{server} broke the connection off. Try again later.",
    "4.3": "The domain {domain} could not be looked up. Try again later, or check the address.",
    "4.4": "There is no way to deliver mail to {domain}. Check the address.",
    "4.6": "Mail to {domain} goes round in a circle. Their administrator has to mend it.",
    "4.7": "The mail server of {domain} did not take the mail in time. Try again later, or check the address.",
    "5.3": "{server} accepts fewer recipients at once. Try again later.",
    "7.0": "{server} refuses the mail by its own rules. Ask their administrator, or check what its answer says.",
    "7.1": "{server} refuses the mail by its own rules. Ask their administrator, or check what its answer says.",
    "7.20": "{server} misses a valid DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.21": "{server} misses a valid DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.22": "{server} misses a matching DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.23": "{server} says SPF forbids our mail. Our administrator has to correct the SPF record.",
    "7.24": "{server} could not check SPF for our mail. Our administrator has to correct the SPF record.",
    "7.25": "{server} wants a reverse DNS name for our mail server. Our administrator has to set one.",
    "7.26": "{server} could not authenticate our mail. Our administrator has to set up SPF, DKIM and DMARC.",
    "7.27": "{server} says our own address accepts no mail. Check the sender's domain in DNS.",
}
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
    enhanced = _ENHANCED.match(reply.text)
    sentence = _SENTENCES.get(enhanced[1]) if enhanced else None
    server = gateway if by_gateway else f"The mail server of {parties.domain}"
    reason = (sentence or (_LATER if temporary else _NEVER)).format(server=server, domain=parties.domain)
    return TemporaryFailure(reason, str(reply)) if temporary else PermanentFailure(reason, str(reply))


def queue_id(reply: Reply) -> str:
    """The server's own name for a mail that it took, as far as its answer tells one; otherwise empty."""
    found = _QUEUED_AS.search(reply.text)
    return (found[1] or found[2]) if found else ""
