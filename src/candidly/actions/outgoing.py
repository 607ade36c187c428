"""Make, from claimed deliveries, what a channel can send."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q

from candidly.config import config
from candidly.envelope import Address, File, Outgoing
from candidly.mail.quotes import SEPARATOR
from candidly.models import Attachment, Conversation, Delivery, Message, Notice, ReplyAddress
from candidly.rules import mail_identity

#: A copy of a reply carries its files up to this size in all; larger ones are named, and stand in Candidly.
COPIED_FILES_MAX_BYTES = 10_000_000

#: By (message id, None) or (None, mailing id): what they belong to.
type Files = defaultdict[tuple[int | None, int | None], tuple[File, ...]]


def build(deliveries: Sequence[Delivery]) -> list[Outgoing]:
    """The deliveries' content, in their order, with a number of queries that does not grow with theirs."""
    whole = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).select_related(
        "message__member__user",
        "message__conversation__organization",
        "message__conversation__person",
        "notice__organization",
        "notice__message",
    )
    rows = list(whole.order_by("pk"))
    messages = [row.message for row in rows if row.message]
    files = _files([*messages, *(row.notice.message for row in rows if row.notice and row.notice.message)])
    tokens = _tokens([message.conversation for message in messages])
    return [
        _from_message(row, row.message, files, tokens) if row.message else _from_notice(row, row.notice, files)  # type: ignore[arg-type]
        for row in rows
    ]


def _files(messages: Sequence[Message]) -> Files:
    """The files of the messages, and of their mailings, each read once however many messages carry it."""
    files: Files = defaultdict(tuple)
    of_these = Q(message__in=[message.pk for message in messages]) | Q(
        mailing__in={message.mailing_id for message in messages if message.mailing_id}
    )
    for attachment in Attachment.objects.filter(of_these).order_by("pk"):
        files[attachment.message_id, attachment.mailing_id] += (_read(attachment),)
    return files


def _tokens(conversations: Iterable[Conversation]) -> dict[int, str]:
    """The person's reply token of each conversation."""
    addresses = ReplyAddress.objects.filter(
        conversation__in=[conversation.pk for conversation in conversations], person__isnull=False
    )
    return dict(addresses.values_list("conversation", "token"))


def _from_message(
    delivery: Delivery,
    message: Message,
    files: Files,
    tokens: dict[int, str],
) -> Outgoing:
    conversation = message.conversation
    organization = conversation.organization
    sender_name = message.member.name if message.member else organization.name
    reply_to = mail_identity.reply_address(tokens[conversation.pk])
    return Outgoing(
        delivery_id=delivery.pk,
        sender=Address(mail_identity.sender_address(organization), sender_name),
        recipient=Address(delivery.address, conversation.person.full_name),
        reply_to=Address(reply_to, sender_name),
        return_path=reply_to,
        subject=message.subject,
        text=message.text,
        html=message.html,
        message_id=message.rfc_message_id,
        in_reply_to=message.in_reply_to,
        references=tuple(message.references.split()),
        list_id=f"{organization.slug}.{config().inbound_domain}" if message.mailing_id else "",
        date=message.created_at,
        files=files[message.pk, None] + files[None, message.mailing_id],
    )


def _from_notice(delivery: Delivery, notice: Notice, files: Files) -> Outgoing:
    sender = mail_identity.sender_address(notice.organization)
    copied = notice.message
    return Outgoing(
        delivery_id=delivery.pk,
        sender=Address(sender, notice.from_name or "Candidly"),
        recipient=Address(delivery.address),
        reply_to=Address(notice.reply_to, notice.from_name) if notice.reply_to else None,
        return_path=sender,
        subject=notice.subject,
        text=f"{SEPARATOR}\n\n{notice.text}" if notice.reply_to else notice.text,
        html=notice.html,
        message_id=notice.rfc_message_id,
        in_reply_to=copied.rfc_message_id if copied else "",
        references=(*copied.references.split(), copied.rfc_message_id) if copied and copied.rfc_message_id else (),
        date=notice.created_at,
        headers={"Auto-Submitted": "auto-generated"},
        files=_small_enough(files[copied.pk, None]) if copied else (),
    )


def _small_enough(files: tuple[File, ...]) -> tuple[File, ...]:
    return files if sum(len(file.content) for file in files) <= COPIED_FILES_MAX_BYTES else ()


def _read(attachment: Attachment) -> File:
    with attachment.file.open("rb") as stream:
        return File(attachment.name, attachment.content_type, stream.read(), attachment.content_id)
