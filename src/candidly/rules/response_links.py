"""The links by which somebody accepts or declines what a campaign asks, made from our key for each recipient.

Nothing of them is kept: whoever reads the database makes none of them.
"""

import hmac

from django.conf import settings

from candidly.config import config
from candidly.models import MailingRecipient

MAC_BYTES = 16
#: What stands in the place of a token where nobody is meant: in previews, and in examples.
EXAMPLE = "example"


def token_of(recipient: int) -> str:
    """Its number, and 128 bits that only we can make, in hexadecimal: lower-case letters, digits and a hyphen."""
    return f"{recipient:x}-{_mac(recipient)}"


def recipient_of(token: str) -> MailingRecipient | None:
    """Whose token it is; None for one that we did not make."""
    number, _, mac = token.lower().partition("-")
    if not (number.isascii() and number.isalnum() and len(number) <= 15):
        return None
    try:
        recipient = int(number, 16)
    except ValueError:
        return None
    if not hmac.compare_digest(mac.encode(), _mac(recipient).encode()):
        return None
    found = MailingRecipient.objects.filter(pk=recipient)
    return found.select_related("person", "mailing__campaign", "mailing__organization").first()


def links_of(recipient: int | None) -> dict[str, str]:
    """The values of the two merge fields; None for an example."""
    token = EXAMPLE if recipient is None else token_of(recipient)
    return {f"{answer}_link": f"{config().base_url}/r/{token}/{answer}/" for answer in ("accept", "decline")}


def _mac(recipient: int) -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"response:{recipient}".encode(), "sha256")
    return digest[:MAC_BYTES].hex()
