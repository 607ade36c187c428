"""Who may see and do what. The only way from a request to an object is a queryset of this module, or, where external
agencies come in, of `agency_access`."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from candidly.models import (
    Application,
    Attachment,
    AuditEvent,
    Campaign,
    CampaignIntake,
    CampaignMember,
    Conversation,
    Delivery,
    InboundMail,
    KeptDraft,
    Mailing,
    Member,
    Message,
    Opening,
    Participation,
    PeopleImport,
    Person,
    Place,
    PortalLink,
    Reminder,
    Role,
    ScheduledMessage,
    Suppression,
    Template,
)
from candidly.models.deliveries import DeliveryQuerySet
from candidly.models.literals import Literal
from candidly.rules import portal_links

#: A message whose delivery has come this far has left: its person may read it.
LEFT = (
    *(Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ),
    *(Delivery.State.BOUNCED, Delivery.State.UNCONFIRMED),
)

WRITERS = (Role.SUPER_ADMIN, Role.RECRUITER, Role.HIRING_MANAGER)
BULK_WRITERS = (Role.SUPER_ADMIN, Role.RECRUITER)


def may_write(member: Member) -> bool:
    """Whether the member may write to people and change things; a read-only member may not."""
    return member.role in WRITERS


def may_review(member: Member) -> bool:
    """Whether the member may open the review tray, whose mail may be anybody's."""
    return member.role in BULK_WRITERS


def may_keep_contacts(member: Member) -> bool:
    """Whether the member may add contacts at client companies, and take in lists of people."""
    return member.role in BULK_WRITERS


def may_keep_openings(member: Member) -> bool:
    """Whether the member may add openings, and choose who is on their hiring teams."""
    return member.role in BULK_WRITERS


def may_add(member: Member, kind: str) -> bool:
    """Whether the member may add people of this kind."""
    return may_keep_contacts(member) if kind == Person.Kind.CONTACT else may_write(member)


def may_administer(member: Member) -> bool:
    """Whether the member may change the organization, its members and their roles."""
    return member.role == Role.SUPER_ADMIN


def sees_own_only(member: Member) -> bool:
    """Whether openings, those who applied and mailings are shown to them only where they are theirs."""
    return member.role == Role.HIRING_MANAGER


def members_for(member: Member) -> QuerySet[Member]:
    """Everybody of the member's organization."""
    return Member.objects.filter(organization=member.organization_id)


def openings_for(member: Member) -> QuerySet[Opening]:
    openings = Opening.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        return openings.filter(team=member)
    return openings


def open_openings_for(member: Member) -> QuerySet[Opening]:
    """Those that a candidate can be entered for, as a choice lists them."""
    return openings_for(member).filter(is_open=True).order_by("title", "location")


def applications_for(member: Member) -> QuerySet[Application]:
    applications = Application.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        return applications.filter(opening__in=openings_for(member))
    return applications


def all_applications_of(member: Member, person: Person) -> QuerySet[Application]:
    """All that the person ever applied for, at any opening and with any colleague, for whoever may see the person."""
    return Application.objects.filter(person__in=people_for(member).filter(pk=person.pk))


def people_for(member: Member) -> QuerySet[Person]:
    """Candidates and contacts; a hiring manager's are those who applied to an opening of their own."""
    people = Person.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        return people.filter(pk__in=applications_for(member).values("person"))
    return people


def candidates_for(member: Member) -> QuerySet[Person]:
    return people_for(member).filter(kind=Person.Kind.CANDIDATE)


def contacts_for(member: Member) -> QuerySet[Person]:
    """Who speaks for a client company. A hiring manager, whose people are those who applied, has none."""
    return people_for(member).filter(kind=Person.Kind.CONTACT)


def conversations_for(member: Member) -> QuerySet[Conversation]:
    """Those they may read. A hiring manager's are all with a person who applied to an opening of theirs, whoever led
    them, and those they take part in."""
    conversations = Conversation.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        applied = applications_for(member).filter(person=OuterRef("person"))
        return conversations.filter(Exists(applied) | _taken_part_in(member))
    return conversations


