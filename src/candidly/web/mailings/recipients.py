"""The recipients of a mailing, as its page and its report show them."""

from django.db.models import Prefetch, QuerySet

from candidly.models import Delivery, Mailing, MailingRecipient
from candidly.rules.progress import BROKEN

SHOWN = {"all": "All", "failed": "Failed", "skipped": "Skipped"}


def recipients_shown(mailing: Mailing, show: str) -> QuerySet[MailingRecipient]:
    """With their message and its deliveries; `show` is a key of SHOWN, anything else is all."""
    recipients = mailing.recipients.select_related("person", "message").prefetch_related(
        Prefetch("message__deliveries", Delivery.objects.order_by("pk"))
    )
    if show == "failed":
        return recipients.filter(message__in=mailing.deliveries.filter(state__in=BROKEN).values("message"))
    if show == "skipped":
        return recipients.filter(state=MailingRecipient.State.SKIPPED)
    return recipients
