"""Keep who did what: a line for each act, in the transaction of the act itself."""

from typing import Any

from candidly.models import AuditEvent, Member, Organization


def note(
    member: Member | None, verb: str, subject: str = "", *, organization: Organization | None = None, **details: Any
) -> None:
    """`member` did `verb` ("mailing.paused") to `subject` ("mailing 12"); None is Candidly itself, in `organization`.

    `details` are what the sentence in `rules.audit` names: numbers, names of things. Never a body or a token, and an
    address only where it is what was changed.
    """
    place = member.organization_id if member else organization.pk if organization else None
    if place is None:
        raise ValueError("an act without a member needs its organization")
    AuditEvent.objects.create(
        organization_id=place,
        member=member,
        member_name=member.name[:200] if member else "",
        verb=verb[:60],
        subject=subject[:80],
        details=details,
    )
