"""Lists of people that come in as a file: looked through first, then taken in row by row."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from candidly.models.organizations import Member, Organization


class PeopleImport(models.Model):
    """One uploaded file. It is checked whole before anything is changed; then a person says Import.

    `position` is the last row that was dealt with, so that a worker which was killed goes on behind it.
    """

    class Kind(models.TextChoices):
        CANDIDATES = "candidates", "Candidates"
        CONTACTS = "contacts", "Contacts"
        APPLICATIONS = "applications", "Applications"

    class State(models.TextChoices):
        CHECKING = "checking", "Checking"
        CHECKED = "checked", "Checked"
        IMPORTING = "importing", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="imports")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    file = models.FileField(max_length=200)
    name = models.CharField(max_length=255)
    columns = models.JSONField(default=dict, help_text="Which column holds which field")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it failed, in plain words")
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="import_newest"),
            models.Index(fields=["id"], name="import_under_way", condition=Q(state__in=("checking", "importing"))),
        ]


class ImportProblem(models.Model):
    """What is wrong with one row, in plain words; the row itself is not taken in."""

    of = models.ForeignKey(PeopleImport, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(help_text="As a spreadsheet counts: the heading is row 1")
    column = models.CharField(max_length=100, blank=True)
    sentence = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["of", "row", "id"], name="import_problem_row")]
