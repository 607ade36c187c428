"""What of a mailbox concerns us: threads that are followed, threads that have the label, answers to what we sent."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Lower

from candidly.envelope import MailHead, SeenMail
from candidly.mail import bounces
from candidly.mail.addresses import normalise, spellings
from candidly.mail.parse import addresses_in, ids_in
from candidly.models import Conversation, Delivery, KnownMail, KnownThread, Mailbox, Member, Message, Person, clock
from candidly.rules.access import people_for
from candidly.rules.mail_identity import local_part
from candidly.rules.matching import MAX_REFERENCES
from candidly.rules.returned import known_as

State = Delivery.State

LATELY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Found:
    """Of what was told of a mailbox: unknown mails in threads that are `followed`; `labelled` threads that are not;
    mails that came into the inbox `outside` of all these, or were `sent` outside of them. Nothing else is looked at."""

    followed: list[SeenMail] = field(default_factory=list)
    labelled: list[str] = field(default_factory=list)
    outside: list[SeenMail] = field(default_factory=list)
    sent: list[SeenMail] = field(default_factory=list)


def sort_out(mailbox: Mailbox, mails: Sequence[SeenMail], labels: Collection[str]) -> Found:
    """`labels` are the ids of ours. Two queries."""
    known = set(
        KnownMail.objects.filter(mailbox=mailbox, external_id__in=_ids(mails)).values_list("external_id", flat=True)
    )
    threads = KnownThread.objects.filter(mailbox=mailbox, thread_id__in={seen.thread_id for seen in mails})
    followed = set(threads.exclude(conversation=None).values_list("thread_id", flat=True))
    found = Found()
    for seen in mails:
        if seen.thread_id in followed:
            if seen.external_id not in known:
                found.followed.append(seen)
        elif seen.labels.intersection(labels):
            if seen.thread_id not in found.labelled:
                found.labelled.append(seen.thread_id)
        elif seen.is_new and seen.is_sent:
            found.sent.append(seen)
        elif seen.is_new and seen.in_inbox:
            found.outside.append(seen)
    return found


def unknown(mailbox: Mailbox, mails: Sequence[SeenMail]) -> list[SeenMail]:
    """Those that were not taken in yet."""
    known = set(
        KnownMail.objects.filter(mailbox=mailbox, external_id__in=_ids(mails)).values_list("external_id", flat=True)
    )
    return [seen for seen in mails if seen.external_id not in known]


def _ids(mails: Iterable[SeenMail]) -> set[str]:
    return {seen.external_id for seen in mails}


def person_on(mailbox: Mailbox, heads: Sequence[MailHead]) -> Person | None:
    """The first on these mails whose address is exactly that of somebody the mailbox's owner may see; candidates come
    before contacts. One query."""
    addresses = list(dict.fromkeys(address for head in heads for address in _correspondents(mailbox, head)))
    rank = {spelling: place for place, address in enumerate(addresses) for spelling in spellings(address)}
    people = people_for(mailbox.member).annotate(private=Lower("private_email"), work=Lower("work_email"))
    found = list(people.filter(Q(private__in=rank) | Q(work__in=rank)))

    def turn(person: Person) -> tuple[bool, int, int]:
        theirs = [rank[email] for email in (normalise(email) for email in person.emails) if email in rank]
        return person.kind != Person.Kind.CANDIDATE, min(theirs, default=len(rank)), person.pk

    return min(found, key=turn, default=None)


def _correspondents(mailbox: Mailbox, head: MailHead) -> Iterator[str]:
    for name in ("from", "to", "cc"):
        for address in addresses_in(head.fields.get(name, "")):
            if (email := normalise(address.email)) not in mailbox.addresses:
                yield email


def conversation_of(person: Person, heads: Iterable[MailHead]) -> Conversation | None:
    """The conversation with the person to which these mails belong: one of them is in it already, or answers it."""
    names = {name for head in heads for field_name in _NAMING for name in ids_in(head.fields.get(field_name, ""))}
    if not names:
        return None
    said = Message.objects.filter(known_as(names), organization=person.organization_id, conversation__person=person)
    newest = said.select_related("conversation__person").order_by("-pk").first()
    return newest.conversation if newest else None


_NAMING = ("message-id", "in-reply-to", "references")


def answered_by(mailbox: Mailbox, heads: Iterable[MailHead]) -> dict[str, Conversation]:
    """By mail (external id), the conversation in which the person who wrote it answers us, in a thread of its own. One
    query at most."""
    named = {head.seen.external_id: (_answers(head), head) for head in heads}
    names = {name for answered, _ in named.values() for name in answered}
    if not names:
        return {}
    said = Message.objects.filter(known_as(names), organization=mailbox.organization_id)
    known: dict[str, Conversation] = {}
    for message in said.select_related("conversation__person").order_by("pk"):
        known |= dict.fromkeys((message.rfc_message_id, message.given_message_id), message.conversation)
    answers = {key: _one_of(known, answered, head) for key, (answered, head) in named.items()}
    return {key: conversation for key, conversation in answers.items() if conversation}


def _answers(head: MailHead) -> list[str]:
    """The Message-IDs that it says it answers, the nearest first."""
    references = ids_in(head.fields.get("references", ""))[-MAX_REFERENCES:]
    return [*ids_in(head.fields.get("in-reply-to", "")), *reversed(references)]


def _one_of(known: Mapping[str, Conversation], answered: Iterable[str], head: MailHead) -> Conversation | None:
    conversation = next((known[name] for name in answered if name in known), None)
    senders = {normalise(address.email) for address in addresses_in(head.fields.get("from", ""))}
    if conversation is None or senders.isdisjoint(normalise(email) for email in conversation.person.emails):
        return None
    return conversation


def may_be_report(head: MailHead) -> bool:
    """Whether a mail system wrote it, by what stands on its outside."""
    automatic = head.fields.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no"
    senders = [address.email.lower() for address in addresses_in(head.fields.get("from", ""))]
    return automatic or any(email.startswith(("mailer-daemon@", "postmaster@")) for email in senders)


def is_report(mailbox: Mailbox, raw: bytes) -> bool:
    """Whether it tells that a mail of ours, sent by this mailbox, came back."""
    report = bounces.read(raw)
    if report is None or not report.message_ids:
        return False
    ours = Message.objects.filter(known_as(report.message_ids), organization=mailbox.organization_id)
    return Delivery.objects.filter(mailbox=mailbox, message__in=ours).exists()


def has_unlearnt(mailbox: Mailbox) -> bool:
    """Whether something was sent by it lately of which we never heard how it is called there: a worker died."""
    gone = Delivery.objects.filter(mailbox=mailbox, external_id="", state__in=(State.SENT, State.UNCONFIRMED))
    return gone.filter(created_at__gte=clock.now() - LATELY).exists()


def strangers(mailbox: Mailbox, person: Person, addresses: Iterable[str]) -> tuple[list[Member], list[str]]:
    """Who of these are members, and the addresses that are neither theirs nor the person's. One query."""
    wanted = dict.fromkeys(email for address in addresses if (email := normalise(address)) and not local_part(email))
    here = Member.objects.filter(organization=mailbox.organization_id).annotate(lower=Lower("user__email"))
    members: list[Member] = list(here.filter(lower__in=list(wanted)).select_related("user"))
    ours = mailbox.addresses | {normalise(email) for email in person.emails}
    ours |= {normalise(member.email) for member in members}
    return members, [email for email in wanted if email not in ours]
