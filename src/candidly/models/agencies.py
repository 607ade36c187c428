"""External agencies, the people of theirs who sign in, and how these come in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from candidly.models.organizations import Member, Organization, User


class Agency(models.Model):
    """A company that submits candidates to an organization. While it is closed, none of its users has access."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="agencies")
    name = models.CharField(max_length=200)
    colleagues_see_each_other = models.BooleanField(
        default=False, help_text="Its users see the candidates of one another, and never each other's conversations"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="agency_unique_ci")]

    def __str__(self) -> str:
        return self.name


class AgencyUser(models.Model):
    """Somebody of an agency, with an account of the same kind as a member's. Nobody is both."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="agency_user")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="users")
    invited_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    time_zone = models.CharField(max_length=64, default="Europe/London")
    wants_alerts = models.BooleanField(default=True, help_text="A mail for each message of the team's")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.user.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def email(self) -> str:
        return self.user.email

    @property
    def organization_id(self) -> int:
        return self.agency.organization_id

    @property
    def organization(self) -> Organization:
        return self.agency.organization

    @property
    def is_active(self) -> bool:
        """Whether they may sign in: neither their own access nor their agency's has ended."""
        return self.user.is_active and self.agency.closed_at is None


class AgencyInvitation(models.Model):
    """A link by which somebody becomes an agency user: once, until it expires. Only the token's hash is kept."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="invitations")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "agency",
                Lower("email"),
                name="agency_invitation_one_open",
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]
