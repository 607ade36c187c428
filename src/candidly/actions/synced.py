"""Take in what was found in a member's own mailbox: whole and once, then into its conversation as who said it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from candidly.actions import elsewhere, filing, hearing, live, machine_mail, own_mail, writing
from candidly.envelope import Incoming, MailboxMail, MailHead
from candidly.mail.addresses import normalise
from candidly.mail.compose import MARK
from candidly.mail.decoding import decode_words
from candidly.mail.parse import ids_in
from candidly.mail.structure import read_structure
from candidly.models import (
    Application,
    Conversation,
    Delivery,
    InboundMail,
    KnownMail,
    KnownThread,
    Mailbox,
    Member,
    Message,
    Person,
    clock,
)
from candidly.rules import gathering
from candidly.rules.returned import known_as

State = InboundMail.State
DOOR = "mailbox"
#: While whoever fetched a thread goes through its mails in their order, nobody else reads them.
LEASE = timedelta(minutes=2)
#: Clocks differ, and a mail may be under way: what came so long before the last look is news as well.
LATELY = timedelta(minutes=10)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NOT_FOLLOWED = "Its thread is not followed any more."


@transaction.atomic
def keep(mailbox: Mailbox, found: MailboxMail) -> InboundMail | None:
    """Store the mail as it is; None when it is known. When this returns, it cannot be lost."""
    seen = found.seen
    known, is_new = KnownMail.objects.get_or_create(
        mailbox=mailbox,
        external_id=seen.external_id,
        defaults={
            "thread_id": seen.thread_id,
            "is_sent": seen.is_sent,
            "is_news": found.received_at >= (mailbox.synced_at or mailbox.since) - LATELY,
        },
    )
    if not is_new:
        return None
    mail = InboundMail.objects.create(
        organization_id=mailbox.organization_id,
        door=DOOR,
        external_id=f"{mailbox.pk}:{hashlib.sha256(seen.external_id.encode()).hexdigest()}",
        envelope_to=mailbox.address,
        raw=found.raw,
        size=len(found.raw),
        received_at=found.received_at,
        attempts=1,
        lease_until=clock.now() + LEASE,
    )
    KnownMail.objects.filter(pk=known.pk).update(inbound=mail)
    return mail


@transaction.atomic
def adopt(mailbox: Mailbox, thread_id: str, heads: Sequence[MailHead]) -> Conversation | None:
    """Follow a thread that has the label, if somebody on it is a person of ours. `heads`: of its mails, oldest first.

    It belongs to the conversation that holds one of its mails already, else it begins one. None: nobody's address is
    exactly that of a person whom the mailbox's owner may see; nothing of it is kept.
    """
    person = gathering.person_on(mailbox, heads)
    if person is None:
        KnownThread.objects.get_or_create(mailbox=mailbox, thread_id=thread_id)
        return None
    Person.objects.select_for_update().filter(pk=person.pk).first()  # a colleague's mailbox may hold the same mails
    conversation = gathering.conversation_of(person, heads) or _begin(mailbox, person, heads)
    own_mail.follow(mailbox.pk, thread_id, conversation.pk)
    return conversation


def _begin(mailbox: Mailbox, person: Person, heads: Sequence[MailHead]) -> Conversation:
    subject = " ".join(decode_words(heads[0].fields.get("subject", "")).split()) if heads else ""
    conversation = Conversation(
        organization_id=person.organization_id,
        person=person,
        application=_present(person),
        owner=mailbox.member,
        subject=subject[:998] or f"Mail with {person.full_name}",
        last_message_at=clock.now(),
    )
    writing.begin([(0, writing.Draft(conversation, mailbox.member, conversation.subject, ""))])
    Conversation.objects.filter(pk=conversation.pk).update(last_message_at=LONG_AGO)  # its mails say when
    conversation.participations.update(last_message_at=LONG_AGO)
    return conversation


def _present(person: Person) -> Application | None:
    """The application that is under way, else the newest."""
    found = list(person.applications.order_by("-applied_at", "-pk")[:20])
    return next((one for one in found if one.status == Application.Status.ACTIVE), found[0] if found else None)


def settle(mail: InboundMail, incoming: Incoming) -> bool:
    """Bring a mail from a mailbox to its end state; always done with. The caller holds the transaction."""
    known = KnownMail.objects.select_related("mailbox__member__user").filter(inbound=mail).first()
    if known is None:
        return filing.end(mail, State.DROPPED, problem=NOT_FOLLOWED) or True
    if recognise(known, bytes(mail.raw), incoming.message_id, mail.received_at):
        return filing.end(mail, State.DUPLICATE, message=known.message) or True
    if incoming.automatic and machine_mail.reports(mail, incoming):
        return True
    conversation = _conversation(known)
    if conversation is None:
        return filing.end(mail, State.DROPPED, problem=NOT_FOLLOWED) or True
    if same := _same(conversation, incoming):
        filing.end(mail, State.DUPLICATE, message=same)
        KnownMail.objects.filter(pk=known.pk).update(message=same)
    elif filing.end(mail, State.FILED):
        message = _say(conversation, known, incoming, mail.received_at)
        InboundMail.objects.filter(pk=mail.pk).update(message=message)
        KnownMail.objects.filter(pk=known.pk).update(message=message)
    return True


def recognise(known: KnownMail, raw: bytes, message_id: str, at: datetime) -> bool:
    """Whether it is the copy of what went out from here. What a worker that died could not tell of it is learnt now."""
    delivery = sent_as(known.mailbox, raw) if known.is_sent else None
    if delivery is None or delivery.message is None:
        return False
    own_mail.know(delivery, known.external_id, known.thread_id)
    known.message = delivery.message
    if message_id and message_id != delivery.message.rfc_message_id:
        Message.objects.filter(pk=delivery.message.pk, given_message_id="").update(given_message_id=message_id)
    Delivery.objects.filter(pk=delivery.pk, external_id="").update(external_id=known.external_id[:200])
    in_doubt = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.UNCONFIRMED)
    if in_doubt.update(state=Delivery.State.SENT, sent_at=Coalesce("sent_at", at), reason="", leased_by=""):
        live.publish(f"conversation:{delivery.message.conversation_id}", "conversation")
    return True


def sent_as(mailbox: Mailbox, raw: bytes) -> Delivery | None:
    """The delivery by this mailbox of which the mail is the copy: by our Message-ID, or by the mark that names it."""
    fields = read_structure(raw)[0].fields
    names = [name for field in (MARK.lower(), "message-id") for name in ids_in(fields.first(field))]
    if not names:
        return None
    ours = Message.objects.filter(organization=mailbox.organization_id, rfc_message_id__in=names)
    return Delivery.objects.filter(mailbox=mailbox, message__in=ours).select_related("message").first()


def _conversation(known: KnownMail) -> Conversation | None:
    """Locked: a colleague's mailbox may bring in the same mail at this moment."""
    thread = KnownThread.objects.filter(mailbox=known.mailbox, thread_id=known.thread_id).first()
    if thread is None or thread.conversation_id is None:
        return None
    Conversation.objects.select_for_update().filter(pk=thread.conversation_id).first()
    about = ("organization", "person", "application", "mailing")
    return Conversation.objects.select_related(*about).get(pk=thread.conversation_id)


