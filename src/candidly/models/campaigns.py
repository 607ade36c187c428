"""Campaigns: people who are written to again and again for one purpose, and what they answered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.organizations import Member, Organization
from candidly.models.people import Person


class Campaign(models.Model):
    """A purpose, its time, and its members. Everybody of the organization sees it from the moment that it is there."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    example_sent_at = models.DateTimeField(null=True, blank=True, help_text="When somebody last sent an example of it")

    class Meta:
        indexes = [models.Index(fields=["organization", "-created_at", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name


class CampaignMember(models.Model):
    """One person of a campaign, once, and their response: the last one that they or a member gave.

    Who was removed keeps their row, so that it can be taken back; `rules.access.campaign_members_for` leaves them out.
    """

    class Response(models.TextChoices):
        NONE = "none", "No reply"
        OPENED = "opened", "Opened the portal"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        REPLIED = "replied", "Replied"
        BOUNCED = "bounced", "Bounced"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    class Source(models.TextChoices):
        LINK = "link", "By the link in the mail"
        REPLY = "reply", "By their answer"
        PORTAL = "portal", "In the portal"
        BOUNCE = "bounce", "By a bounce"
        COMPLAINT = "complaint", "By marking the mail as spam"
        HAND = "hand", "Entered by a member"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="campaign_memberships")
    kind = models.CharField(max_length=10, choices=Person.Kind, help_text="The person's, for the two tabs")
    added_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    response = models.CharField(max_length=12, choices=Response, default=Response.NONE)
    response_source = models.CharField(max_length=10, choices=Source, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="campaign_member_once")]
        indexes = [
            models.Index(fields=["campaign", "kind", "id"], name="campaign_member_tab", condition=Q(removed_at=None)),
            models.Index(
                fields=["campaign", "kind", "response", "id"],
                name="campaign_member_response",
                condition=Q(removed_at=None),
            ),
        ]

    @property
    def answer(self) -> str:
        """The response in words. Who complained is counted among those who unsubscribed, and is called otherwise."""
        if (self.response, self.response_source) == (self.Response.UNSUBSCRIBED, self.Source.COMPLAINT):
            return "Complained"
        return self.Response(self.response).label


class CampaignIntake(models.Model):
    """An audience on its way into a campaign: few at once, many by the worker, page after page in the order of ids."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="intakes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Person.Kind)
    audience = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0, help_text="How many were meant when it was asked for")
    seen = models.PositiveIntegerField(default=0, help_text="How many of them have been looked at")
    added = models.PositiveIntegerField(default=0, help_text="Those who were not in it yet")
    up_to = models.BigIntegerField(default=0, help_text="The last person looked at")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="campaign_intake_open", condition=Q(finished_at=None))]
