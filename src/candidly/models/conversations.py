"""Conversations, who takes part in them, their messages and files.

A mailing writes a row of each for everybody, so a foreign key has an index of its own (Django's default) only where
something is found by it that no other index finds: each costs as much as a column of text.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.organizations import Member, Organization
from candidly.models.people import Application, Person


class Conversation(models.Model):
    """One thread with one person, in the context of an application where there is one.

    `snippet`, `last_*` and `has_failure` repeat the newest message for the lists; the action that adds a message
    or records a delivery changes them in the same transaction.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="conversations"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, db_index=False, related_name="conversations")
    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    owner = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    mailing = models.ForeignKey(
        "candidly.Mailing",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="conversations",
    )
    subject = models.CharField(max_length=998, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    last_direction = models.CharField(max_length=3, blank=True)
    last_channel = models.CharField(max_length=10, blank=True)
    snippet = models.CharField(max_length=200, blank=True)
    has_failure = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-last_message_at", "-id"], name="conversation_by_person"),
            models.Index(fields=["mailing"], name="conversation_by_mailing", condition=Q(mailing__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"


class Participation(models.Model):
    """That a member takes part in a conversation, and how far they have read. The inbox is a list of these."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        FOLLOWER = "follower", "Follower"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, related_name="participations"
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="participations")
    role = models.CharField(max_length=10, choices=Role, default=Role.OWNER)
    read_up_to = models.BigIntegerField(default=0, help_text="Id of the newest message that the member has seen")
    is_unread = models.BooleanField(default=False)
    told_up_to = models.BigIntegerField(default=0, help_text="Id of the newest message that a digest told them of")
    is_waiting = models.BooleanField(default=False, help_text="The person said the last word: they wait on us")
    archived_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(
        null=True, blank=True, help_text="Archived until then: it comes back by itself, or with a new message"
    )
    last_message_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="participation_unique")]
        indexes = [
            models.Index(
                fields=["member", "-last_message_at", "-id"],
                name="participation_inbox",
                condition=Q(archived_at__isnull=True),
            ),
            models.Index(
                fields=["member", "-last_message_at", "-id"],
                name="participation_unread",
                condition=Q(is_unread=True, archived_at__isnull=True),
            ),
            models.Index(
                fields=["member", "-last_message_at", "-id"],
                name="participation_mine",
                condition=Q(role="owner", archived_at__isnull=True),
            ),
            models.Index(
                fields=["member", "-last_message_at", "-id"],
                name="participation_waiting",
                condition=Q(is_waiting=True, archived_at__isnull=True),
            ),
            models.Index(
                fields=["member", "-last_message_at", "-id"],
                name="participation_archived",
                condition=Q(archived_at__isnull=False),
            ),
            models.Index(
                fields=["snoozed_until"], name="participation_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
        ]


class ReplyAddress(models.Model):
    """`r.<token>@<inbound domain>`: mail to it comes from this participant and belongs to this conversation."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, related_name="reply_addresses"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    token = models.CharField(max_length=32)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(member__isnull=True), name="reply_address_one_participant"
            ),
            models.UniqueConstraint(fields=["token"], name="reply_address_token"),
            models.UniqueConstraint(fields=["conversation", "person"], name="reply_address_person_unique"),
            models.UniqueConstraint(fields=["conversation", "member"], name="reply_address_member_unique"),
        ]


class Message(models.Model):
    """Something said in a conversation; never changed once sent.

    `channel` is the way it came, or the first of those by which it went: its deliveries name them all. A note, a
    logged call, and what happened to the conversation itself ("event": it was assigned) are OWN: they stay with the
    team and have no delivery. `person` is who said it, or who called.
    `text` is what was said, `quoted` what it repeated of earlier mail, `html` the formatted form (sanitised).
    `rfc_message_id`, `in_reply_to` and `references` carry angle brackets; references are parted by a space.
    `given_message_id` is the Message-ID that the sender's mailbox gave it instead of ours, where it did. `others` are
    the addresses on a mail from a mailbox that are neither the person's nor a member's, parted by a space.
    """

    class Direction(models.TextChoices):
        IN = "in", "In"
        OUT = "out", "Out"
        OWN = "own", "Internal"

    class CallOutcome(models.TextChoices):
        SPOKE = "spoke", "Spoke"
        VOICEMAIL = "voicemail", "Left a voicemail"
        NO_ANSWER = "no_answer", "No answer"
        WRONG_NUMBER = "wrong_number", "Wrong number"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="messages")
    mailing = models.ForeignKey(
        "candidly.Mailing", on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    direction = models.CharField(max_length=3, choices=Direction)
    channel = models.CharField(max_length=10, default="email")
    member = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    rfc_message_id = models.CharField(max_length=998, blank=True)
    given_message_id = models.CharField(max_length=998, blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    automatic = models.CharField(max_length=100, blank=True)
    others = models.TextField(blank=True)
    call_outcome = models.CharField(max_length=20, choices=CallOutcome, blank=True)
    mentions = models.ManyToManyField(Member, blank=True, related_name="+")
    came_after_close = models.BooleanField(default=False, help_text="The application had been declined by then")
    send_key = models.CharField(max_length=64, blank=True, help_text="Of the form: a double click sends once")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "send_key"], name="message_sent_once", condition=~Q(send_key="")
            )
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_timeline"),
            models.Index(fields=["organization", "rfc_message_id"], name="message_by_rfc_id"),
            models.Index(
                fields=["organization", "given_message_id"],
                name="message_by_given_id",
                condition=~Q(given_message_id=""),
            ),
        ]


class Attachment(models.Model):
    """A file of a message, of all messages of a mailing, of a template, of what is not sent yet; of an agency's
    message, or what an agency submitted with an application.

    The bytes lie in `file`, outside the web root; several rows may share them.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    mailing = models.ForeignKey(
        "candidly.Mailing", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    template = models.ForeignKey(
        "candidly.Template", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    draft = models.ForeignKey(
        "candidly.KeptDraft", on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    scheduled = models.ForeignKey(
        "candidly.ScheduledMessage", on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    agency_message = models.ForeignKey(
        "candidly.AgencyMessage", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    uploaded_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    file = models.FileField(max_length=200)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["file"], name="attachment_by_file")]

    def __str__(self) -> str:
        return self.name
