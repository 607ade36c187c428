"""The addresses and ids that our mail carries."""

import secrets

from candidly.config import config
from candidly.models import Organization
from candidly.rules.delivery_tokens import RETURN, token_of
from candidly.rules.numbers import number_in

REPLY_PREFIX = "r."
UNSUBSCRIBE_PREFIX = "u."
RETURN_PREFIX = "b."
THREAD_PREFIX = "agency-thread."
TOKEN_BYTES = 16


def new_token() -> str:
    """A reply token: 128 random bits in hexadecimal, so that it says nothing and survives any mail program."""
    return secrets.token_hex(TOKEN_BYTES)


def new_message_id() -> str:
    """A Message-ID of our own, with its angle brackets (RFC 5322, 3.6.4)."""
    return f"<{new_token()}@{config().inbound_domain}>"


def thread_id(agency_thread: int) -> str:
    """What all alerts about an agency thread refer to, so that mail programs show them together. No mail has it."""
    return f"<{THREAD_PREFIX}{agency_thread}@{config().inbound_domain}>"


def agency_thread_in(message_id: str) -> int:
    """The agency thread that such an id names; 0 for every other id."""
    return number_in(_behind(THREAD_PREFIX, message_id))


def reply_address(token: str) -> str:
    return f"{REPLY_PREFIX}{token}@{config().inbound_domain}"


def unsubscribe_address(token: str) -> str:
    """Mail to it, whatever it says, stops campaign mail."""
    return f"{UNSUBSCRIBE_PREFIX}{token}@{config().inbound_domain}"


def return_path(delivery: int) -> str:
    """The envelope sender of a delivery: what comes back there is about it (VERP). Empty where the settings want the
    From address alone."""
    if not config().bounce_addresses:
        return ""
    return f"{RETURN_PREFIX}{token_of(delivery, RETURN)}@{config().inbound_domain}"


def organization_address(organization: Organization) -> str:
    """Where mail to the organization as a whole goes: replies whose mail program ignored Reply-To come back here."""
    return f"{organization.slug}@{config().inbound_domain}"


def sender_address(organization: Organization | None) -> str:
    """The From address: the one configured, or the organization's own at the inbound domain."""
    if config().mail_from:
        return config().mail_from
    return organization_address(organization) if organization else f"no-reply@{config().inbound_domain}"


def local_part(address: str) -> str:
    """What stands before the inbound domain, in lower case, or nothing for an address elsewhere."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    return local if domain == config().inbound_domain.lower() else ""


def token_in(address: str) -> str:
    """The reply token of an address of ours, or nothing."""
    return _behind(REPLY_PREFIX, address)


def return_token_in(address: str) -> str:
    """The token of an address to which mail systems send back what they cannot deliver, or nothing."""
    return _behind(RETURN_PREFIX, address)


def unsubscribe_token_in(address: str) -> str:
    """The token of an address to which people write to get no more campaigns, or nothing."""
    return _behind(UNSUBSCRIBE_PREFIX, address)


def _behind(prefix: str, address: str) -> str:
    local = local_part(address)
    return local.removeprefix(prefix) if local.startswith(prefix) else ""
