"""What is known of the database as a whole, so that one that was restored from a back-up is noticed."""

from uuid import uuid4

from django.db import models


class Installation(models.Model):
    """The only row of its kind. `key` names this database for good, restored or not.

    `held_before`: the database was restored, and nothing written before that time is sent until somebody says so.
    """

    key = models.UUIDField(default=uuid4, editable=False)
    held_before = models.DateTimeField(null=True, blank=True)


class Witness(models.Model):
    """A machine with workers, and when it last saw this database. It remembers the same time outside the database."""

    machine = models.UUIDField(unique=True)
    seen_at = models.DateTimeField()
