"""The links by which somebody becomes an agency user. The database holds the hash of a token, which is not one."""

import secrets
from base64 import b32encode
from datetime import datetime, timedelta

from candidly.config import config
from candidly.rules.portal_links import hash_of

__all__ = ["DAYS", "address_of", "hash_of", "lasts_until", "new_token"]

TOKEN_BYTES = 20
DAYS = 7


def new_token() -> str:
    """160 random bits in lower-case base32, which survive any mail program."""
    return b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()


def lasts_until(begun: datetime) -> datetime:
    """When an invitation that was sent at this time can no longer be accepted."""
    return begun + timedelta(days=DAYS)


def address_of(token: str) -> str:
    """The page where the invited person chooses a name and a password."""
    return f"{config().base_url}/agency/join/{token}/"
