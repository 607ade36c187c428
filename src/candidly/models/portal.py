"""The links by which people without an account open their conversation."""

from django.db import models
from django.utils import timezone

from candidly.models.conversations import Conversation


class PortalLink(models.Model):
    """Opens one conversation for its person. Only the token's hash is kept: the token is made from `seed` and our key.

    It is used any number of times until it expires or is revoked.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="portal_links")
    seed = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="portal_link_token")]
