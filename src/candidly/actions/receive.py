"""Take mail in: store it whole, then read it, match it, and put it into its conversation."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from candidly.actions import agency_mail, conversations, filing, keywords, machine_mail, mailboxes, synced
from candidly.actions.attachments import attach
from candidly.actions.errors import Refused
from candidly.envelope import Incoming
from candidly.mail import doors
from candidly.mail.fingerprint import fingerprint
from candidly.mail.text_form import read_form
from candidly.models import (
    AgencyReplyAddress,
    Conversation,
    Delivery,
    InboundMail,
    Member,
    Message,
    Organization,
    Person,
    ReplyAddress,
    clock,
)
from candidly.models.literals import Literal
from candidly.rules import access, mail_identity
from candidly.rules.agency_mail import agency_address_at, agency_address_of
from candidly.rules.channels import obstacles
from candidly.rules.matching import Doubt, FromMember, FromPerson, Machine, Match, match
from candidly.rules.returned import answers_to, delivery_at
from candidly.rules.text_matching import match_text, organization_of
from candidly.rules.unsubscribing import delivery_of

State = InboundMail.State

log = structlog.get_logger()

#: A worker that was killed while reading holds its mail up for so long. Should another be reading it still, only one
#: of the two can file it.
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3
UNREADABLE = "It could not be read after several attempts. The raw mail is kept; see what you can make of it below."


def accepts(address: str) -> bool:
    """Whether mail to `address` has a place here: a reply address that was not revoked, one that our mails carry for
    machines, or an organization's own."""
    return _destination(address) is not None


@transaction.atomic
def store(*, door: str, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[InboundMail]:
    """Keep the mail, once for each recipient of ours. When this returns, it is safe to acknowledge.

    The same mail handed in again at the same door, as after an acknowledgement that was lost, is kept once.
    """
    mark = fingerprint(raw)
    return [
        _store_one(
            door,
            envelope_from,
            recipient,
            raw,
            f"{mark}:{mail_identity.local_part(recipient)}"[:200],
        )
        for recipient in recipients
    ]


@transaction.atomic
def store_text(raw: bytes) -> InboundMail:
    """Keep the text that a provider hands in as this form. When this returns, it is safe to acknowledge.

    The same text handed in again is kept once. Raises Refused for one that is nobody's.
    """
    text = read_form(raw)
    if not text.external_id or not text.sender:
        raise Refused("The form says neither who texted nor what the text is called.")
    organization = organization_of(text.sender, text.recipient)
    if organization is None:
        raise Refused("No organization texts from this number, and none knows who texted.")
    mail, _ = InboundMail.objects.get_or_create(
        door="sms",
        external_id=text.external_id[:200],
        defaults={
            "organization": organization,
            "envelope_from": text.sender[:320],
            "envelope_to": text.recipient[:320],
            "raw": raw,
            "size": len(raw),
        },
    )
    return mail


def _store_one(door: str, envelope_from: str, recipient: str, raw: bytes, external_id: str) -> InboundMail:
    destination = _destination(recipient)
    if destination is None:
        raise Refused("No such address.")
    mail, _ = InboundMail.objects.get_or_create(
        door=door,
        external_id=external_id,
        defaults={
            "organization_id": destination.organization_id,
            "reply_address": destination.reply_address,
            "agency_address": destination.agency_address,
            "envelope_from": envelope_from[:320],
            "envelope_to": recipient[:320],
            "raw": raw,
            "size": len(raw),
        },
    )
    return mail


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where mail to an address belongs; without one of the two it is the organization's own."""

    organization_id: int
    reply_address: ReplyAddress | None = None
    agency_address: AgencyReplyAddress | None = None


def _destination(address: str) -> _Destination | None:
    if token := mail_identity.token_in(address):
        reply_address = ReplyAddress.objects.filter(token=token, revoked_at=None).first()
        if reply_address:
            return _Destination(reply_address.organization_id, reply_address)
        agency_address = agency_address_at(address)
        return _Destination(agency_address.thread.organization_id, None, agency_address) if agency_address else None
    if delivery := delivery_at(address):
        return _to_return_path(delivery)
    if token := mail_identity.unsubscribe_token_in(address):
        delivery = delivery_of(token)
        return _Destination(delivery.organization_id) if delivery and delivery.organization_id else None
    organization = Organization.objects.filter(slug=mail_identity.local_part(address)).first()
    return _Destination(organization.pk) if organization else None


def _to_return_path(delivery: Delivery) -> _Destination | None:
    if not delivery.organization_id:
        return None
    return _Destination(delivery.organization_id, answers_to(delivery), agency_address_of(delivery))


def claim_next() -> InboundMail | None:
    """Lease the oldest stored mail to the caller; None when there is none."""
    now = clock.now()
    waiting = InboundMail.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), state=Literal(State.STORED.value)
    )
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return None
    with transaction.atomic():
        mail = waiting.select_for_update(skip_locked=True).order_by("pk").first()
        if mail:
            InboundMail.objects.filter(pk=mail.pk).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
            mail.refresh_from_db(fields=["attempts"])
        return mail


