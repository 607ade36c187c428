"""Who may see what of agencies: as `access` for members, and for agency users the only way to an object at all."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from candidly.models import (
    Agency,
    AgencyInvitation,
    AgencyMessage,
    AgencyReadMark,
    AgencyThread,
    AgencyUser,
    Application,
    Attachment,
    Member,
    Opening,
    Person,
    Role,
    User,
)
from candidly.rules import invitation_links
from candidly.rules.access import BULK_WRITERS, applications_for, candidates_for


def may_keep_agencies(member: Member) -> bool:
    """Whether the member may add agencies, and invite their people."""
    return member.role in BULK_WRITERS


def agencies_for(member: Member) -> QuerySet[Agency]:
    """All of the organization, closed ones too, for recruiters and super admins."""
    if not may_keep_agencies(member):
        return Agency.objects.none()
    return Agency.objects.filter(organization=member.organization_id)


def agency_users_for(member: Member) -> QuerySet[AgencyUser]:
    """Everybody of those agencies, with or without access."""
    return AgencyUser.objects.filter(agency__in=agencies_for(member))


def invitations_for(member: Member) -> QuerySet[AgencyInvitation]:
    """Those that nobody has used or withdrawn; some may have expired."""
    return AgencyInvitation.objects.filter(agency__in=agencies_for(member), used_at=None, withdrawn_at=None)


def invitation(token: str) -> AgencyInvitation | None:
    """The invitation of this token, if it can still be accepted."""
    still_good = AgencyInvitation.objects.filter(
        used_at=None, withdrawn_at=None, expires_at__gt=timezone.now(), agency__closed_at=None
    )
    return still_good.filter(token_hash=invitation_links.hash_of(token)).select_related("agency__organization").first()


def active_agency_users() -> QuerySet[AgencyUser]:
    """Those who may sign in."""
    return AgencyUser.objects.filter(user__is_active=True, agency__closed_at=None)


def agency_user_of(user_pk: int) -> AgencyUser | None:
    """Who this account is, if it is an agency user with access."""
    return active_agency_users().select_related("user", "agency__organization").filter(user=user_pk).first()


# ── What an agency user sees


def submitted_by(agency_user: AgencyUser) -> QuerySet[Application]:
    """What the agency user submitted; also what their colleagues did, where these may see each other's."""
    if agency_user.agency.colleagues_see_each_other:
        return Application.objects.filter(submitted_by__agency=agency_user.agency_id)
    return Application.objects.filter(submitted_by=agency_user)


def candidates_of(agency_user: AgencyUser) -> QuerySet[Person]:
    """The people of those applications."""
    return Person.objects.filter(pk__in=submitted_by(agency_user).values("person"))


def openings_of(agency_user: AgencyUser) -> QuerySet[Opening]:
    """Those for which candidates can be submitted."""
    return Opening.objects.filter(organization=agency_user.agency.organization_id, is_open=True)


def agency_threads_of(agency_user: AgencyUser) -> QuerySet[AgencyThread]:
    """The agency user's own, never a colleague's, about candidates whom they see."""
    return AgencyThread.objects.filter(agency_user=agency_user, person__in=candidates_of(agency_user))


def agency_messages_of(agency_user: AgencyUser) -> QuerySet[AgencyMessage]:
    return AgencyMessage.objects.filter(thread__in=agency_threads_of(agency_user))


def agency_files_of(agency_user: AgencyUser) -> QuerySet[Attachment]:
    """What came with those applications, and with messages of their own threads."""
    return Attachment.objects.filter(
        Q(application__in=submitted_by(agency_user)) | Q(agency_message__in=agency_messages_of(agency_user))
    )


# ── What a member sees


def agency_threads_for(member: Member) -> QuerySet[AgencyThread]:
    """Threads about candidates whom the member may see: those for all of these members, and their own private ones.

    A super admin is no exception.
    """
    audible = Q(private_with=None) | Q(private_with=member)
    return AgencyThread.objects.filter(audible, person__in=candidates_for(member))


def agency_messages_for(member: Member) -> QuerySet[AgencyMessage]:
    return AgencyMessage.objects.filter(thread__in=agency_threads_for(member))


def agency_files_for(member: Member) -> QuerySet[Attachment]:
    """What came with applications that the member may see, and with messages that they may read."""
    return Attachment.objects.filter(
        Q(application__in=applications_for(member)) | Q(agency_message__in=agency_messages_for(member))
    )


# ── The same, asked the other way round


def agency_users_of(person: Person) -> QuerySet[AgencyUser]:
    """The agency users with access who see this candidate: `candidates_of`, asked the other way round."""
    submitted = Application.objects.filter(person=person, submitted_by__isnull=False)
    sees = Q(pk__in=submitted.values("submitted_by")) | Q(
        agency__colleagues_see_each_other=True, agency__in=submitted.values("submitted_by__agency")
    )
    return active_agency_users().filter(sees)


def members_seeing(person: Person) -> QuerySet[Member]:
    """The members with an account in use who see this candidate: `candidates_for`, asked the other way round."""
    sees = ~Q(role=Role.HIRING_MANAGER) | Q(
        pk__in=Member.objects.filter(openings__applications__person=person).values("pk")
    )
    return Member.objects.filter(sees, organization=person.organization_id, user__is_active=True)


# ── What is new


def unread_for(user: User, threads: QuerySet[AgencyThread]) -> QuerySet[AgencyThread]:
    """Those of the threads in which the other side said something that this reader has not seen.

    What lies before the mark is not looked at, so that a long talk that was read costs no more than a short one.
    """
    mark = AgencyReadMark.objects.filter(thread=OuterRef("pk"), user=user).values("read_up_to")
    since = news_for(user).filter(thread=OuterRef("pk"), pk__gt=OuterRef("read_up_to"))
    return threads.alias(read_up_to=Coalesce(Subquery(mark), 0)).filter(Exists(since))


def news_for(user: User) -> QuerySet[AgencyMessage]:
    """Of all messages, those that are news to this reader if they may read them: of the other side, not seen yet."""
    seen = AgencyReadMark.objects.filter(thread=OuterRef("thread"), user=user, read_up_to__gte=OuterRef("pk"))
    is_agencys = Q(thread__agency_user__user=user)
    other_side = Q(is_agencys, from_agency=False) | Q(~is_agencys, from_agency=True)
    return AgencyMessage.objects.filter(other_side, ~Exists(seen), deleted_at=None)
