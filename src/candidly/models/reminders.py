"""Reminders: to follow up where nobody answered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.conversations import Conversation, Message
from candidly.models.organizations import Member, Organization


class Reminder(models.Model):
    """Tells a member, `days` after `message` really went, that nobody has answered it. A person's answer ends it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DUE = "due", "Due"
        ANSWERED = "answered", "Answered"
        DONE = "done", "Done"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reminders")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reminders")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="reminder_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["member", "due_at", "id"], name="reminder_open", condition=Q(state__in=("waiting", "due"))
            ),
            models.Index(fields=["conversation"], name="reminder_here", condition=Q(state__in=("waiting", "due"))),
        ]
