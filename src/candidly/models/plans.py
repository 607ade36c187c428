"""What an organization's plan allows."""

from django.db import models


class Plan(models.Model):
    """A bulk limit (None: no limit) and the features that exist. An organization without a plan has everything."""

    name = models.CharField(max_length=60, unique=True)
    bulk_limit = models.PositiveIntegerField(null=True, blank=True, help_text="The most recipients of one mailing")
    features = models.JSONField(default=list, help_text="Names from rules.plans.FEATURES")

    def __str__(self) -> str:
        return self.name
