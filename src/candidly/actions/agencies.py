"""Bring external agencies in: add one, invite its people, end their access."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from candidly.actions import notices
from candidly.actions.accounts import check_free, check_password
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import Agency, AgencyInvitation, AgencyUser, Member, Notice, User, clock
from candidly.rules import invitation_links
from candidly.rules.agency_access import may_keep_agencies

NOT_YOURS = "Agencies are kept by recruiters and super admins: ask one of them."
LONGEST_NAME = 200


@transaction.atomic
def add(by: Member, name: str) -> Agency:
    """A new agency of the member's organization, with nobody in it yet. Raises Refused for a name that is in use."""
    _check_may_keep(by)
    name = _checked_name(name)
    agency = Agency(organization=by.organization, name=name)
    _named_once(agency, agency.save)
    note(by, "agency.added", f"agency {agency.pk}", name=name)
    return agency


@transaction.atomic
def rename(by: Member, agency: Agency, name: str) -> None:
    """Raises Refused for a name that is in use."""
    _check_may_keep(by)
    before, agency.name = agency.name, _checked_name(name)
    if agency.name != before:
        _named_once(agency, partial(agency.save, update_fields=["name"]))
        note(by, "agency.renamed", f"agency {agency.pk}", name=agency.name, before=before)


@transaction.atomic
def let_colleagues_see(by: Member, agency: Agency, *, allowed: bool) -> None:
    """Whether its users see the candidates of one another; their conversations they never see."""
    _check_may_keep(by)
    changed = Agency.objects.filter(pk=agency.pk, colleagues_see_each_other=not allowed)
    if changed.update(colleagues_see_each_other=allowed):
        note(by, f"agency.colleagues_{'on' if allowed else 'off'}", f"agency {agency.pk}", name=agency.name)
    agency.colleagues_see_each_other = allowed


@transaction.atomic
def close(by: Member, agency: Agency) -> None:
    """All its users are signed out at once, and its invitations end; candidates and conversations stay."""
    _check_may_keep(by)
    now = clock.now()
    if Agency.objects.filter(pk=agency.pk, closed_at=None).update(closed_at=now):
        _open(agency).update(withdrawn_at=now)
        note(by, "agency.closed", f"agency {agency.pk}", name=agency.name)


@transaction.atomic
def reopen(by: Member, agency: Agency) -> None:
    """Its users have access again, but for those whose own had ended."""
    _check_may_keep(by)
    if Agency.objects.filter(pk=agency.pk, closed_at__isnull=False).update(closed_at=None):
        note(by, "agency.reopened", f"agency {agency.pk}", name=agency.name)


@transaction.atomic
def invite(by: Member, agency: Agency, *, email: str, name: str) -> AgencyInvitation:
    """Send somebody the link by which they become a user of the agency: it works once, for some days.

    A link that was sent to the same address before ends. Raises Refused for an address that has an account or is
    none, and for an agency that is closed.
    """
    _check_may_keep(by)
    name = _checked_name(name)
    check_free(email)
    if not Agency.objects.select_for_update().filter(pk=agency.pk, closed_at=None).exists():
        raise Refused(f"{agency.name} has no access at present. Give it access again first.")
    now, token = clock.now(), invitation_links.new_token()
    _open(agency).filter(email__iexact=email).update(withdrawn_at=now)
    invitation = AgencyInvitation.objects.create(
        agency=agency,
        name=name,
        email=email,
        token_hash=invitation_links.hash_of(token),
        invited_by=by,
        expires_at=invitation_links.lasts_until(now),
    )
    _send(by, invitation, token)
    note(by, "agency.invited", f"agency {agency.pk}", name=name, agency=agency.name)
    return invitation


@transaction.atomic
def withdraw(by: Member, invitation: AgencyInvitation) -> None:
    """The link opens nothing any more. Raises Refused when it was used already."""
    _check_may_keep(by)
    if not _open(invitation.agency).filter(pk=invitation.pk).update(withdrawn_at=clock.now()):
        raise Refused(f"{invitation.name} has accepted already, or somebody has withdrawn the invitation.")
    agency = invitation.agency
    note(by, "agency.withdrawn", f"agency {agency.pk}", name=invitation.name, agency=agency.name)


@transaction.atomic
def accept(invitation: AgencyInvitation, *, name: str, password: str) -> AgencyUser:
    """The invited person becomes a user of the agency, and can sign in. Raises Refused when the link was used or
    withdrawn meanwhile, for an address that has got an account meanwhile, and for a password that is too easy."""
    name = _checked_name(name)
    check_password(password, User(email=invitation.email, name=name))
    now = clock.now()
    if not _open(invitation.agency).filter(pk=invitation.pk, expires_at__gt=now).update(used_at=now):
        raise Refused("This invitation has been used or withdrawn. Ask for a new one, or sign in.")
    check_free(invitation.email)
    user = User.objects.create_user(invitation.email, name, password)
    joined = AgencyUser.objects.create(
        user=user,
        agency=invitation.agency,
        invited_by=invitation.invited_by,
        time_zone=invitation.agency.organization.time_zone,
    )
    note(joined, "agency.joined", f"agency user {joined.pk}")
    return joined


@transaction.atomic
def update_profile(agency_user: AgencyUser, *, name: str, **settings: Any) -> None:
    """An agency user's own name and settings; `settings` are fields of AgencyUser. Raises Refused for no name."""
    agency_user.user.name = _checked_name(name)
    agency_user.user.save(update_fields=["name"])
    for setting, value in settings.items():
        setattr(agency_user, setting, value)
    agency_user.save(update_fields=[*settings])


@transaction.atomic
def deactivate(by: Member, agency_user: AgencyUser) -> None:
    """End their access: they are signed out at once. What they submitted and wrote stays."""
    _set_access(by, agency_user, is_active=False)


@transaction.atomic
def reactivate(by: Member, agency_user: AgencyUser) -> None:
    """Give them access again, with the password they had."""
    _set_access(by, agency_user, is_active=True)


def _set_access(by: Member, agency_user: AgencyUser, *, is_active: bool) -> None:
    _check_may_keep(by)
    if User.objects.filter(pk=agency_user.user_id, is_active=not is_active).update(is_active=is_active):
        verb = "reactivated" if is_active else "deactivated"
        agency = agency_user.agency
        note(by, f"agency.{verb}", f"agency user {agency_user.pk}", name=agency_user.name, agency=agency.name)


def _open(agency: Agency) -> QuerySet[AgencyInvitation]:
    return agency.invitations.filter(used_at=None, withdrawn_at=None)


def _send(by: Member, invitation: AgencyInvitation, token: str) -> None:
    organization = by.organization
    notices.enqueue(
        kind=Notice.Kind.ACCOUNT,
        to_address=invitation.email,
        subject=f"{by.name} invites you to work with {organization.name} on Candidly",
        text=INVITATION.format(
            by=by.name,
            agency=invitation.agency.name,
            organization=organization.name,
            link=invitation_links.address_of(token),
            days=invitation_links.DAYS,
            email=invitation.email,
        ),
        organization=organization,
    )


INVITATION = """\
{by} invites you, for {agency}, to submit candidates to {organization} and to talk with the team about them.

Choose your password here; the link works once, for {days} days:
{link}

Afterwards sign in with {email}. If the link has run out, ask {by} for another.
"""


def _check_may_keep(by: Member) -> None:
    if not may_keep_agencies(by):
        raise Refused(NOT_YOURS)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("Write a name.", field="name")
    return name[:LONGEST_NAME]


def _named_once(agency: Agency, save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        raise Refused(f"There is an agency called {agency.name} already.", field="name") from error
