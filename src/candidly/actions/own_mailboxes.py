"""Whether an organization's members write by their own mailboxes: turned on and off, with what that means for them."""

from datetime import timedelta

from django.db import transaction

from candidly.actions import mailboxes
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import Delivery, Mailbox, Mailing, Member, Notice, Organization, ScheduledMessage, clock
from candidly.rules import own_mailboxes
from candidly.rules.access import may_administer

State = Mailbox.State

NOT_YOURS = "Only a super admin may change how the organization sends its mail. Ask one of yours."
NOT_IN_PLAN = "Your plan does not have sending from one's own mailbox. Whoever runs the server can change it."
NOT_SET_UP = (
    "This server is not set up for members’ own mailboxes, so nobody could connect one. Ask whoever runs it to set it "
    "up, then turn this on."
)
TURNED_OFF = "Sending from one's own mailbox was turned off for the organization."
#: A colleague is reminded once in so long.
REMIND_AGAIN = timedelta(hours=1)


@transaction.atomic
def turn_on(by: Member) -> bool:
    """From now on members write by their own mailboxes alone. False when that is so already. Raises Refused."""
    _check_admin(by)
    if not own_mailboxes.may_be_used(by.organization):
        raise Refused(NOT_IN_PLAN)
    if not own_mailboxes.can_be_connected():
        raise Refused(NOT_SET_UP)
    changed = Organization.objects.filter(pk=by.organization_id, own_mailboxes=False).update(
        own_mailboxes=True, own_mailboxes_at=clock.now(), own_mailboxes_by=by
    )
    if changed:
        _ask_all(by)
        note(by, "mailbox.turned_on")
        mailboxes.tell_organization(by.organization_id)
    return bool(changed)


def _ask_all(by: Member) -> None:
    """A mailbox for everybody, by which their mail waits until it is connected; and a mail that says so."""
    writers = own_mailboxes.of_writers(by.organization).select_related("user", "organization")
    rows = [Mailbox(organization_id=by.organization_id, member=member) for member in writers]
    Mailbox.objects.bulk_create(rows, ignore_conflicts=True)
    for member in writers:
        mailboxes.write(
            member, "Connect your e-mail account", ASKED.format(by=by.name, organization=by.organization.name)
        )


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
    mailboxes.end(ours, TURNED_OFF)
    Delivery.objects.waiting().filter(mailbox__in=ours).update(mailbox=None, due_at=clock.now(), reason="")
    mailboxes.release_held(ScheduledMessage.objects.filter(organization=by.organization_id))
    Mailing.objects.filter(organization=by.organization_id, awaits_mailbox=True).update(awaits_mailbox=False)
    note(by, "mailbox.turned_off")
    mailboxes.tell_organization(by.organization_id)
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
        mailboxes.write(
            member, "Connect your e-mail account", REMINDER.format(by=by.name, organization=by.organization.name)
        )
    if members:
        note(by, "mailbox.reminded", total=len(members))
    return len(members)


REMINDER = (
    "{by} reminds you: {organization} sends mail to candidates from each member’s own mailbox, and yours is not "
    "connected. Until it is, you can write to nobody by e-mail."
)
