"""Found an organization; invite its members, change what they may do, end their access."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from candidly.actions import digests, hand_off, mailboxes, notices
from candidly.actions.accounts import check_free, check_password
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import Member, Notice, Organization, Role, User

LONGEST_SLUG = 50
#: By which it is told whether it is too late to text somebody.
QUIET = {"quiet_from", "quiet_until", "time_zone"}


@transaction.atomic
def found(name: str, admin_name: str, email: str, password: str) -> Member:
    """A new organization and its first super admin.

    Raises Refused, with the field, for an address that is in use or is none, and for a password that is too easy.
    """
    check_free(email)
    check_password(password, User(email=email, name=admin_name))
    organization = Organization.objects.create(name=name, slug=_free_slug(name))
    user = User.objects.create_user(email, admin_name, password)
    return Member.objects.create(organization=organization, user=user, role=Role.SUPER_ADMIN)


@transaction.atomic
def invite(by: Member, email: str, name: str, role: Role, link_for: Callable[[User], str]) -> Member:
    """A new member without a password, and the mail with the link by which they choose one.

    `link_for` gives the address of the page where that account sets its password. Raises Refused for an address
    that is in use or is none.
    """
    check_free(email)
    user = User.objects.create_user(email, name)
    invited = Member.objects.create(organization=by.organization, user=user, role=role, time_zone=by.time_zone)
    notices.enqueue(
        kind=Notice.Kind.ACCOUNT,
        to_address=user.email,
        subject=f"{by.name} invites you to {by.organization.name} on Candidly",
        text=INVITATION.format(
            by=by.name,
            organization=by.organization.name,
            email=email,
            link=link_for(user),
        ),
        organization=by.organization,
        user=user,
    )
    note(by, "member.invited", f"member {invited.pk}", name=name, role=_in_words(Role(role)))
    return invited


INVITATION = """\
{by} has opened an account for you at {organization} on Candidly, where the team writes with candidates.

Choose your password here; the link works for three days:
{link}

Afterwards sign in with {email}. If the link has run out, use "Forgot password?" on the sign-in page.
"""


@transaction.atomic
def change_role(member: Member, role: Role, by: Member | None = None) -> None:
    """Raises Refused for the last super admin: somebody must be able to invite and to change roles."""
    if role != Role.SUPER_ADMIN:
        _check_not_last_admin(member)
    before, member.role = Role(member.role), role
    member.save(update_fields=["role"])
    if role == Role.READ_ONLY:
        mailboxes.give_up(member, mailboxes.NO_WRITER)
    if role != before:
        _note(by, "role_changed", member, role=_in_words(role), before=_in_words(before))


@transaction.atomic
def deactivate(member: Member, by: Member | None = None) -> None:
    """End the member's access at once; what they wrote stays. Raises Refused for the last super admin."""
    _check_not_last_admin(member)
    if User.objects.filter(pk=member.user_id, is_active=True).update(is_active=False):
        mailboxes.give_up(member, mailboxes.NO_ACCESS)
        _note(by, "deactivated", member)


@transaction.atomic
def reactivate(member: Member, by: Member | None = None) -> None:
    """Give the member access again, with the password they had."""
    if User.objects.filter(pk=member.user_id, is_active=False).update(is_active=True):
        _note(by, "reactivated", member)


@transaction.atomic
def change(organization: Organization, by: Member | None = None, **settings: Any) -> None:
    """Change its name and settings; `settings` are fields of Organization.

    The slug, and with it the general mail address, stays. Texts that waited for other quiet hours are looked at again.
    """
    changed = [setting for setting, value in settings.items() if getattr(organization, setting) != value]
    for setting in changed:
        setattr(organization, setting, settings[setting])
    organization.save(update_fields=changed)
    if changed:
        words = [setting.replace("_", " ") for setting in changed]
        note(by, "organization.changed", organization=organization, settings=words)
    if QUIET.intersection(changed):
        hand_off.look_again(organization)


def _note(by: Member | None, did: str, member: Member, **details: str) -> None:
    subject = f"member {member.pk}"
    note(by, f"member.{did}", subject, organization=member.organization, name=member.name, **details)


def _in_words(role: Role) -> str:
    return str(role.label).lower()


@transaction.atomic
def update_profile(member: Member, *, name: str, **settings: Any) -> None:
    """Change a member's own name and settings; `settings` are fields of Member."""
    member.user.name = name
    member.user.save(update_fields=["name"])
    alerts = settings.pop("alerts", member.alerts)
    for setting, value in settings.items():
        setattr(member, setting, value)
    member.save(update_fields=[*settings])
    digests.choose(member, alerts)  # whose hour follows the time zone


def _check_not_last_admin(member: Member) -> None:
    others = Member.objects.filter(organization=member.organization_id, role=Role.SUPER_ADMIN, user__is_active=True)
    if member.role == Role.SUPER_ADMIN and not others.exclude(pk=member.pk).select_for_update().exists():
        raise Refused(f"{member.name} is the only super admin. Make somebody else one first.")


def _free_slug(name: str) -> str:
    """The name in letters that a mail address can hold, with a number where another organization has it."""
    base = slugify(name)[:LONGEST_SLUG].strip("-") or "team"
    taken = set(Organization.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)
