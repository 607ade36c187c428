"""What is written and has not gone: drafts that outlive a closed laptop, and messages that wait for their time."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.conversations import Conversation, Message
from candidly.models.organizations import Member, Organization
from candidly.models.people import Application, Person


class KeptDraft(models.Model):
    """What a member has begun to write: in a conversation, to a person as a new one, or (neither) to many at once.

    `fields` are those of the composer as it stands on the page; its files point here.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "conversation"], name="draft_in_conversation", condition=Q(conversation__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["member", "person"], name="draft_to_person", condition=Q(person__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["member"],
                name="draft_to_many",
                condition=Q(conversation__isnull=True, person__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(conversation__isnull=True) | Q(person__isnull=True), name="draft_in_one_place"
            ),
        ]


class ScheduledMessage(models.Model):
    """A message that waits for its time; until then it can be changed and cancelled. Then it becomes a Message.

    With `is_chosen` a person chose the time; otherwise it waits a few seconds so that it can be undone. Without a
    `conversation` it begins one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Not sent"
        HELD = "held", "Held until a mailbox is connected"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="scheduled")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="scheduled")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="scheduled"
    )
    application = models.ForeignKey(Application, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    channels = models.JSONField(default=list)
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    remind_days = models.PositiveSmallIntegerField(null=True, blank=True)
    send_key = models.CharField(max_length=64, blank=True)
    is_chosen = models.BooleanField(default=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was not sent, in plain words")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "send_key"], name="scheduled_once", condition=~Q(send_key="")
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="scheduled_due", condition=Q(state="waiting")),
            models.Index(fields=["conversation", "due_at"], name="scheduled_here", condition=Q(state="waiting")),
            models.Index(fields=["member", "due_at"], name="scheduled_by_member", condition=Q(state="waiting")),
        ]
