"""Put addresses on the suppression list and take them off it, and keep what people said of it."""

import structlog
from django.db import transaction

from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import ConsentEvent, Member, Organization, Person, Purpose, Suppression
from candidly.rules import access
from candidly.rules.consent import comparable, suppressions_of

Source = ConsentEvent.Source
Cause = Suppression.Cause
log = structlog.get_logger()

#: What a person's own word lifts. A bounce says of the address, not of the person, that it takes nothing.
THEIR_OWN = (Cause.OPTED_OUT, Cause.COMPLAINT, Cause.BY_HAND)
HOW = {
    Source.TEXT: "Answered “{said}” by text message.",
    Source.PORTAL: "Said so in the portal.",
    Source.MAIL: "Said so by e-mail.",
    Source.UNSUBSCRIBE: "Unsubscribed by the link in a mail.",
}


@transaction.atomic
def opt_out(
    organization: Organization,
    channel: str,
    address: str,
    *,
    source: str,
    said: str = "",
    purpose: str = Purpose.ALL,
    person: Person | None = None,
) -> bool:
    """The person at `address` wants nothing more by `channel`, or no campaigns. False when that was known already.

    `said` is what they wrote or pressed.
    """
    _note(organization, channel, address, agreed=False, source=source, said=said, purpose=purpose, person=person)
    reason = HOW[Source(source)].format(said=said[:40])
    return suppress(organization, channel, address, cause=Cause.OPTED_OUT, reason=reason, purpose=purpose)


@transaction.atomic
def opt_in(
    organization: Organization,
    channel: str,
    address: str,
    *,
    source: str,
    said: str = "",
    purpose: str = Purpose.ALL,
    person: Person | None = None,
) -> bool:
    """The person at `address` agrees. Returns whether they were on the list, and are no longer."""
    _note(organization, channel, address, agreed=True, source=source, said=said, purpose=purpose, person=person)
    listed = suppressions_of(organization.pk, channel, address).filter(purpose=purpose, cause__in=THEIR_OWN)
    return bool(listed.delete()[0])


def suppress(
    organization: Organization, channel: str, address: str, *, cause: str, reason: str, purpose: str = Purpose.ALL
) -> bool:
    """Send nothing more to `address`, for `reason` in plain words; what is known already stays as it is, and is False.

    Nobody is asked: it is also for addresses that bounce, and complaints.
    """
    _, is_new = Suppression.objects.get_or_create(
        organization=organization,
        channel=channel,
        address=comparable(address)[:254],
        purpose=purpose,
        defaults={"cause": cause, "reason": reason[:300]},
    )
    return is_new


@transaction.atomic
def suppress_by_hand(member: Member, channel: str, address: str, reason: str) -> Suppression:
    """A member knows that somebody wants nothing. Raises Refused."""
    if not access.may_review(member):
        raise Refused("Only recruiters and super admins may change the suppression list.")
    why = reason.strip() or f"Entered by {member.name}."
    if not suppress(member.organization, channel, address, cause=Cause.BY_HAND, reason=why):
        raise Refused("This address is on the list already.", field="address")
    _note(member.organization, channel, address, agreed=False, source=Source.MEMBER, said=reason.strip(), member=member)
    listed = suppressions_of(member.organization_id, channel, address).get(purpose=Purpose.ALL)
    note(member, "suppression.added", f"suppression {listed.pk}", address=listed.address)
    return listed


@transaction.atomic
def release(member: Member, listed: Suppression) -> bool:
    """Take an address off the list, in the member's name; False when it is off already. Raises Refused."""
    if not access.may_review(member):
        raise Refused("Only recruiters and super admins may change the suppression list.")
    gone, _ = Suppression.objects.filter(pk=listed.pk).delete()
    if gone:
        _note(
            member.organization,
            listed.channel,
            listed.address,
            agreed=True,
            source=Source.MEMBER,
            said=f"Released: {listed.reason}",
            purpose=listed.purpose,
            member=member,
        )
        note(member, "suppression.released", f"suppression {listed.pk}", address=listed.address)
        log.info("suppression released", suppression=listed.pk, member=member.pk)
    return bool(gone)


def _note(
    organization: Organization,
    channel: str,
    address: str,
    *,
    agreed: bool,
    source: str,
    said: str,
    purpose: str = Purpose.ALL,
    person: Person | None = None,
    member: Member | None = None,
) -> None:
    """In the ledger, which only grows."""
    ConsentEvent.objects.create(
        organization=organization,
        person=person,
        channel=channel,
        address=comparable(address)[:254],
        purpose=purpose,
        agreed=agreed,
        source=source,
        said=said[:200],
        member=member,
    )
