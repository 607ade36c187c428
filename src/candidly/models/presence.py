"""Who has a conversation open at this moment."""

from django.db import models

from candidly.models.conversations import Conversation
from candidly.models.organizations import Member


class Viewer(models.Model):
    """A member who looks at the conversation; they count as gone when `seen_at` is some time ago."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="viewers")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    is_writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="viewer_once")]
