"""By which addresses members and agency users answer alerts about agency messages."""

from candidly.envelope import Incoming
from candidly.models import AgencyReplyAddress, Delivery
from candidly.rules import mail_identity


def agency_address_at(address: str) -> AgencyReplyAddress | None:
    """That of this mail address, if it is one."""
    return _of_token(mail_identity.token_in(address))


def agency_address_of(delivery: Delivery) -> AgencyReplyAddress | None:
    """That of the alert which was delivered: mail to its return path that is no report is an answer to it."""
    return _of_token(mail_identity.token_in(delivery.notice.reply_to)) if delivery.notice else None


def agency_address_missed(incoming: Incoming) -> AgencyReplyAddress | None:
    """The newest of whoever answers an alert, but to another address than it named, as some mail programs do."""
    named = [mail_identity.agency_thread_in(name) for name in (*incoming.references, incoming.in_reply_to)]
    threads = [thread for thread in named if thread]
    if not threads:
        return None
    theirs = AgencyReplyAddress.objects.filter(thread__in=threads, user__email__iexact=incoming.sender.email)
    return theirs.select_related("thread").order_by("-pk").first()


def _of_token(token: str) -> AgencyReplyAddress | None:
    return AgencyReplyAddress.objects.select_related("thread").filter(token=token).first() if token else None
