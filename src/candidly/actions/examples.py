"""An example of a mailing to any address: as one recipient would get it, marked, and counted nowhere."""

from dataclasses import dataclass
from datetime import timedelta
from html import escape

from django.db import transaction

from candidly.actions import live, notices
from candidly.actions.errors import Refused
from candidly.mail import addresses
from candidly.models import Campaign, Member, Notice, clock
from candidly.rules.access import may_write

MARK = "[Example]"
#: How many a member may send in an hour.
MOST = 30


@dataclass(frozen=True, slots=True)
class Example:
    """The mail as `name` would get it; `html` is empty for plain text."""

    name: str
    subject: str
    text: str
    html: str = ""


@transaction.atomic
def send(member: Member, to_address: str, example: Example, campaign: Campaign | None = None) -> Notice:
    """It is no conversation, and whatever is answered comes to the member's own mailbox. Raises Refused."""
    _check(member, to_address)
    said = f"This is an example of what {example.name} would get. It was sent by {member.name} and counts nowhere."
    notice = notices.enqueue(
        kind=Notice.Kind.EXAMPLE,
        to_address=to_address,
        subject=f"{MARK} {example.subject}"[:998],
        text=f"{said}\n\n{example.text}",
        html=f"<p><b>{escape(said)}</b></p>\n{example.html}" if example.html else "",
        organization=member.organization,
        user=member.user,
        reply_to=member.email,
        from_name=member.name,
    )
    if campaign:
        Campaign.objects.filter(pk=campaign.pk).update(example_sent_at=clock.now())
        live.publish(f"campaign:{campaign.pk}", "campaign")
    return notice


def _check(member: Member, to_address: str) -> None:
    if not may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to write to candidates.")
    if problem := addresses.problem(to_address):
        raise Refused(problem, field="example_to")
    since = clock.now() - timedelta(hours=1)
    sent = Notice.objects.filter(user=member.user, kind=Notice.Kind.EXAMPLE, created_at__gte=since)
    if sent.values("pk")[:MOST].count() >= MOST:
        raise Refused(f"That was {MOST} examples within an hour. Wait a while, then send the next.")
