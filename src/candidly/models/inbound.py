"""Mail and texts as they came in: stored whole before they are acknowledged, then read, matched and filed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.agency_talk import AgencyMessage, AgencyReplyAddress
from candidly.models.conversations import Conversation, Message, ReplyAddress
from candidly.models.organizations import Member, Organization


class InboundMail(models.Model):
    """One received mail, or text message. `external_id` names it at its door, so that what comes twice is kept once.

    `door` is how it came ("smtp", "sms", "mailbox"), and so how `raw` is read.
    """

    class State(models.TextChoices):
        STORED = "stored", "Stored"
        FILED = "filed", "Filed"
        REVIEW = "review", "To review"
        DROPPED = "dropped", "Dropped"
        DUPLICATE = "duplicate", "Duplicate"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="inbound_mails")
    door = models.CharField(max_length=10, default="smtp")
    external_id = models.CharField(max_length=200)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=320)
    reply_address = models.ForeignKey(ReplyAddress, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Of these mails no page shows anything: they may be private, and go when what they were sent to goes.
    agency_address = models.ForeignKey(
        AgencyReplyAddress, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    agency_message = models.ForeignKey(
        AgencyMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="inbound"
    )
    raw = models.BinaryField()
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why a member must look, in plain words")
    suggestion = models.ForeignKey(Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="inbound")
    from_name = models.CharField(max_length=320, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=998, blank=True)
    snippet = models.CharField(max_length=200, blank=True)
    handled_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["door", "external_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["id"], name="inbound_stored", condition=Q(state="stored")),
            models.Index(fields=["organization", "-id"], name="inbound_review", condition=Q(state="review")),
        ]


class SandboxMail(models.Model):
    """A mail that the built-in sandbox took in place of a real relay."""

    envelope_from = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=998, blank=True)
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["recipient", "-id"], name="sandbox_by_recipient")]


class SandboxText(models.Model):
    """A text message that the built-in sandbox phone took in place of a real provider."""

    sender = models.CharField(max_length=20)
    recipient = models.CharField(max_length=20)
    text = models.TextField()
    status_url = models.CharField(max_length=500, blank=True)
    is_answer = models.BooleanField(default=False, help_text="The phone's owner wrote it")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-id"], name="sandbox_text_by_recipient"),
            models.Index(fields=["sender", "-id"], name="sandbox_text_by_sender"),
        ]


class LiveEvent(models.Model):
    """Something that open pages should hear of. Rows live for minutes; pages that missed one load afresh."""

    topic = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