def answerable_for(member: Member) -> QuerySet[Conversation]:
    """Those they may write in. A hiring manager's are those about an application to their openings, and those they
    take part in: earlier ones elsewhere are theirs to read only."""
    if not may_write(member):
        return Conversation.objects.none()
    conversations = Conversation.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        about_their_openings = applications_for(member).filter(pk=OuterRef("application"))
        return conversations.filter(Exists(about_their_openings) | _taken_part_in(member))
    return conversations


def may_answer(member: Member, conversation: Conversation) -> bool:
    """`answerable_for`, asked of one that they may read: for most roles it is the same."""
    if sees_own_only(member):
        return answerable_for(member).filter(pk=conversation.pk).exists()
    return may_write(member)


def readers_of(conversation: Conversation) -> QuerySet[Member]:
    """The members with an account in use who may read it: `conversations_for`, asked the other way round."""
    reads = (
        ~Q(role=Role.HIRING_MANAGER)
        | Q(pk__in=Member.objects.filter(openings__applications__person=conversation.person_id).values("pk"))
        | Q(pk__in=conversation.participations.values("member"))
    )
    return Member.objects.filter(reads, organization=conversation.organization_id, user__is_active=True)


def leaders_of(conversation: Conversation) -> QuerySet[Member]:
    """Those who may be asked to lead it."""
    return readers_of(conversation).filter(role__in=WRITERS)


def _taken_part_in(member: Member) -> Exists:
    """Asked of each conversation; as a list of them it would be put together anew, all of it, to look at one."""
    return Exists(member.participations.filter(conversation=OuterRef("pk")))


def participations_for(member: Member) -> QuerySet[Participation]:
    """The member's inbox and archive."""
    return member.participations.all()


def drafts_for(member: Member) -> QuerySet[KeptDraft]:
    """What the member has begun to write; nobody else's."""
    return member.drafts.all()


def scheduled_for(member: Member) -> QuerySet[ScheduledMessage]:
    """What waits for its time: the member's own, and that of others in conversations they may write in."""
    waiting = ScheduledMessage.objects.filter(organization=member.organization_id)
    if member.role in BULK_WRITERS:
        return waiting.filter(Q(member=member) | Q(conversation__isnull=False))
    return waiting.filter(Q(member=member) | Q(conversation__in=answerable_for(member)))


def reminders_for(member: Member) -> QuerySet[Reminder]:
    """The member's own."""
    return member.reminders.all()


def suppressions_for(member: Member) -> QuerySet[Suppression]:
    """For recruiters and super admins."""
    if not may_review(member):
        return Suppression.objects.none()
    return Suppression.objects.filter(organization=member.organization_id)


def messages_for(member: Member) -> QuerySet[Message]:
    return Message.objects.filter(conversation__in=conversations_for(member))


def imports_for(member: Member) -> QuerySet[PeopleImport]:
    """Lists of people that came in as a file, whoever brought them, for recruiters and super admins."""
    if not may_keep_contacts(member):
        return PeopleImport.objects.none()
    return PeopleImport.objects.filter(organization=member.organization_id)


def campaigns_for(member: Member) -> QuerySet[Campaign]:
    """Everybody of the organization sees every campaign, from the moment that it is there."""
    return Campaign.objects.filter(organization=member.organization_id)


def campaign_members_for(member: Member) -> QuerySet[CampaignMember]:
    """Who is in a campaign, without those who were removed; for a hiring manager those among their own people."""
    members = CampaignMember.objects.filter(campaign__organization=member.organization_id, removed_at=None)
    if sees_own_only(member):
        return members.filter(person__in=people_for(member))
    return members


def removed_campaign_members_for(member: Member) -> QuerySet[CampaignMember]:
    """Those who can be taken back into a campaign."""
    return CampaignMember.objects.filter(campaign__in=campaigns_for(member), person__in=people_for(member)).exclude(
        removed_at=None
    )


