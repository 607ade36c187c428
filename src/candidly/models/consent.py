"""Who may be written to: what people said of it, and whom nothing is sent to."""

from django.db import models
from django.utils import timezone

from candidly.models.organizations import Member, Organization
from candidly.models.people import Person


class Purpose(models.TextChoices):
    """What may be sent: campaigns are advertising, everything else is about an application."""

    ALL = "all", "Everything"
    CAMPAIGN = "campaign", "Campaigns"


class ConsentEvent(models.Model):
    """That somebody agreed or objected: the ledger, never changed. `said` holds their words, or what they pressed."""

    class Source(models.TextChoices):
        TEXT = "text", "By text message"
        PORTAL = "portal", "In the portal"
        MAIL = "mail", "By e-mail"
        MEMBER = "member", "Entered by a member"
        IMPORT = "import", "Imported"
        UNSUBSCRIBE = "unsubscribe", "By the unsubscribe link"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="consent_events")
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.ALL)
    agreed = models.BooleanField()
    source = models.CharField(max_length=12, choices=Source)
    said = models.CharField(max_length=200, blank=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "channel", "address", "-id"], name="consent_of_address")]


class Suppression(models.Model):
    """An address that nothing (or no campaign) is sent to by this channel; asked again at hand-off."""

    class Cause(models.TextChoices):
        OPTED_OUT = "opted_out", "Opted out"
        BOUNCED = "bounced", "Bounced"
        COMPLAINT = "complaint", "Complained"
        BY_HAND = "by_hand", "Entered by a member"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="suppressions")
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254, help_text="As mail.addresses.normalise gives it, or E.164")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.ALL)
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.CharField(max_length=300, help_text="In plain words")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "channel", "address", "purpose"], name="suppressed_once")
        ]
