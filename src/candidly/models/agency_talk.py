"""What members and agency users say to each other about a candidate.

It lies in tables of its own: nothing that lists, searches, mails or exports conversations comes upon it by accident.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.agencies import AgencyUser
from candidly.models.organizations import Member, Organization, User
from candidly.models.people import Person


class AgencyThread(models.Model):
    """With one agency user about one candidate.

    Without `private_with`, every member with access to the candidate reads it; with it, that member alone.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="agency_threads")
    agency_user = models.ForeignKey(AgencyUser, on_delete=models.CASCADE, related_name="threads")
    # Never SET_NULL: a private thread must not become one for all.
    private_with = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency_user"],
                name="agency_thread_one_for_all",
                condition=Q(private_with__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["person", "agency_user", "private_with"],
                name="agency_thread_one_private",
                condition=Q(private_with__isnull=False),
            ),
        ]


class AgencyMessage(models.Model):
    """Something said there. When its author deletes it, the row stays as a tombstone, with nothing in it."""

    thread = models.ForeignKey(AgencyThread, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    from_agency = models.BooleanField()
    text = models.TextField(blank=True)
    send_key = models.CharField(max_length=64, blank=True, help_text="Of the form: a double click sends once")
    rfc_message_id = models.CharField(max_length=998, blank=True, help_text="Of the mail that it came by")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "send_key"], name="agency_message_sent_once", condition=~Q(send_key="")
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(text=""), name="agency_message_deleted_is_empty"
            ),
        ]
        indexes = [models.Index(fields=["thread", "id"], name="agency_message_timeline")]


class AgencyReadMark(models.Model):
    """How far somebody has read a thread; without a mark, nothing of it."""

    thread = models.ForeignKey(AgencyThread, on_delete=models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_up_to = models.BigIntegerField(default=0, help_text="Id of the newest message that they have seen")
    read_at = models.DateTimeField(null=True, blank=True)
    told_up_to = models.BigIntegerField(default=0, help_text="Id of the newest message that a digest told them of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="agency_read_mark_unique")]


class AgencyReplyAddress(models.Model):
    """`r.<token>@<inbound domain>` of one alert: mail to it comes from its user and belongs to this thread.

    `audience` are the ids of the users of whom the alert said that they would see the answer.
    """

    thread = models.ForeignKey(AgencyThread, on_delete=models.CASCADE, related_name="reply_addresses")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=32, unique=True)
    audience = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