def intakes_for(member: Member) -> QuerySet[CampaignIntake]:
    """What is on its way into a campaign."""
    return CampaignIntake.objects.filter(campaign__in=campaigns_for(member))


def mailings_for(member: Member) -> QuerySet[Mailing]:
    """Super admins, recruiters and readers see every mailing; a hiring manager those they sent."""
    mailings = Mailing.objects.filter(organization=member.organization_id)
    if sees_own_only(member):
        return mailings.filter(sender=member)
    return mailings


def deliveries_for(member: Member) -> DeliveryQuerySet:
    """The outbox, for super admins alone. Account mail belongs to no organization, and so to nobody here."""
    if not may_administer(member):
        return Delivery.objects.none()
    return Delivery.objects.filter(organization=member.organization_id)


def audit_for(member: Member) -> QuerySet[AuditEvent]:
    """Who did what, for super admins alone."""
    if not may_administer(member):
        return AuditEvent.objects.none()
    return AuditEvent.objects.filter(organization=member.organization_id)


def templates_for(member: Member) -> QuerySet[Template]:
    """Shared ones and the member's own."""
    return all_templates_for(member).filter(deleted_at=None)


def all_templates_for(member: Member) -> QuerySet[Template]:
    """The same, with those that were deleted and can still be brought back."""
    return Template.objects.filter(Q(is_shared=True) | Q(owner=member), organization=member.organization_id)


def templates_offered(member: Member, place: Place) -> QuerySet[Template]:
    """Those that are ticked for this place, and no others, by name."""
    return templates_for(member).filter(**{place.value: True}).order_by("name", "pk")


def attachments_for(member: Member) -> QuerySet[Attachment]:
    """Files of messages, mailings and templates that the member may see, and those they uploaded and have not sent
    yet."""
    return Attachment.objects.filter(
        Q(message__in=messages_for(member))
        | Q(mailing__in=mailings_for(member))
        | Q(template__in=templates_for(member))
        | Q(mailing__conversations__in=conversations_for(member))
        | Q(uploaded_by=member, message=None, mailing=None, template=None, agency_message=None)
        | Q(scheduled__conversation__in=conversations_for(member)),
        organization=member.organization_id,
    ).distinct()


def inbound_for(member: Member) -> QuerySet[InboundMail]:
    """Mail that came in, whatever became of it; but for answers to alerts about agencies, which may be private."""
    if not may_review(member):
        return InboundMail.objects.none()
    return InboundMail.objects.filter(organization=member.organization_id, agency_address=None)


def review_for(member: Member) -> QuerySet[InboundMail]:
    """Mail that waits for a member's decision."""
    return inbound_for(member).filter(state=Literal(InboundMail.State.REVIEW.value))


def open_portal_links() -> QuerySet[PortalLink]:
    """Those that open their conversation: not withdrawn, and not expired."""
    return PortalLink.objects.filter(revoked_at=None, expires_at__gt=timezone.now())


def portal_link(token: str) -> PortalLink | None:
    """The link of this token, if it still opens its conversation."""
    return open_portal_links().filter(token_hash=portal_links.hash_of(token)).first()


def portal_messages(link: PortalLink) -> QuerySet[Message]:
    """What the person of the conversation may read: what has left for them, and what they said. Never notes, calls,
    what waits, what their machines answered, or another conversation."""
    left = Exists(Delivery.objects.filter(message=OuterRef("pk"), state__in=LEFT))
    theirs = Q(direction=Message.Direction.IN, automatic="", person__isnull=False)
    return Message.objects.filter(theirs | Q(left, direction=Message.Direction.OUT), conversation=link.conversation_id)


def portal_files(link: PortalLink) -> QuerySet[Attachment]:
    """The files of those messages, and of the mailings that they belong to."""
    readable = portal_messages(link)
    return Attachment.objects.filter(Q(message__in=readable) | Q(mailing__in=readable.values("mailing")))
