"""Organizations, their members, and the accounts that sign in."""

from datetime import time
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from candidly.models.plans import Plan


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account: an address and a password. What it may see comes from the Member that it is."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ci")]

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    """The company that recruits. `slug` is also the local part of its general mail address.

    With `own_mailboxes` mail to people leaves by the mailbox of the member who writes it, and by no other way.
    No text message leaves between `quiet_from` and `quiet_until`, in the zone of the person it is for; where that is
    not known, in the organization's. Both alike: any hour will do.
    """

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="None: everything, no limits"
    )
    per_minute = models.PositiveIntegerField(default=0, help_text="Bulk mails of each sender a minute; 0: no limit")
    domain_per_minute = models.PositiveIntegerField(
        default=0, help_text="Bulk mails to each recipient domain a minute; 0: no limit"
    )
    warms_up_since = models.DateField(
        null=True, blank=True, help_text="A new sending address: few bulk mails a day at first, more each day"
    )
    time_zone = models.CharField(max_length=64, default="Europe/London")
    sms_number = models.CharField(max_length=20, blank=True, help_text="E.164; empty: the installation's own")
    quiet_from = models.TimeField(default=time(21))
    quiet_until = models.TimeField(default=time(8))
    reminders_on_scheduled = models.BooleanField(default=False, help_text="Reminders may go with scheduled messages")
    own_mailboxes = models.BooleanField(default=False, help_text="Members write to people by their own mailboxes")
    own_mailboxes_at = models.DateTimeField(null=True, blank=True)
    own_mailboxes_by = models.ForeignKey(
        "candidly.Member", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    mailbox_label = models.CharField(
        max_length=225, default="Hire", help_text="The label by which a thread of a mailbox is brought in"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    SUPER_ADMIN = "super_admin", "Super admin"
    RECRUITER = "recruiter", "Recruiter"
    HIRING_MANAGER = "hiring_manager", "Hiring manager"
    READ_ONLY = "read_only", "Read-only"


class Alerts(models.TextChoices):
    """When a member hears by mail of what people answer."""

    EACH = "each", "Each reply, at once"
    HOURLY = "hourly", "A digest each hour"
    DAILY = "daily", "A digest each day"
    NEVER = "never", "Never"


class Member(models.Model):
    """A signed-in user of an organization, with the settings that are theirs."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="member")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=20, choices=Role, default=Role.RECRUITER)
    signature = models.TextField(blank=True)
    time_zone = models.CharField(max_length=64, default="Europe/London")
    press_enter_to_send = models.BooleanField(default=False)
    undo_seconds = models.PositiveSmallIntegerField(default=10, help_text="How long a message waits to be undone")
    alerts = models.CharField(max_length=10, choices=Alerts, default=Alerts.EACH)
    digest_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next digest is due, for those who want one"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.user.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def email(self) -> str:
        return self.user.email
