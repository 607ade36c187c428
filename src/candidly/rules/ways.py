"""The ways by which deliveries leave: a channel's gateway, or, for e-mail, its sender's own mailbox."""

from datetime import datetime

from django.db.models import Case, OuterRef, Q, Subquery, When

from candidly.models import Mailbox, Message
from candidly.rules import channels

#: Ways that lead through members' own mailboxes, a kind of provider each.
OWN = tuple(str(provider) for provider in Mailbox.Provider)
#: Deliveries that nothing but time keeps back: not those whose sender must connect a mailbox first.
MAY_GO = Q(mailbox=None) | Q(mailbox__state=Mailbox.State.CONNECTED)
#: For an update of deliveries that are tried once more: the mailbox by which their sender's mail goes by now.
MAILBOX_BY_NOW = Case(
    When(
        channel="email",
        then=Subquery(
            Message.objects.filter(pk=OuterRef("message_id"), organization__own_mailboxes=True).values(
                "member__mailbox"
            )[:1]
        ),
    ),
    default=None,
)


def label_of(way: str) -> str:
    """What people call it: E-mail, SMS, Gmail."""
    return str(Mailbox.Provider(way).label) if way in OWN else channels.channel(way).label


def gateway_of(way: str) -> str:
    """What it leads to, as it stands in a sentence."""
    return f"mail service {label_of(way)}" if way in OWN else channels.channel(way).gateway


def channel_of(way: str) -> str:
    """The channel whose deliveries go this way, as the rows call it."""
    return "email" if way in OWN else way


def going(way: str, now: datetime) -> Q:
    """Of the deliveries that wait, those that may go this way at present. What goes by a mailbox waits while it is not
    connected, and while it is not to be asked for anything."""
    if way not in OWN:
        return Q(channel=way, mailbox=None)
    rested = Q(mailbox__rests_until=None) | Q(mailbox__rests_until__lte=now)
    connected = Q(mailbox__provider=way, mailbox__state=Mailbox.State.CONNECTED)
    return Q(channel="email", mailbox__isnull=False) & connected & rested
