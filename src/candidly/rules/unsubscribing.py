"""How somebody stops the campaign mail of an organization: one link, and one address, for each mail that it sent.

RFC 8058 and RFC 2369: a program may press the link's button for its reader, by POST alone.
"""

from collections.abc import Mapping

from django.db.models import QuerySet

from candidly.config import config
from candidly.models import Delivery, Purpose, Suppression
from candidly.rules import mail_identity
from candidly.rules.consent import suppressions_of
from candidly.rules.delivery_tokens import UNSUBSCRIBE, delivery_in, token_of

ONE_CLICK = "List-Unsubscribe=One-Click"


def link_of(delivery: int) -> str:
    """The page that stops the mail to this delivery's address."""
    return f"{config().base_url}/unsubscribe/{token_of(delivery, UNSUBSCRIBE)}/"


def headers_of(delivery: int) -> Mapping[str, str]:
    """What mail programs make their own button from. Of the two ways the first that a program knows counts."""
    address = mail_identity.unsubscribe_address(token_of(delivery, UNSUBSCRIBE))
    return {
        "List-Unsubscribe": f"<{link_of(delivery)}>, <mailto:{address}?subject=unsubscribe>",
        "List-Unsubscribe-Post": ONE_CLICK,
    }


def delivery_of(token: str) -> Delivery | None:
    """The campaign mail that carried this token."""
    found = Delivery.objects.filter(pk=delivery_in(token, UNSUBSCRIBE), message__isnull=False)
    about = "message__conversation__person", "message__conversation__mailing"
    return found.select_related("organization", *about).first()


def is_unsubscribed(delivery: Delivery) -> bool:
    """Whether no campaigns are sent to its address any more, whoever said so."""
    return _listed(delivery).filter(purpose__in=(Purpose.ALL, Purpose.CAMPAIGN)).exists()


def may_come_back(delivery: Delivery) -> bool:
    """Whether the word of who reads that mailbox is enough: not where nothing arrives, or nothing at all is wanted."""
    return not _listed(delivery).filter(purpose=Purpose.ALL).exists()


def _listed(delivery: Delivery) -> QuerySet[Suppression]:
    return suppressions_of(delivery.organization_id, "email", delivery.address)
