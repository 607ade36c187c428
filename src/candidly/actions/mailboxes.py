"""Members' own mailboxes: turned on for an organization; connected, lost and given up by each member."""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from candidly.actions import live, notices
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.config import config
from candidly.mail.addresses import normalise
from candidly.models import Delivery, Mailbox, Mailing, Member, Notice, Organization, ScheduledMessage, Sealed, clock
from candidly.rules import own_mailboxes
from candidly.rules.access import may_administer

State = Mailbox.State

NOT_YOURS = "Only a super admin may change how the organization sends its mail. Ask one of yours."
NOT_IN_PLAN = "Your plan does not have sending from one's own mailbox. Whoever runs the server can change it."
NOT_ON = "Your organization does not send from its members' own mailboxes."
TURNED_OFF = "Sending from one's own mailbox was turned off for the organization."
WAITS = "Waits until the sender’s mailbox is connected."
#: A mailbox that was connected so lately has not been lost by what was tried before.
JUST_CONNECTED = timedelta(minutes=1)
#: A colleague is reminded once in so long.
REMIND_AGAIN = timedelta(hours=1)


@transaction.atomic
def turn_on(by: Member) -> bool:
    """From now on members write by their own mailboxes alone. False when that is so already. Raises Refused."""
    _check_admin(by)
    if not own_mailboxes.may_be_used(by.organization):
        raise Refused(NOT_IN_PLAN)
    changed = Organization.objects.filter(pk=by.organization_id, own_mailboxes=False).update(
        own_mailboxes=True, own_mailboxes_at=clock.now(), own_mailboxes_by=by
    )
    if changed:
        _ask_all(by)
        note(by, "mailbox.turned_on")
        tell_organization(by.organization_id)
    return bool(changed)


def _ask_all(by: Member) -> None:
    """A mailbox for everybody, by which their mail waits until it is connected; and a mail that says so."""
    writers = own_mailboxes.of_writers(by.organization).select_related("user", "organization")
    rows = [Mailbox(organization_id=by.organization_id, member=member) for member in writers]
    Mailbox.objects.bulk_create(rows, ignore_conflicts=True)
    for member in writers:
        _write(member, "Connect your e-mail account", ASKED.format(by=by.name, organization=by.organization.name))


ASKED = (
    "{by} has turned on that {organization} sends mail to candidates from each member’s own mailbox. Connect yours: "
    "until then you can write to nobody by e-mail. What you have scheduled waits, and goes when you have connected it."
)


@transaction.atomic
def turn_off(by: Member) -> bool:
    """Mail leaves as the organization's again, with what waits for a mailbox; every connection ends. Raises Refused."""
    _check_admin(by)
    changed = Organization.objects.filter(pk=by.organization_id, own_mailboxes=True).update(
        own_mailboxes=False, own_mailboxes_at=None, own_mailboxes_by=None
    )
    if not changed:
        return False
    ours = Mailbox.objects.filter(organization=by.organization_id)
    _end(ours, TURNED_OFF)
    Delivery.objects.waiting().filter(mailbox__in=ours).update(mailbox=None, due_at=clock.now(), reason="")
    _release_held(ScheduledMessage.objects.filter(organization=by.organization_id))
    Mailing.objects.filter(organization=by.organization_id, awaits_mailbox=True).update(awaits_mailbox=False)
    note(by, "mailbox.turned_off")
    tell_organization(by.organization_id)
    return True


@transaction.atomic
def rename_label(by: Member, name: str) -> None:
    """By what label threads are brought in from now on; those that were stay. Raises Refused."""
    _check_admin(by)
    name = " ".join(name.split())
    if not name:
        raise Refused("Write a name for the label.", field="mailbox_label")
    if not Organization.objects.filter(pk=by.organization_id).exclude(mailbox_label=name).update(mailbox_label=name):
        return
    ours = Mailbox.objects.filter(organization=by.organization_id)
    ours.update(label_id="", label_name="")
    ours.filter(state=State.CONNECTED).update(due_at=clock.now())
    note(by, "mailbox.label", name=name)


