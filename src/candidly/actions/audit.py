"""Keep who did what: a line for each act, in the transaction of the act itself."""

from typing import Any

from candidly.models import AgencyUser, AuditEvent, Member, Organization


def note(
    by: Member | AgencyUser | None,
    verb: str,
    subject: str = "",
    *,
    organization: Organization | None = None,
    **details: Any,
) -> None:
    """`by` did `verb` ("mailing.paused") to `subject` ("mailing 12"); None is Candidly itself, in `organization`.

    `details` are what the sentence in `rules.audit` names: numbers, names of things. Never a body or a token, and an
    address only where it is what was changed.
    """
    place = by.organization_id if by else organization.pk if organization else None
    if place is None:
        raise ValueError("an act of nobody needs its organization")
    AuditEvent.objects.create(
        organization_id=place,
        member=by if isinstance(by, Member) else None,
        member_name=_called(by)[:200],
        verb=verb[:60],
        subject=subject[:80],
        details=details,
    )


def _called(by: Member | AgencyUser | None) -> str:
    """An agency user with their agency: the log is read by members."""
    if isinstance(by, AgencyUser):
        return f"{by.name}, {by.agency}"
    return by.name if by else ""
