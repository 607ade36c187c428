"""The tokens of portal links: made from our key, so that the database holds only what cannot be turned into one."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings

from candidly.config import config

SEED_BYTES = 16
TOKEN_BYTES = 16
#: For a link that opens nothing: all links are as long as each other.
ANY_SEED = ""


def new_seed() -> str:
    """What a link's token is made from, with our key: 128 random bits."""
    return secrets.token_hex(SEED_BYTES)


def token_of(seed: str) -> str:
    """The token of the link with this seed: 128 bits in hexadecimal, which survive any mail program."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"portal:{seed}".encode(), "sha256")
    return digest[:TOKEN_BYTES].hex()


def lasts_until(begun: datetime) -> datetime:
    """When a link that was made at this time stops opening its conversation."""
    return begun + timedelta(days=config().portal_link_days)


def worth_sending_until(now: datetime) -> datetime:
    """A link that ends before this is left to itself: a message that goes out now gets a new one."""
    return now + timedelta(days=config().portal_link_days) / 4


def hash_of(token: str) -> str:
    """What the database knows a token by."""
    return sha256(token.encode()).hexdigest()


def address_of(seed: str) -> str:
    """The address that opens the conversation."""
    return f"{config().base_url}/p/{token_of(seed)}/"
