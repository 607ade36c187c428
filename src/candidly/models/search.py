"""What full-text search has still to read."""

from django.db import models

from candidly.models.conversations import Message


class Unindexed(models.Model):
    """A message that search does not know yet. The index itself is each database's own (see rules.search)."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
