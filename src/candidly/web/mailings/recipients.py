"""The recipients of a mailing, as its page and its report show them."""

from django.db.models import QuerySet

from candidly.models import Mailing, MailingRecipient
from candidly.rules.progress import BROKEN

SHOWN = {"all": "All", "failed": "Failed", "skipped": "Skipped"}


def recipients_shown(mailing: Mailing, show: str) -> QuerySet[MailingRecipient]:
    """With their message and its deliveries; `show` is a key of SHOWN, anything else is all."""
    recipients = mailing.recipients.select_related("person", "message").prefetch_related("message__deliveries")
    if show == "failed":
        return recipients.filter(message__deliveries__state__in=BROKEN)
    if show == "skipped":
        return recipients.filter(state=MailingRecipient.State.SKIPPED)
    return recipients
