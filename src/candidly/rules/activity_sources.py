"""What there is to tell of a person, table by table, for `activity`: each gives what the profile's other tabs and the
pages around it show that member too, and nothing else. Who asks may see the person."""

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Left, Substr

from candidly.models import (
    AgencyMessage,
    Application,
    AuditEvent,
    CampaignMember,
    ConsentEvent,
    Delivery,
    Member,
    Message,
    Opening,
    Person,
    Purpose,
    Reminder,
)
from candidly.rules.access import (
    all_applications_of,
    applications_for,
    campaign_members_for,
    conversations_for,
    may_review,
    people_for,
    reminders_for,
)
from candidly.rules.agency_access import agency_messages_for
from candidly.rules.plans import allows

#: As many as anybody ever has.
CONVERSATIONS = 500
#: So much of a text is told.
BEGINNING = 200
#: What the audit log calls an application, before its number.
APPLICATION = "application "


def messages(member: Member, person: Person) -> QuerySet[Message]:
    """What was written, notes, calls and events of the conversations that the member may read, each with the
    `beginning` of its text and its deliveries; of the CONVERSATIONS with the newest messages, where there are more."""
    readable = conversations_for(member).filter(person=person).order_by("-last_message_at", "-pk").values("pk")
    found = Message.objects.filter(conversation__in=readable[:CONVERSATIONS])
    deliveries = Prefetch("deliveries", Delivery.objects.order_by("pk"))
    whole = found.annotate(beginning=Left("text", BEGINNING)).defer("text", "quoted", "html", "references", "others")
    return whole.select_related("conversation", "member__user").prefetch_related(deliveries)


def agency_messages(member: Member, person: Person) -> QuerySet[AgencyMessage]:
    """What was said with agencies and not taken back: for all, and privately with this member."""
    found = agency_messages_for(member).filter(thread__person=person, deleted_at=None).defer("text")
    return found.select_related("author", "thread__agency_user__user", "thread__agency_user__agency")


def applications(member: Member, person: Person) -> QuerySet[Application]:
    """All that the person ever applied for. By which agency, and who entered them (`entered_by`, whose id is
    `entered_by_member`), is told of those applications alone that the member works on (`is_theirs`)."""
    theirs = Exists(applications_for(member).filter(pk=OuterRef("pk")))
    return (
        all_applications_of(member, person)
        .annotate(is_theirs=theirs)
        .annotate(entered_by=_of_entering("member_name"), entered_by_member=_of_entering("member"))
        .select_related("opening", "submitted_by__user", "submitted_by__agency")
    )


def _of_entering(column: str) -> Case:
    """What the audit log says of who entered an application; nothing of one that the member does not work on."""
    subject = Concat(Value(APPLICATION), Cast(OuterRef("pk"), CharField()))
    entered = AuditEvent.objects.filter(verb="person.applied", subject=subject).values(column)
    return Case(When(is_theirs=True, then=Subquery(entered[:1])))


def moves(member: Member, person: Person) -> QuerySet[AuditEvent]:
    """From which stage to which, with the title of the `opening`, of the applications that the member works on. The
    audit log alone remembers it; only its super admins read the whole of that."""
    theirs = applications_for(member).filter(person=person)
    subjects = theirs.values(subject=Concat(Value(APPLICATION), Cast("pk", CharField())))
    number = Cast(Substr(OuterRef("subject"), len(APPLICATION) + 1), BigIntegerField())
    opening = Opening.objects.filter(applications=number).values("title")
    found = AuditEvent.objects.filter(subject__in=subjects, verb="person.moved")  # without more, for audit_of_subject
    return found.annotate(opening=Subquery(opening[:1]))


def campaigns(member: Member, person: Person) -> QuerySet[CampaignMember]:
    """The campaigns that the person is in; nothing where the plan has none."""
    if not allows(member.organization, "campaigns"):
        return CampaignMember.objects.none()
    found = campaign_members_for(member).filter(person=person)
    return found.select_related("campaign", "added_by__user")


def responses(member: Member, person: Person) -> QuerySet[CampaignMember]:
    """What the person last answered in each of them."""
    return campaigns(member, person).exclude(responded_at=None)


def reminders(member: Member, person: Person) -> QuerySet[Reminder]:
    """The member's own, as everywhere."""
    found = reminders_for(member).filter(conversation__person=person)
    return found.select_related("message", "conversation")


def ended_reminders(member: Member, person: Person) -> QuerySet[Reminder]:
    """Those of them that are done, or answered."""
    return reminders(member, person).exclude(ended_at=None)


def consent(member: Member, person: Person) -> QuerySet[ConsentEvent]:
    """That the person agreed or objected. Whether they may be texted stands in their contact details for everybody;
    the rest for those who may open the suppression list."""
    found = ConsentEvent.objects.filter(person=person)
    return found if may_review(member) else found.filter(channel="sms", purpose=Purpose.ALL)


def people(member: Member, person: Person) -> QuerySet[Person]:
    """The person, for when they were added."""
    return people_for(member).filter(pk=person.pk)
