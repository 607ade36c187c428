"""Make, from claimed deliveries, what a channel can send."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from candidly.config import config
from candidly.envelope import Address, Failed, File, Outgoing, PermanentFailure
from candidly.mail.quotes import SEPARATOR
from candidly.models import (
    Attachment,
    Conversation,
    Delivery,
    Message,
    Notice,
    ReplyAddress,
)
from candidly.rules import mail_identity

#: A copy of a reply carries its files up to this size in all; larger ones are named, and stand in Candidly.
COPIED_FILES_MAX_BYTES = 10_000_000

LOST_FILE = "An attachment of this message is missing on the server, so it was not sent. Attach it again and resend."


def build(deliveries: Sequence[Delivery]) -> list[Outgoing | Failed]:
    """The deliveries' content, in their order, with a number of queries that does not grow with theirs.

    A delivery whose attachment cannot be read any more comes as Failed; the others are not held up by it.
    """
    whole = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).select_related(
        "message__member__user",
        "message__conversation__organization",
        "message__conversation__person",
        "notice__organization",
        "notice__message",
    )
    rows = list(whole.order_by("pk"))
    messages = [row.message for row in rows if row.message]
    files = _Files(
        [
            *messages,
            *(row.notice.message for row in rows if row.notice and row.notice.message),
        ]
    )
    tokens = _tokens([message.conversation for message in messages])
    return [_build_one(row, files, tokens) for row in rows]


def _build_one(delivery: Delivery, files: "_Files", tokens: Mapping[int, str]) -> Outgoing | Failed:
    try:
        if delivery.message:
            return _from_message(delivery, delivery.message, files, tokens)
        assert delivery.notice  # the database holds exactly one of the two
        return _from_notice(delivery, delivery.notice, files)
    except OSError:
        return Failed(delivery.pk, PermanentFailure(LOST_FILE))


class _Files:
    """The files of some messages and of their mailings, each read once however many messages carry it."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._attachments: defaultdict[tuple[int | None, int | None], list[Attachment]] = defaultdict(list)
        self._read: dict[int, File] = {}
        mailings = {message.mailing_id for message in messages if message.mailing_id}
        of_these = Q(message__in=[message.pk for message in messages]) | Q(mailing__in=mailings)
        for attachment in Attachment.objects.filter(of_these).order_by("pk"):
            self._attachments[attachment.message_id, attachment.mailing_id].append(attachment)

    def of(self, message: Message) -> tuple[File, ...]:
        """Raises OSError when one of them is gone from the disk."""
        attachments = self._attachments[message.pk, None]
        if message.mailing_id:
            attachments = attachments + self._attachments[None, message.mailing_id]
        return tuple(self._load(attachment) for attachment in attachments)

    def _load(self, attachment: Attachment) -> File:
        if attachment.pk not in self._read:
            with attachment.file.open("rb") as stream:
                self._read[attachment.pk] = File(
                    attachment.name,
                    attachment.content_type,
                    stream.read(),
                    attachment.content_id,
                )
        return self._read[attachment.pk]


def _tokens(conversations: Iterable[Conversation]) -> dict[int, str]:
    """The person's reply token of each conversation."""
    addresses = ReplyAddress.objects.filter(
        conversation__in=[conversation.pk for conversation in conversations],
        person__isnull=False,
    )
    return dict(addresses.values_list("conversation", "token"))


def _from_message(
    delivery: Delivery,
    message: Message,
    files: _Files,
    tokens: Mapping[int, str],
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
        files=files.of(message),
    )


def _from_notice(delivery: Delivery, notice: Notice, files: _Files) -> Outgoing:
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
        files=_small_enough(files.of(copied)) if copied else (),
    )


def _small_enough(files: tuple[File, ...]) -> tuple[File, ...]:
    return files if sum(len(file.content) for file in files) <= COPIED_FILES_MAX_BYTES else ()