def process(mail: InboundMail) -> None:
    """Bring one stored mail to its end state. Whatever is in it, it is neither lost nor does it stop the others.

    Raises OperationalError or InterfaceError when the database is away, which is no fault of the mail: it is read again
    when its lease has run out.
    """
    try:
        with transaction.atomic():
            _process(mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - a mail may hold anything, and the next one must not wait for it
        log.error(
            "inbound mail not processed",
            mail=mail.pk,
            error=type(error).__name__,
            at=_where(error),
        )
        _give_up_or_retry(mail)


def _where(error: Exception) -> str:
    """The place in the code, without the message of the error: that may quote the mail."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.name}:{frame.lineno}"


def _give_up_or_retry(mail: InboundMail) -> None:
    if mail.attempts >= MAX_ATTEMPTS and mail.agency_address_id:
        agency_mail.give_up(mail)
    elif mail.attempts >= MAX_ATTEMPTS:
        filing.set_aside(mail, UNREADABLE, None)
    else:
        wait = clock.now() + timedelta(seconds=10 * mail.attempts)
        InboundMail.objects.filter(pk=mail.pk).update(lease_until=wait)


#: By door: whose it is, and what is done beside filing it.
MATCHERS: Mapping[str, Callable[[InboundMail, Incoming], Match]] = {
    "smtp": lambda mail, incoming: match(mail.organization_id, mail.reply_address, incoming),
    "sms": lambda mail, incoming: match_text(mail.organization_id, incoming),
}
#: What is done instead, each in its turn: returns whether it was.
SETTLED: Mapping[str, Sequence[Callable[[InboundMail, Incoming], bool]]] = {
    "smtp": (machine_mail.settle, agency_mail.settle),
    synced.DOOR: (synced.settle,),
}
HEEDED: Mapping[str, Callable[[InboundMail, Incoming, Person | None], None]] = {"sms": keywords.heed}


def _process(mail: InboundMail) -> None:
    incoming = doors.read(mail.door, bytes(mail.raw), mail.envelope_from)
    filing.describe(mail, incoming)
    if any(settle(mail, incoming) for settle in SETTLED.get(mail.door, ())):
        return
    matched = MATCHERS[mail.door](mail, incoming)
    _place(mail, incoming, matched)
    if heed := HEEDED.get(mail.door):
        heed(mail, incoming, matched.person if isinstance(matched, FromPerson) else None)


def _place(mail: InboundMail, incoming: Incoming, matched: Match) -> None:
    match matched:
        case FromPerson(conversation):
            filing.file(mail, conversation, incoming)
        case FromMember(conversation, member):
            _pass_on(mail, incoming, conversation, member)
        case Machine(reason):
            filing.end(mail, State.DROPPED, problem=reason)
        case Doubt(reason, suggestion):
            filing.set_aside(mail, reason, suggestion)


def _pass_on(mail: InboundMail, incoming: Incoming, conversation: Conversation, member: Member) -> None:
    """A member answered from their own mail program: on to the person as the member’s, or to review with why not."""
    if not access.conversations_for(member).filter(pk=conversation.pk).exists():
        filing.set_aside(mail, f"{member.name} can no longer see this conversation.", conversation)
        return
    try:
        with transaction.atomic():
            attachments = [attach(member, file) for file in incoming.files]
            message = conversations.answer(
                member,
                conversation,
                text=incoming.reply,
                subject=incoming.subject,
                channels=_ways_back(conversation),
                attachments=attachments,
            )
    except Refused as refusal:
        filing.set_aside(mail, f"{member.name}’s answer was not sent on: {refusal}", conversation)
        if refusal.field == "mailbox":
            mailboxes.tell_of_answer(member, conversation, str(refusal))
    else:
        filing.end(mail, State.FILED, message=message)


def _ways_back(conversation: Conversation) -> tuple[str, ...]:
    """By mail, as it came; to who has none by the way that they wrote themselves."""
    if not obstacles(conversation.person, ["email"]):
        return ("email",)
    said = conversation.messages.filter(direction=Message.Direction.IN).order_by("-pk")
    return tuple(said.values_list("channel", flat=True)[:1]) or ("email",)
