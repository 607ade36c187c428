"""Which delivery a mail system's report is about."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from candidly.mail.addresses import normalise
from candidly.mail.bounces import Report
from candidly.models import Delivery, InboundMail, Message, ReplyAddress
from candidly.rules import mail_identity
from candidly.rules.delivery_tokens import RETURN, delivery_in


def delivery_at(address: str) -> Delivery | None:
    """That whose return path this is; None for one that we did not make."""
    token = mail_identity.return_token_in(address)
    key = delivery_in(token, RETURN) if token else 0
    return _whole(Delivery.objects.filter(pk=key, organization__isnull=False)).first() if key else None


def answers_to(delivery: Delivery) -> ReplyAddress | None:
    """The reply address of what was delivered: mail to its return path that is no report is an answer to it."""
    if delivery.message:
        of_person = ReplyAddress.objects.filter(conversation=delivery.message.conversation, person__isnull=False)
        return of_person.first()
    token = mail_identity.token_in(delivery.notice.reply_to) if delivery.notice else ""
    return ReplyAddress.objects.filter(token=token, revoked_at=None).first() if token else None


def delivery_about(mail: InboundMail, report: Report) -> Delivery | None:
    """By the return path, else by the Message-ID of what came back, else by the conversation that it was sent to."""
    return (
        delivery_at(mail.envelope_to)
        or delivery_at(report.return_path)
        or _named(mail, report)
        or _in_conversation(mail, report)
    )


def _named(mail: InboundMail, report: Report) -> Delivery | None:
    if not report.message_ids:
        return None
    ours = Message.objects.filter(known_as(report.message_ids), organization=mail.organization_id)
    return _to(report.recipient, Delivery.objects.filter(message__in=ours, channel="email"))


def known_as(ids: Collection[str]) -> Q:
    """Messages that have one of these Message-IDs: by our own name, or by that which their sender's mailbox gave."""
    return Q(rfc_message_id__in=ids) | (Q(given_message_id__in=ids) & ~Q(given_message_id=""))


def _in_conversation(mail: InboundMail, report: Report) -> Delivery | None:
    if mail.reply_address is None or mail.reply_address.person_id is None:
        return None
    sent = Delivery.objects.filter(message__conversation=mail.reply_address.conversation_id, channel="email")
    return _to(report.recipient, sent)


def _to(recipient: str, sent: QuerySet[Delivery]) -> Delivery | None:
    """The newest of `sent`, to that address where one is named; another address is somebody else's news."""
    newest = list(_whole(sent).order_by("-pk")[:10])
    return next((row for row in newest if not recipient or normalise(row.address) == normalise(recipient)), None)


def _whole(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.select_related(
        "organization", "notice", "message__conversation__person", "message__conversation__mailing"
    )
