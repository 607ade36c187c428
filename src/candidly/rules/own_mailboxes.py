"""Whether an organization's members write by their own mailboxes, and whether one of them can at present."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet

from candidly.config import config
from candidly.models import Delivery, Mailbox, Mailing, Member, Organization, Role, ScheduledMessage, SealBroken, clock
from candidly.rules import plans
from candidly.rules.access import WRITERS

State = Mailbox.State

#: The channel that leaves by a mailbox.
CHANNEL = "email"
CONNECT_FIRST = (
    "Connect your e-mail account first: {organization} sends mail to candidates from each member’s own mailbox."
)
CONNECT_AGAIN = "Your e-mail account must be connected again before you can send mail. {reason}"
IS_CONNECTING = "Your e-mail account is being connected. Try again in a moment."
#: What a member may be shown of how their mailbox is reached: all but what opens it.
SHOWN = ("username", "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security")
#: What waits is counted up to this.
COUNTED = 1_000


def are_used(organization: Organization) -> bool:
    """Whether they are turned on, and the plan still has them."""
    return organization.own_mailboxes and may_be_used(organization)


def may_be_used(organization: Organization) -> bool:
    """Whether the plan has them."""
    return plans.allows(organization, "gmail")


def can_be_connected() -> bool:
    """Whether this server is set up for members to connect one, wherever it is."""
    return config().own_mailboxes


def mailbox_of(member: Member) -> Mailbox | None:
    """The member's own, whatever its state."""
    return Mailbox.objects.filter(member=member).first()


def by_which_sends(member: Member) -> Mailbox | None:
    """The one by which the member's mail goes, or waits while it is not connected; None where none is used."""
    return mailbox_of(member) if are_used(member.organization) else None


def most_a_minute(mailbox: Mailbox | None) -> int:
    """How many mails may leave by it in a minute, where its provider says so beforehand; else 0."""
    told = {Mailbox.Provider.GMAIL.value: config().gmail_mails_per_minute}
    return told.get(mailbox.provider, 0) if mailbox else 0


def servers_of(mailbox: Mailbox) -> Mapping[str, str]:
    """Where a mailbox that is no provider's own is, by the names of SHOWN, as its member entered it. Never a secret.
    Empty for others, and where it was forgotten or cannot be opened."""
    if mailbox.provider != Mailbox.Provider.IMAP:
        return {}
    try:
        kept = json.loads(mailbox.credentials.open() or "{}")
    except SealBroken:
        return {}
    return {name: kept[name] for name in SHOWN if name in kept}


def of_senders(members: Iterable[Member]) -> Mapping[int, int]:
    """By member, the mailbox by which their mail goes, or waits while it is not connected. Asks nothing where no
    organization of theirs uses any, else one query."""
    using = {member.pk for member in members if are_used(member.organization)}
    return dict(Mailbox.objects.filter(member__in=using).values_list("member", "pk")) if using else {}


def obstacle(member: Member, channels: Collection[str] = (CHANNEL,)) -> str:
    """Why the member cannot send by `channels` at present, and what to do; empty where they can. At most one query."""
    if CHANNEL not in channels or not are_used(member.organization):
        return ""
    return _obstacle(member, mailbox_of(member))


def _obstacle(member: Member, mailbox: Mailbox | None) -> str:
    if mailbox is not None and mailbox.state == State.CONNECTED:
        return ""
    if mailbox is not None and mailbox.attempt:
        return IS_CONNECTING
    if mailbox is not None and mailbox.state == State.RECONNECT:
        return CONNECT_AGAIN.format(reason=mailbox.reason).strip()
    return CONNECT_FIRST.format(organization=member.organization.name)


def of_writers(organization: Organization) -> QuerySet[Member]:
    """Those who are to connect one: the members with an account in use who write to people."""
    return Member.objects.filter(organization=organization, role__in=WRITERS, user__is_active=True)


def without(organization: Organization) -> QuerySet[Member]:
    """Those of them who have none that is connected."""
    return of_writers(organization).exclude(mailbox__state=State.CONNECTED)


def waiting_for(member: Member) -> int:
    """How many of the member's messages wait for the mailbox to be connected, counted up to COUNTED."""
    queued = Delivery.objects.waiting().filter(mailbox__member=member).values("pk")[:COUNTED].count()
    held = member.scheduled.filter(state=ScheduledMessage.State.HELD).values("pk")[:COUNTED].count()
    mailings = Mailing.objects.filter(sender=member, state=Mailing.State.SCHEDULED, awaits_mailbox=True)
    return queued + held + mailings.count()


def may_connect(member: Member) -> bool:
    """Whether there is a mailbox for the member to connect: read-only members write to nobody."""
    return member.role != Role.READ_ONLY and are_used(member.organization)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole installation. `states` counts mailboxes by connected, reconnect, failing (connected, and the last
    look broke off); `lag_seconds` is how long the longest waiting one should have been looked at: 0 when none is late.
    """

    states: Mapping[str, int]
    lag_seconds: float


def totals() -> Totals:
    """Without a word of whose they are."""
    now = clock.now()
    counted = Mailbox.objects.aggregate(
        connected=Count("pk", filter=Q(state=State.CONNECTED)),
        reconnect=Count("pk", filter=Q(state=State.RECONNECT)),
        failing=Count("pk", filter=Q(state=State.CONNECTED, failures__gt=0)),
        due=Min("due_at", filter=Q(state=State.CONNECTED)),
    )
    due = counted.pop("due")
    return Totals(counted, max(0.0, (now - due).total_seconds()) if due else 0.0)
