"""Make, from claimed deliveries, what a channel can send."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from candidly.config import config
from candidly.envelope import Address, Failed, File, Outgoing, OutgoingText, PermanentFailure
from candidly.mail.foot_notes import html_with_links, with_links
from candidly.mail.quotes import SEPARATOR
from candidly.models import Attachment, Delivery, Member, Notice, Organization, PortalLink, ReplyAddress
from candidly.rules import mail_identity, portal_links, unsubscribing
from candidly.rules.texting import said

#: A copy of a reply carries its files up to this size in all; larger ones are named, and stand in Candidly.
COPIED_FILES_MAX_BYTES = 10_000_000
LOST_FILE = "An attachment of this message is missing on the server, so it was not sent. Attach it again and resend."


def build(deliveries: Sequence[int]) -> list[Outgoing | Failed]:
    """The mails of the deliveries of these ids, with a number of queries that does not grow with theirs.

    A delivery whose attachment cannot be read any more comes as Failed; the others are not held up by it.
    """
    mails = list(_from_messages(deliveries))
    return mails if len(mails) == len(deliveries) else [*mails, *_from_notices(deliveries)]


def build_texts(deliveries: Sequence[int]) -> list[OutgoingText]:
    """The same for text messages: all that is said, or a short form of what goes by other ways too; and the link."""
    others = Delivery.objects.filter(message=OuterRef("message")).exclude(channel="sms")
    texts = Delivery.objects.filter(pk__in=deliveries).annotate(has_company=Exists(others)).order_by("pk")
    found = texts.values_list(*TEXT)
    seeds = _seeds(conversation for *_, conversation in found if conversation)
    return [
        OutgoingText(
            pk,
            number,
            notice or said(text, _link(seeds, conversation), is_alone=not has_company),
            sender or "",
            mailing is not None,
        )
        for pk, number, sender, mailing, has_company, notice, text, conversation in found
    ]


TEXT = (
    *("pk", "address", "organization__sms_number", "mailing", "has_company"),
    *("notice__text", "message__text", "message__conversation"),
)


MESSAGE = (
    *("subject", "text", "html", "rfc_message_id", "in_reply_to", "references", "created_at", "mailing_id"),
    *("member_id", "conversation_id", "conversation__person__first_name", "conversation__person__last_name"),
)


def _from_messages(deliveries: Sequence[int]) -> Iterator[Outgoing | Failed]:
    """From rows as dictionaries: a worker makes thousands a second, and model objects would double the cost."""
    found = Delivery.objects.filter(pk__among=deliveries, message__isnull=False).order_by("pk")
    names = {f"message__{name}": name.rpartition("__")[2] for name in MESSAGE}
    rows = [
        {names.get(name, name): value for name, value in row.items()}
        for row in found.values("pk", "address", "organization_id", "message_id", "mailing__campaign_id", *names)
    ]
    around = _Around(rows)
    for row in rows:
        try:
            yield around.outgoing(row)
        except OSError:
            yield Failed(row["pk"], PermanentFailure(LOST_FILE))


class _Around:
    """What the messages of a batch share: senders, organizations, reply tokens, files."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.organizations = Organization.objects.in_bulk({row["organization_id"] for row in rows})
        members = Member.objects.select_related("user").in_bulk({row["member_id"] for row in rows if row["member_id"]})
        self.senders = {pk: member.name for pk, member in members.items()}
        self.tokens = _tokens(row["conversation_id"] for row in rows)
        self.seeds = _seeds(row["conversation_id"] for row in rows)
        # What is written to many carries its mailing's files, and none of its own.
        single = {row["message_id"] for row in rows if not row["mailing_id"]}
        self.files = _Files(single, {row["mailing_id"] for row in rows if row["mailing_id"]})

    def outgoing(self, row: Mapping[str, Any]) -> Outgoing:
        """Raises OSError when one of its files is gone from the disk."""
        organization = self.organizations[row["organization_id"]]
        sender_name = self.senders.get(row["member_id"], organization.name)
        reply_to = mail_identity.reply_address(self.tokens[row["conversation_id"]])
        link = _link(self.seeds, row["conversation_id"])
        way_out = unsubscribing.NONE if row["mailing__campaign_id"] is None else unsubscribing.way_out(row["pk"])
        return Outgoing(
            delivery_id=row["pk"],
            sender=Address(mail_identity.sender_address(organization), sender_name),
            recipient=Address(row["address"], f"{row['first_name']} {row['last_name']}".strip()),
            reply_to=Address(reply_to, sender_name),
            return_path=mail_identity.return_path(row["pk"]),
            subject=row["subject"],
            text=with_links(row["text"], link, way_out.link),
            html=html_with_links(row["html"], link, way_out.link),
            message_id=row["rfc_message_id"],
            in_reply_to=row["in_reply_to"],
            references=tuple(row["references"].split()),
            list_id=f"{organization.slug}.{config().inbound_domain}" if row["mailing_id"] else "",
            date=row["created_at"],
            headers=way_out.headers,
            files=self.files.of(row["message_id"], row["mailing_id"]),
        )


