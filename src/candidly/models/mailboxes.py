"""Members' own mailboxes: how they are reached, how far each has been read, and what was found there."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.conversations import Conversation, Message
from candidly.models.inbound import InboundMail
from candidly.models.organizations import Member, Organization
from candidly.models.sealed import SealedField


class Mailbox(models.Model):
    """A member's own mailbox, by which their mail to people goes and from which answers come in.

    `attempt` is what a worker is to connect it with (a code from the provider's sign-in, a password), and `refusal`
    says why the last one came to nothing, `refused_by` at which kind of
    provider. `discarded` is what a worker is still to withdraw at the provider.
    A worker has it in hand until `lease_until`, and another one may look at it from `due_at` on.
    """

    class Provider(models.TextChoices):
        GMAIL = "gmail", "Gmail"
        IMAP = "imap", "IMAP and SMTP"

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        RECONNECT = "reconnect", "Reconnect needed"
        DISCONNECTED = "disconnected", "Not connected"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="mailboxes")
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="mailbox")
    provider = models.CharField(max_length=10, choices=Provider, default=Provider.GMAIL)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DISCONNECTED)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is in this state, in plain words")
    since = models.DateTimeField(default=timezone.now, help_text="In this state since then")

    credentials = SealedField(blank=True, default="")
    attempt = SealedField(blank=True, default="")
    discarded = SealedField(blank=True, default="")
    refusal = models.CharField(max_length=500, blank=True)
    refused_by = models.CharField(max_length=10, choices=Provider, blank=True)
    refused_sign_in = models.BooleanField(default=False, help_text="It was the password (or token) that would not do")

    aliases = models.TextField(blank=True, help_text="Its owner's further addresses, lower case, parted by a space")
    label_name = models.CharField(max_length=225, blank=True)
    label_id = models.CharField(max_length=225, blank=True)
    cursor = models.TextField(blank=True, help_text="How far it has been read, in the provider's own words")
    synced_at = models.DateTimeField(null=True, blank=True)
    last_new = models.PositiveIntegerField(default=0, help_text="Mails that the last round with any brought in")
    first_total = models.PositiveIntegerField(null=True, blank=True, help_text="Threads that the first round found")
    first_done = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, help_text="Why the last round broke off, in plain words")
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    watched_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then the provider calls us when something changes"
    )
    listened_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then a worker listens to it, and no other needs to"
    )
    rests_until = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent by it before that")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="mailbox_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["organization", "state"], name="mailbox_by_state"),
        ]

    def __str__(self) -> str:
        return self.address or "a mailbox"

    @property
    def addresses(self) -> frozenset[str]:
        """All under which its owner writes, lower case."""
        return frozenset([self.address, *self.aliases.split()]) - {""}


class KnownThread(models.Model):
    """A thread of a mailbox that is followed. Without a `conversation` it has the label and nobody's address."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="threads")
    thread_id = models.CharField(max_length=225)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "thread_id"], name="known_thread_once")]
        indexes = [models.Index(fields=["conversation", "mailbox"], name="known_thread_here")]


class KnownMail(models.Model):
    """A mail of a mailbox that is known here: what we sent by it, and what was found there. So none comes in twice."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="mails")
    external_id = models.CharField(max_length=225)
    thread_id = models.CharField(max_length=225)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    inbound = models.OneToOneField(
        InboundMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="from_mailbox"
    )
    is_sent = models.BooleanField(default=False, help_text="The mailbox's owner sent it")
    is_news = models.BooleanField(default=False, help_text="It came since the mailbox was last looked at")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "external_id"], name="known_mail_once")]
