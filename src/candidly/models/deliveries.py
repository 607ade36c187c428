"""The outbox: a Delivery is one hand-off to one address by one channel, and its row is the queue."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models import clock
from candidly.models.agency_talk import AgencyMessage
from candidly.models.conversations import Conversation, Message
from candidly.models.literals import Literal, literals
from candidly.models.organizations import Organization, User
from candidly.models.people import Person


class Notice(models.Model):
    """A mail from Candidly itself.

    To one of its users: a copy of a reply, a mailing's completion, a password reset. To a person: that their
    conversation is closed, or that they get no more texts.
    """

    class Kind(models.TextChoices):
        REPLY_COPY = "reply_copy", "Copy of a reply"
        MAILING_DONE = "mailing_done", "Mailing complete"
        ACCOUNT = "account", "Account"
        DIGEST = "digest", "Digest"
        MENTION = "mention", "Mention"
        ASSIGNED = "assigned", "Conversation assigned"
        REMINDER = "reminder", "Reminder"
        NOT_SENT = "not_sent", "Scheduled message not sent"
        CLOSED = "closed", "Conversation closed"
        EXAMPLE = "example", "Example of a mailing"
        KEYWORD = "keyword", "Answer to STOP, START or HELP"
        MAILBOX = "mailbox", "Own mailbox"
        AGENCY = "agency", "Agency message"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    agency_message = models.ForeignKey(
        AgencyMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    from_name = models.CharField(max_length=200, blank=True)
    to_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=998)
    text = models.TextField()
    html = models.TextField(blank=True)
    rfc_message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # Whether a person had an automatic mail of ours lately.
            models.Index(fields=["person", "-created_at"], name="notice_to_person", condition=Q(person__isnull=False))
        ]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        """Those that a worker may take up, found by the index of what waits."""
        return self.filter(state__in=literals(*Delivery.WAITING))

    def leased(self) -> Self:
        """Those that a worker has in hand, found by the index of leases."""
        return self.filter(state=Literal(Delivery.State.SENDING.value))


class Delivery(models.Model):
    """One message (or notice) on its way to one address. docs/architecture.md draws the states.

    A row changes twice on its way, and each change is written to every index that holds it: hence none by foreign key,
    and most of the others for few rows.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        READ = "read", "Read"
        BOUNCED = "bounced", "Bounced"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Suppressed"
        CANCELLED = "cancelled", "Cancelled"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"

    #: What a worker may still take up, and what therefore keeps a mailing from being done.
    WAITING = (State.QUEUED, State.UNCONFIRMED)
    OPEN = (*WAITING, State.SENDING)
    #: What a person may send again.
    RETRYABLE = (State.FAILED, State.BOUNCED)

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="deliveries"
    )
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="deliveries"
    )
    mailing = models.ForeignKey(
        "candidly.Mailing", on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="deliveries"
    )
    channel = models.CharField(max_length=10, default="email")
    mailbox = models.ForeignKey(
        "candidly.Mailbox",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        help_text="Whose own mailbox it goes by; none: the channel's gateway",
    )
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is in this state, in plain words")
    reply = models.TextField(blank=True, help_text="What the other side said, unchanged")
    due_at = models.DateTimeField(default=clock.now)
    quiet_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="To when quiet hours last put it off: it waits for them while that is when it is due",
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_soft_bounce = models.BooleanField(default=False, help_text="It bounced for a reason that may pass")
    external_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True, help_text="When it was delivered or, later, read")
    unconfirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its outcome was last unknown, if ever: it may have come twice"
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(message__isnull=True) ^ Q(notice__isnull=True), name="delivery_of_one_thing"
            ),
            models.UniqueConstraint(fields=["message", "channel", "address"], name="delivery_unique"),
        ]
        indexes = [
            models.Index(
                fields=["mailing", "due_at", "id"],
                name="delivery_waiting",
                condition=Q(state__in=("queued", "unconfirmed")),
            ),
            models.Index(
                fields=["mailbox", "due_at", "id"],
                name="delivery_by_mailbox",
                condition=Q(state__in=("queued", "unconfirmed"), mailbox__isnull=False),
            ),
            models.Index(
                fields=["organization", "-id"], name="delivery_failed", condition=Q(state__in=("failed", "bounced"))
            ),
            models.Index(fields=["organization", "-id"], name="delivery_unconfirmed", condition=Q(state="unconfirmed")),
            models.Index(fields=["sent_at"], name="delivery_sent", condition=Q(sent_at__isnull=False)),
            models.Index(fields=["organization", "address"], name="delivery_bounced", condition=Q(state="bounced")),
            models.Index(fields=["channel", "address", "-id"], name="delivery_texts", condition=Q(channel="sms")),
            models.Index(fields=["lease_until"], name="delivery_leased", condition=Q(state="sending")),
            models.Index(fields=["notice"], name="delivery_of_notice", condition=Q(notice__isnull=False)),
            models.Index(
                fields=["mailing", "state", "channel"], name="delivery_by_mailing", condition=Q(mailing__isnull=False)
            ),
        ]


class Pace(models.Model):
    """How many bulk mails were handed out since `since`, for one limit: of a sender, a recipient domain, or a day."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=270, help_text="sender:7, domain:mail.example, day")
    since = models.DateTimeField()
    claimed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="pace_once")]


class Gateway(models.Model):
    """What a channel leads to, and whether it answers. While it is down its queue waits instead of burning attempts."""

    channel = models.CharField(max_length=10, unique=True)
    down_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    reason = models.CharField(max_length=500, blank=True)