def _tokens(conversations: Iterable[int]) -> dict[int, str]:
    """The person's reply token of each conversation."""
    addresses = ReplyAddress.objects.filter(conversation__id__among=set(conversations), person__isnull=False)
    return dict(addresses.values_list("conversation", "token"))


def _seeds(conversations: Iterable[int]) -> dict[int, str]:
    """The seed of each conversation's newest portal link that still opens it."""
    links = PortalLink.objects.filter(
        conversation__id__among=set(conversations), revoked_at=None, expires_at__gt=timezone.now()
    )
    return dict(links.order_by("pk").values_list("conversation", "seed"))


def _link(seeds: Mapping[int, str], conversation: int) -> str:
    """Empty where the conversation has none."""
    seed = seeds.get(conversation)
    return portal_links.address_of(seed) if seed else ""


class _Files:
    """The files of some messages and of their mailings, each read once however many messages carry it."""

    def __init__(self, messages: Iterable[int], mailings: Iterable[int]) -> None:
        self._attachments: defaultdict[tuple[int | None, int | None], list[Attachment]] = defaultdict(list)
        self._read: dict[int, File] = {}
        of_these = Q(message__id__among=set(messages)) | Q(mailing__id__among=set(mailings))
        for attachment in Attachment.objects.filter(of_these).order_by("pk"):
            self._attachments[attachment.message_id, attachment.mailing_id].append(attachment)

    def of(self, message: int, mailing: int | None = None) -> tuple[File, ...]:
        """Raises OSError when one of them is gone from the disk."""
        attachments = self._attachments.get((message, None), [])
        if mailing:
            attachments = attachments + self._attachments.get((None, mailing), [])
        return tuple(self._load(attachment) for attachment in attachments)

    def _load(self, attachment: Attachment) -> File:
        if attachment.pk not in self._read:
            with attachment.file.open("rb") as stream:
                self._read[attachment.pk] = File(
                    attachment.name, attachment.content_type, stream.read(), attachment.content_id
                )
        return self._read[attachment.pk]


def _from_notices(deliveries: Sequence[int]) -> Iterator[Outgoing | Failed]:
    rows = Delivery.objects.filter(pk__in=deliveries, notice__isnull=False).order_by("pk")
    found = list(rows.select_related("notice__organization", "notice__message", "notice__agency_message"))
    files = _Files({row.notice.message_id for row in found if row.notice and row.notice.message_id}, ())
    for row in found:
        assert row.notice  # as the query says
        try:
            yield _from_notice(row.pk, row.notice, files)
        except OSError:
            yield Failed(row.pk, PermanentFailure(LOST_FILE))


def _from_notice(delivery: int, notice: Notice, files: _Files) -> Outgoing:
    sender = mail_identity.sender_address(notice.organization)
    copied = notice.message
    return Outgoing(
        delivery_id=delivery,
        sender=Address(sender, notice.from_name or "Candidly"),
        recipient=Address(notice.to_address),
        reply_to=Address(notice.reply_to, notice.from_name) if notice.reply_to else None,
        return_path=mail_identity.return_path(delivery) if notice.organization_id else sender,
        subject=notice.subject,
        text=f"{SEPARATOR}\n\n{notice.text}" if notice.reply_to else notice.text,
        html=notice.html,
        message_id=notice.rfc_message_id,
        in_reply_to=copied.rfc_message_id if copied else "",
        references=_references(notice),
        date=notice.created_at,
        headers={"Auto-Submitted": "auto-generated"},
        files=_small_enough(files.of(copied.pk)) if copied and notice.kind == Notice.Kind.REPLY_COPY else (),
    )


def _references(notice: Notice) -> tuple[str, ...]:
    """What it is shown together with."""
    if notice.message and notice.message.rfc_message_id:
        return (*notice.message.references.split(), notice.message.rfc_message_id)
    return (mail_identity.thread_id(notice.agency_message.thread_id),) if notice.agency_message else ()


def _small_enough(files: tuple[File, ...]) -> tuple[File, ...]:
    return files if sum(len(file.content) for file in files) <= COPIED_FILES_MAX_BYTES else ()
