"""How somebody stops the campaign mail of an organization: one link, and one address, for each mail that it sent.

RFC 8058 and RFC 2369: a program may press the link's button for its reader, by POST alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from candidly.config import config
from candidly.models import Delivery, Purpose, Suppression
from candidly.rules import mail_identity
from candidly.rules.consent import suppressions_of
from candidly.rules.delivery_tokens import UNSUBSCRIBE, delivery_in, token_of

ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass(frozen=True, slots=True)
class WayOut:
    """`link` is the page that stops the mail to the delivery's address; from `headers` mail programs make a button of
    their own. Empty for mail that cannot be stopped."""

    link: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


NONE = WayOut()


def way_out(delivery: int) -> WayOut:
    """Of the two ways in the header the first that a program knows counts."""
    token = token_of(delivery, UNSUBSCRIBE)
    link = f"{config().base_url}/unsubscribe/{token}/"
    address = mail_identity.unsubscribe_address(token)
    both = f"<{link}>, <mailto:{address}?subject=unsubscribe>"
    return WayOut(link, {"List-Unsubscribe": both, "List-Unsubscribe-Post": ONE_CLICK})


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
