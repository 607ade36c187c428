"""Who did what: written by the actions, never changed."""

from django.db import models
from django.utils import timezone

from candidly.models.organizations import Member, Organization


class AuditEvent(models.Model):
    """`verb` says what was done ("mailing.sent"), `subject` to what ("mailing 12"); `details` hold no bodies, no
    tokens. A member who is gone leaves their name."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    member_name = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="audit_newest"),
            models.Index(fields=["subject", "-id"], name="audit_of_subject"),
        ]
