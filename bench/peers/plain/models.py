from django.db import models


class SentMail(models.Model):
    """What a plain project writes down for each mail."""

    address = models.EmailField()
    subject = models.CharField(max_length=998)
    text = models.TextField()
    html = models.TextField()
    sent_at = models.DateTimeField(auto_now_add=True)