def _same(conversation: Conversation, incoming: Incoming) -> Message | None:
    """What the conversation holds already under this Message-ID."""
    if not incoming.message_id:
        return None
    return conversation.messages.filter(known_as([incoming.message_id[:998]])).first()


def _say(conversation: Conversation, known: KnownMail, incoming: Incoming, at: datetime) -> Message:
    """As the words of who wrote it: the person, a member, or somebody else on the same mail."""
    mailbox, person = known.mailbox, conversation.person
    sender = normalise(incoming.sender.email)
    is_persons = sender in map(normalise, person.emails)
    members, strangers = gathering.strangers(
        mailbox, person, [sender, *(address.email for address in incoming.recipients)]
    )
    others = " ".join(stranger for stranger in strangers if stranger != sender)
    if not is_persons and (author := _author(known, members, sender)):
        message = elsewhere.written(elsewhere.Written(conversation, author, known, incoming, at, others))
    else:
        heard = filing.heard(incoming, at=at, others=others, is_persons=is_persons, is_news=known.is_news)
        message = hearing.hear(conversation, heard, has_it=mailbox.member)
    elsewhere.bring_in(conversation, members, message)
    return message


def _author(known: KnownMail, members: Sequence[Member], sender: str) -> Member | None:
    """The member who wrote it, if one did."""
    if known.is_sent or sender in known.mailbox.addresses:
        return known.mailbox.member
    return next((member for member in members if normalise(member.email) == sender), None)
