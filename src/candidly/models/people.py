"""Candidates and contacts, the openings, and applications of the one for the other."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from candidly.models.organizations import Member, Organization


class Tag(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="tag_unique")]

    def __str__(self) -> str:
        return self.name


class Stage(models.IntegerChoices):
    """The steps of an application, in their order; 0 is nobody's stage: a person without an application."""

    NONE = 0, "No application"
    APPLIED = 1, "Applied"
    SCREENING = 2, "Screening"
    INTERVIEW = 3, "Interview"
    OFFER = 4, "Offer"
    HIRED = 5, "Hired"
    DECLINED = 6, "Declined"


class Person(models.Model):
    """A candidate, or a contact at a client company.

    `stage`, `last_message_at`, `last_channel` and `last_reply_at` repeat what the person's applications and
    messages say, so that a list of 200,000 sorts and filters by an index. The actions that change the one
    change the other in the same transaction.
    """

    class Kind(models.TextChoices):
        CANDIDATE = "candidate", "Candidate"
        CONTACT = "contact", "Contact"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="people")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CANDIDATE)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    private_email = models.CharField(max_length=254, blank=True)
    work_email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    location = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12, blank=True)
    source = models.CharField(max_length=120, blank=True)
    company = models.CharField(max_length=200, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    external_id = models.CharField(max_length=100, blank=True, help_text="What another system calls them")
    custom_fields = models.JSONField(default=dict, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="people")
    created_at = models.DateTimeField(default=timezone.now)

    stage = models.PositiveSmallIntegerField(choices=Stage, default=Stage.NONE)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_channel = models.CharField(max_length=10, blank=True)
    last_reply_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "kind", "id"], name="person_by_id"),
            models.Index(fields=["organization", "kind", "last_name", "first_name", "id"], name="person_by_name"),
            models.Index(fields=["organization", "kind", "last_message_at", "id"], name="person_by_message"),
            models.Index(fields=["organization", "kind", "stage", "id"], name="person_by_stage"),
            models.Index(fields=["organization", "kind", "location", "id"], name="person_by_location"),
            models.Index(fields=["organization", "kind", "company", "id"], name="person_by_company"),
            models.Index(
                fields=["organization", "external_id"], name="person_by_external_id", condition=~Q(external_id="")
            ),
            models.Index("organization", Lower("private_email"), name="person_by_private_email"),
            models.Index("organization", Lower("work_email"), name="person_by_work_email"),
            models.Index(fields=["phone"], name="person_by_phone", condition=~Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or "Unnamed"

    @property
    def email(self) -> str:
        """The address to write to: candidates at home, contacts at work, the other one where that is empty."""
        if self.kind == self.Kind.CONTACT:
            return self.work_email or self.private_email
        return self.private_email or self.work_email

    @property
    def emails(self) -> list[str]:
        return [email for email in (self.private_email, self.work_email) if email]


class PersonSearch(models.Model):
    """What the lists search of a person: lower case, names first, then addresses, phone, openings and tags.

    It stands beside the person, not in it: each message changes the person's row, and would have all the words of it
    written into the index again. The actions that change what it repeats change it in the same transaction.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="search")
    text = models.TextField()


class CustomField(models.Model):
    """A field of the organization's own that people have had: what `Person.custom_fields` can hold."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    key = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="custom_field_key")]

    def __str__(self) -> str:
        return self.key


class Opening(models.Model):
    """A job to fill, with the hiring team that may see who applied."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="openings")
    title = models.CharField(max_length=200)
    location = models.CharField(max_length=120, blank=True)
    team = models.ManyToManyField(Member, blank=True, related_name="openings")
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "title"], name="opening_by_title")]

    def __str__(self) -> str:
        return f"{self.title} – {self.location}" if self.location else self.title


class Application(models.Model):
    """A candidate for an opening. The stage owner is the member who coordinates the present stage."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DECLINED = "declined", "Declined"
        HIRED = "hired", "Hired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="applications")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="applications")
    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="applications")
    stage = models.PositiveSmallIntegerField(choices=Stage, default=Stage.APPLIED)
    stage_owner = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    declined_at = models.DateTimeField(null=True, blank=True, help_text="When it was declined, where that is known")
    submitted_by = models.ForeignKey(
        "candidly.AgencyUser", on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions"
    )
    applied_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "opening", "stage", "person"], name="application_by_opening"),
            models.Index(fields=["organization", "stage", "person"], name="application_by_stage"),
            models.Index(fields=["organization", "status", "person"], name="application_by_status"),
            models.Index(
                fields=["submitted_by", "-id"],
                name="application_submitted",
                condition=Q(submitted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.opening}"
