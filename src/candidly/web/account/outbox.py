"""Mail that Django or allauth sends takes the same way as every other mail: a row, and the worker."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from candidly.actions import notices
from candidly.models import Notice, User


class OutboxBackend(BaseEmailBackend):
    """The mailer of settings.MAILERS."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue each message once a recipient; the number of messages queued."""
        for email in email_messages:
            for address in email.recipients():
                _enqueue(email, address)
        return len(email_messages)


def _enqueue(email: EmailMessage, address: str) -> None:
    accounts = User.objects.select_related("member__organization", "agency_user__agency__organization")
    user = accounts.filter(email__iexact=address).first()
    who = getattr(user, "member", None) or getattr(user, "agency_user", None)
    notices.enqueue(
        kind=Notice.Kind.ACCOUNT,
        to_address=address,
        subject=str(email.subject),
        text=str(email.body),
        html=_html(email),
        organization=who.organization if who else None,
        user=user,
        reply_to=email.reply_to[0] if email.reply_to else "",
    )


def _html(email: EmailMessage) -> str:
    if not isinstance(email, EmailMultiAlternatives):
        return ""
    return next((str(content) for content, mimetype in email.alternatives if mimetype == "text/html"), "")
