"""Tokens that name one delivery, made from its number and our key: nothing of them is kept, and nobody makes one up.

They stand in return paths and in the links by which people unsubscribe.
"""

import hmac

from django.conf import settings

MAC_BYTES = 16
RETURN, UNSUBSCRIBE = "return", "unsubscribe"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def token_of(delivery: int, purpose: str) -> str:
    """Its number in base 36 and 128 bits that only we can make: lower-case letters, digits and a hyphen."""
    return f"{_base36(delivery)}-{_mac(delivery, purpose)}"


def delivery_in(token: str, purpose: str) -> int:
    """The number that the token was made from; 0 for one that we did not make, or not for this."""
    number, _, mac = token.lower().partition("-")
    if not (number.isascii() and number.isalnum() and len(number) <= 12):
        return 0
    delivery = int(number, 36)
    same = hmac.compare_digest(mac.encode(), _mac(delivery, purpose).encode())
    return delivery if same and delivery < 2**63 else 0


def _mac(delivery: int, purpose: str) -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{purpose}:{delivery}".encode(), "sha256")
    return digest[:MAC_BYTES].hex()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
