"""The links by which somebody becomes an agency user. The database holds the hash of a token, which is not one."""

import secrets
from datetime import datetime, timedelta

from candidly.config import config
from candidly.rules.portal_links import hash_of

__all__ = ["DAYS", "address_of", "hash_of", "lasts_until", "new_token"]

TOKEN_BYTES = 16
DAYS = 7


def new_token() -> str:
    """128 random bits in hexadecimal, which survive any mail program."""
    return secrets.token_hex(TOKEN_BYTES)


def lasts_until(begun: datetime) -> datetime:
    """When an invitation that was sent at this time can no longer be accepted."""
    return begun + timedelta(days=DAYS)


def address_of(token: str) -> str:
    """The page where the invited person chooses a name and a password."""
    return f"{config().base_url}/agency/join/{token}/"