def _check_admin(by: Member) -> None:
    if not may_administer(by):
        raise Refused(NOT_YOURS)


@transaction.atomic
def remind(by: Member) -> int:
    """A mail to each who has none connected, but not within an hour of the last. Returns how many. Raises Refused."""
    _check_admin(by)
    lately = Notice.objects.filter(
        kind=Notice.Kind.MAILBOX, organization=by.organization, created_at__gte=clock.now() - REMIND_AGAIN
    )
    wanted = own_mailboxes.without(by.organization).exclude(user__in=lately.values("user"))
    members = list(wanted.select_related("user", "organization").order_by("pk"))
    for member in members:
        _write(member, "Connect your e-mail account", REMINDER.format(by=by.name, organization=by.organization.name))
    if members:
        note(by, "mailbox.reminded", total=len(members))
    return len(members)


REMINDER = (
    "{by} reminds you: {organization} sends mail to candidates from each member’s own mailbox, and yours is not "
    "connected. Until it is, you can write to nobody by e-mail."
)


@transaction.atomic
def begin(member: Member, provider: str, attempt: Mapping[str, str]) -> Mailbox:
    """Let a worker connect the member's mailbox with what is in `attempt`, which its provider's channel understands.
    What is connected stays so until it has worked. Raises Refused."""
    if not own_mailboxes.may_connect(member):
        raise Refused(NOT_ON)
    mailbox, _ = Mailbox.objects.get_or_create(member=member, defaults={"organization_id": member.organization_id})
    asked = {"provider": provider, **attempt}
    Mailbox.objects.filter(pk=mailbox.pk).update(attempt=Sealed.of(json.dumps(asked)), refusal="", due_at=clock.now())
    tell(mailbox)
    mailbox.refresh_from_db()
    return mailbox


@transaction.atomic
def connect(
    mailbox: Mailbox, provider: str, address: str, credentials: Mapping[str, str], aliases: Collection[str] = ()
) -> bool:
    """An attempt has led to this mailbox: it is the member's from now on, and what waited for it goes.

    False when it is another one than the member signs in with, or when they have begun anew meanwhile.
    """
    member = mailbox.member
    if normalise(address) != normalise(member.email):
        refuse(
            mailbox,
            f"You chose {address}. Use {member.email}, the address you sign in with: candidates are to know you by it.",
        )
        return False
    now = clock.now()
    was_another = (mailbox.provider, mailbox.address) != (provider, normalise(address))
    begun = Mailbox.objects.filter(pk=mailbox.pk, attempt=mailbox.attempt)
    done = begun.update(
        provider=provider,
        address=normalise(address),
        aliases=" ".join(sorted(map(normalise, aliases))),
        credentials=Sealed.of(json.dumps(dict(credentials))),
        attempt=Sealed(),
        state=State.CONNECTED,
        since=now,
        reason="",
        refusal="",
        error="",
        failures=0,
        **({"cursor": "", "label_id": "", "first_total": None, "first_done": 0} if was_another else {}),
        due_at=now,
        rests_until=None,
    )
    if done:
        _release(mailbox)
        note(member, "mailbox.connected", address=normalise(address))
        tell(mailbox)
    return bool(done)


@transaction.atomic
def refuse(mailbox: Mailbox, sentence: str) -> None:
    """The attempt came to nothing, and the member is told why. What was connected stays so."""
    begun = Mailbox.objects.filter(pk=mailbox.pk, attempt=mailbox.attempt)
    if begun.update(attempt=Sealed(), refusal=sentence[:500]):
        tell(mailbox)


@transaction.atomic
def disconnect(member: Member) -> bool:
    """Give the mailbox up: a worker withdraws our access there, and what opened it is forgotten. What waits for it
    stays. False when there was none."""
    mine = Mailbox.objects.filter(member=member).exclude(state=State.DISCONNECTED)
    mailbox = mine.first()
    if mailbox is None or not _end(mine, ""):
        return False
    note(member, "mailbox.disconnected", address=mailbox.address)
    tell(mailbox)
    return True


