"""Templates, and mailings: one text to many people, each in a conversation of their own."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models import clock
from candidly.models.conversations import Message
from candidly.models.organizations import Member, Organization
from candidly.models.people import Application, Person


class Template(models.Model):
    """A text to start from. `body` is plain text or, with `is_html`, HTML; both may hold merge fields."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="templates")
    owner = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="templates")
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    is_html = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=True)
    for_candidates = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "name", "id"], name="template_by_name")]

    def __str__(self) -> str:
        return self.name


class Mailing(models.Model):
    """One bulk send: the content, and how far it has gone. Its recipients are frozen when Send is pressed.

    `audience` is the filter (or the ticked rows) as it was then, kept to say what was asked for.
    """

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"
        DONE = "done", "Done"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="mailings")
    sender = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="mailings")
    template = models.ForeignKey(Template, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=300)
    body = models.TextField()
    is_html = models.BooleanField(default=False)
    skip_empty = models.BooleanField(default=True, help_text="Leave out people for whom a merge field is empty")
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

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="recipients")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "person"], name="mailing_recipient_once")]
        indexes = [models.Index(fields=["mailing", "state", "id"], name="mailing_recipient_state")]
