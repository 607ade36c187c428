"""Read what came in: match it, and put it into its conversation."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from candidly.actions import agency_mail, conversations, filing, keywords, machine_mail, mailboxes, synced
from candidly.actions.attachments import attach
from candidly.actions.errors import Refused
from candidly.envelope import Incoming
from candidly.mail import doors
from candidly.models import Conversation, InboundMail, Member, Message, Person, clock
from candidly.models.literals import Literal
from candidly.rules import access
from candidly.rules.channels import obstacles
from candidly.rules.matching import Doubt, FromMember, FromPerson, Machine, Match, match
from candidly.rules.text_matching import match_text

State = InboundMail.State

log = structlog.get_logger()

#: A worker that was killed while reading holds its mails up for so long. Should another be reading one still, only one
#: of the two can file it.
LEASE = timedelta(seconds=30)
#: Mails that are claimed together: asking for work costs as much for one as for all of them.
AT_ONCE = 10
MAX_ATTEMPTS = 3
#: What is asked for of most mails that are read: where they belong, and whom that concerns.
AROUND = (
    "reply_address__member__user",
    "reply_address__conversation__person",
    "reply_address__conversation__organization",
)
UNREADABLE = "It could not be read after several attempts. The raw mail is kept; see what you can make of it below."


def read_some() -> int:
    """Read the oldest of what is stored, AT_ONCE at most. Returns how many were taken up; 0 when there are none."""
    keys = _claim()
    for key in keys:
        stored = InboundMail.objects.filter(pk=key, state=State.STORED).select_related(*AROUND)
        if mail := stored.first():
            process(mail)
    return len(keys)


def _claim() -> list[int]:
    """Lease the oldest stored mails to the caller; none when there are none.

    One that was claimed before comes alone: should it be what ends its reader, no other has to wait with it.
    """
    now = clock.now()
    waiting = InboundMail.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), state=Literal(State.STORED.value)
    )
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return []
    with transaction.atomic():
        rows = waiting.select_for_update(skip_locked=True).order_by("pk").values_list("pk", "attempts")[:AT_ONCE]
        found = dict(rows)
        keys = [key for key, attempts in found.items() if attempts][:1] or list(found)
        InboundMail.objects.filter(pk__in=keys).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return keys


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