def _end(mailboxes: QuerySet[Mailbox], reason: str) -> int:
    """Nothing opens them any more, but for a worker that withdraws our access."""
    now = clock.now()
    _say_that_it_waits(mailboxes)
    mailboxes.exclude(credentials=Sealed()).update(discarded=F("credentials"), credentials=Sealed())
    return mailboxes.update(
        state=State.DISCONNECTED,
        since=now,
        reason=reason,
        attempt=Sealed(),
        refusal="",
        due_at=now,
    )


def _say_that_it_waits(mailboxes: QuerySet[Mailbox]) -> None:
    Delivery.objects.waiting().filter(mailbox__in=mailboxes).update(reason=WAITS)


@transaction.atomic
def lose(key: int, reason: str) -> bool:
    """The mailbox of this key does not let us in any more: it rests, and its member is told, once."""
    now = clock.now()
    lost = Mailbox.objects.filter(pk=key, state=State.CONNECTED, since__lte=now - JUST_CONNECTED)
    if not lost.update(state=State.RECONNECT, since=now, reason=reason[:500], due_at=None):
        return False
    _say_that_it_waits(Mailbox.objects.filter(pk=key))
    mailbox = Mailbox.objects.select_related("member__user", "organization").get(pk=key)
    _write(mailbox.member, "Connect your e-mail account again", LOST.format(address=mailbox.address, reason=reason))
    note(None, "mailbox.lost", organization=mailbox.organization, address=mailbox.address)
    tell(mailbox)
    return True


LOST = (
    "Candidly can no longer use your mailbox {address}. {reason}\n\nUntil you connect it again no mail of yours goes "
    "to candidates, and their answers do not come in. What you have sent meanwhile waits, and goes when you have."
)


def _write(member: Member, subject: str, text: str) -> None:
    notices.enqueue(
        kind=Notice.Kind.MAILBOX,
        organization=member.organization,
        user=member.user,
        to_address=member.email,
        subject=subject,
        text=f"{text}\n\nConnect it here: {connect_url()}",
    )


def connect_url() -> str:
    """The page on which a member connects their mailbox."""
    return f"{config().base_url}/settings/mailbox/"


@transaction.atomic
def look_now(member: Member) -> bool:
    """Look at everything again, and at once; False when the mailbox is not connected."""
    mine = Mailbox.objects.filter(member=member, state=State.CONNECTED)
    changed = mine.update(due_at=clock.now(), cursor="", failures=0)
    for mailbox in mine:
        tell(mailbox)
    return bool(changed)


def nudge(provider: str, address: str) -> bool:
    """The provider says that something changed in this mailbox: it is looked at now. False where none is known."""
    news = Mailbox.objects.filter(provider=provider, address=normalise(address), state=State.CONNECTED)
    return bool(news.update(due_at=clock.now()))


def _release(mailbox: Mailbox) -> None:
    """What waited for the mailbox goes."""
    Delivery.objects.waiting().filter(mailbox=mailbox).update(due_at=clock.now(), reason="")
    _release_held(ScheduledMessage.objects.filter(member=mailbox.member_id))
    Mailing.objects.filter(sender=mailbox.member_id, awaits_mailbox=True).update(awaits_mailbox=False)


def _release_held(scheduled: QuerySet[ScheduledMessage]) -> None:
    held = scheduled.filter(state=ScheduledMessage.State.HELD)
    for conversation, member in held.values_list("conversation", "member"):
        if conversation:
            live.publish(f"conversation:{conversation}", "conversation")
        live.publish(f"member:{member}", "inbox")
    held.update(state=ScheduledMessage.State.WAITING, reason="")


def tell(mailbox: Mailbox) -> None:
    """To its member's pages, and to those of who looks at all of them."""
    live.publish(f"member:{mailbox.member_id}", "mailbox")
    tell_organization(mailbox.organization_id)


def tell_organization(organization: int) -> None:
    live.publish(f"mailboxes:{organization}", "mailboxes")
