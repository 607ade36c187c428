"""Templates, and mailings: one text to many people, each in a conversation of their own."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models import clock
from candidly.models.conversations import Message
from candidly.models.organizations import Member, Organization
from candidly.models.people import Application, Person


class AddressRule(models.TextChoices):
    """Which of a person's two addresses a mailing goes to."""

    DEFAULT = "", "Private for candidates, work for contacts"
    PRIVATE = "private", "Private address"
    WORK = "work", "Work address"


class Place(models.TextChoices):
    """Where a template may be offered; the values are the fields of Template that say so."""

    CANDIDATES = "for_candidates", "Candidate"
    CAMPAIGN_CANDIDATES = "for_campaign_candidates", "Candidate (CAMPAIGN)"
    CONTACTS = "for_contacts", "Contact"
    CAMPAIGN_CONTACTS = "for_campaign_contacts", "Contact (CAMPAIGN)"


class Template(models.Model):
    """A text to start from. `body` is plain text or, with `is_html`, HTML; both may hold merge fields.

    The four places are separate: a template is offered only where it is ticked. A deleted one is kept for a month.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="templates")
    owner = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="templates")
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    is_html = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=True)
    for_candidates = models.BooleanField(default=True)
    for_campaign_candidates = models.BooleanField(default=False)
    for_contacts = models.BooleanField(default=False)
    for_campaign_contacts = models.BooleanField(default=False)
    address_rule = models.CharField(max_length=10, choices=AddressRule, blank=True)
    falls_back = models.BooleanField(default=True, help_text="Use the other address where this one is missing")
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "name", "id"], name="template_by_name"),
            models.Index(fields=["deleted_at"], name="template_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def places(self) -> list[Place]:
        """Those that are ticked."""
        return [place for place in Place if getattr(self, place.value)]


class TemplateVersion(models.Model):
    """What a template says, as the newest, or once said. A template that was never changed may have none."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    is_html = models.BooleanField(default=False)
    saved_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now, help_text="When it was written, not when it was replaced")

    class Meta:
        indexes = [models.Index(fields=["template", "-id"], name="template_version_newest")]


def by_mail() -> list[str]:
    """The channels of a mailing that names none."""
    return ["email"]


class Mailing(models.Model):
    """One bulk send: the content, and how far it has gone. Its recipients are frozen when Send is pressed.

    Each gets one message by those of its `channels` that lead to them.
    `audience` is the filter (or the ticked rows) as it was then, kept to say what was asked for. `left_out` names the
    reasons of the pre-flight for which people were not to get it. With `starts_at` nothing leaves before that time;
    with `is_local_time` each person gets it when it is that time of day where they are.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"
        DONE = "done", "Done"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="mailings")
    sender = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="mailings")
    template = models.ForeignKey(Template, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey(
        "candidly.Campaign", on_delete=models.SET_NULL, null=True, blank=True, related_name="mailings"
    )
    kind = models.CharField(max_length=10, choices=Person.Kind, default=Person.Kind.CANDIDATE)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    is_html = models.BooleanField(default=False)
    channels = models.JSONField(default=by_mail)
    address_rule = models.CharField(max_length=10, choices=AddressRule, blank=True)
    falls_back = models.BooleanField(default=True)
    left_out = models.JSONField(default=list)
    starts_at = models.DateTimeField(null=True, blank=True)
    is_local_time = models.BooleanField(default=False)
    awaits_mailbox = models.BooleanField(
        default=False, help_text="Its time came, and its sender had no mailbox to send it by: they were told"
    )
    send_key = models.CharField(max_length=64, blank=True, help_text="Of the form: a double click sends once")
    audience = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    total = models.PositiveIntegerField(default=0)
    per_minute = models.PositiveIntegerField(default=0, help_text="0: as fast as the relay takes them")
    claimed = models.PositiveIntegerField(default=0, help_text="Deliveries handed to workers since pace_started_at")
    pace_started_at = models.DateTimeField(default=clock.now)
    served_at = models.DateTimeField(default=clock.now, help_text="When a worker last took from it: fair turns")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "send_key"], name="mailing_sent_once", condition=~Q(send_key="")
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], name="mailing_newest"),
            models.Index(fields=["served_at"], name="mailing_sending", condition=Q(state="sending")),
            models.Index(fields=["starts_at"], name="mailing_scheduled", condition=Q(state="scheduled")),
            models.Index(fields=["campaign", "-id"], name="mailing_of_campaign", condition=Q(campaign__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.subject


class MailingRecipient(models.Model):
    """One person of a mailing, and what became of them: written to, or skipped with the reason."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        WRITTEN = "written", "Written"
        SKIPPED = "skipped", "Skipped"
        CANCELLED = "cancelled", "Cancelled"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, db_index=False, related_name="recipients")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    address = models.CharField(max_length=254, blank=True, help_text="Where its mail goes, by the mailing's rule")
    phone = models.CharField(max_length=20, blank=True, help_text="Where its text message goes, if it is one")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "person"], name="mailing_recipient_once")]
        indexes = [models.Index(fields=["mailing", "state", "id"], name="mailing_recipient_state")]
