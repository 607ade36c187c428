"""Members' own mailboxes: connected by their members, lost, and given up."""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from candidly.actions import live, notices
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.config import config
from candidly.mail.addresses import normalise
from candidly.models import (
    Conversation,
    Delivery,
    Mailbox,
    Mailing,
    Member,
    Notice,
    ScheduledMessage,
    Sealed,
    clock,
)
from candidly.rules import own_mailboxes

State = Mailbox.State

NOT_ON = "Your organization does not send from its members' own mailboxes."
NO_WRITER = "Its owner may only read, and so writes to nobody."
NO_ACCESS = "Its owner has no access any more."
WAITS = "Waits until the sender’s mailbox is connected."
#: A mailbox that was connected so lately has not been lost by what was tried before.
JUST_CONNECTED = timedelta(minutes=1)


@transaction.atomic
def begin(member: Member, provider: str, attempt: Mapping[str, str]) -> Mailbox:
    """Let a worker connect the member's mailbox with what is in `attempt`, which its provider's channel understands.
    What is connected stays so until it has worked. Raises Refused."""
    if not own_mailboxes.may_connect(member):
        raise Refused(NOT_ON)
    mailbox, _ = Mailbox.objects.get_or_create(member=member, defaults={"organization_id": member.organization_id})
    asked = {"provider": provider, **attempt}
    Mailbox.objects.filter(pk=mailbox.pk).update(attempt=Sealed.of(json.dumps(asked)), refusal="", due_at=clock.now())
    tell(mailbox)
    mailbox.refresh_from_db()
    return mailbox


@transaction.atomic
def connect(
    mailbox: Mailbox, provider: str, address: str, credentials: Mapping[str, str], aliases: Collection[str] = ()
) -> bool:
    """An attempt has led to this mailbox: it is the member's from now on, and what waited for it goes.

    False when it is another one than the member signs in with, or when they have begun anew meanwhile.
    """
    member = mailbox.member
    if normalise(address) != normalise(member.email):
        refuse(
            mailbox,
            f"You chose {address}. Use {member.email}, the address you sign in with: candidates are to know you by it.",
            by=provider,
        )
        return False
    now = clock.now()
    was_another = (mailbox.provider, mailbox.address) != (provider, normalise(address))
    begun = Mailbox.objects.filter(pk=mailbox.pk, attempt=mailbox.attempt)
    done = begun.update(
        provider=provider,
        address=normalise(address),
        aliases=" ".join(sorted(map(normalise, aliases))),
        credentials=Sealed.of(json.dumps(dict(credentials))),
        attempt=Sealed(),
        state=State.CONNECTED,
        since=now,
        reason="",
        refusal="",
        error="",
        failures=0,
        **({"cursor": "", "label_id": "", "first_total": None, "first_done": 0} if was_another else {}),
        due_at=now,
        rests_until=None,
        watched_until=None,
    )
    if done:
        _release(mailbox)
        note(member, "mailbox.connected", address=normalise(address))
        tell(mailbox)
    return bool(done)


@transaction.atomic
def refuse(mailbox: Mailbox, sentence: str, by: str, *, is_of_sign_in: bool = False) -> None:
    """The attempt at the provider `by` came to nothing, and the member is told why. What was connected stays so."""
    begun = Mailbox.objects.filter(pk=mailbox.pk, attempt=mailbox.attempt)
    why = {"refusal": sentence[:500], "refused_by": by, "refused_sign_in": is_of_sign_in}
    if begun.update(attempt=Sealed(), **why):
        tell(mailbox)


@transaction.atomic
def disconnect(member: Member) -> bool:
    """Give the mailbox up: a worker withdraws our access there, and what opened it is forgotten. What waits for it
    stays. False when there was none."""
    mailbox = give_up(member, "")
    if mailbox is not None:
        note(member, "mailbox.disconnected", address=mailbox.address)
    return mailbox is not None


def give_up(member: Member, reason: str) -> Mailbox | None:
    """The same, for whatever reason; the mailbox as it was, None when there was none to give up."""
    mailbox = Mailbox.objects.filter(member=member).exclude(state=State.DISCONNECTED, attempt=Sealed()).first()
    if mailbox is None:
        return None
    end(Mailbox.objects.filter(pk=mailbox.pk), reason)
    tell(mailbox)
    return mailbox


def end(mailboxes: QuerySet[Mailbox], reason: str) -> int:
    """Nothing opens them any more, but for a worker that withdraws our access."""
    now = clock.now()
    _say_that_it_waits(mailboxes)
    mailboxes.exclude(credentials=Sealed()).update(discarded=F("credentials"), credentials=Sealed())
    return mailboxes.update(
        state=State.DISCONNECTED,
        since=now,
        reason=reason,
        attempt=Sealed(),
        refusal="",
        due_at=now,
    )


def _say_that_it_waits(mailboxes: QuerySet[Mailbox]) -> None:
    Delivery.objects.waiting().filter(mailbox__in=mailboxes).update(reason=WAITS)


@transaction.atomic
def lose(key: int, reason: str) -> bool:
    """The mailbox of this key does not let us in any more: it rests, and its member is told, once."""
    now = clock.now()
    lost = Mailbox.objects.filter(pk=key, state=State.CONNECTED, since__lte=now - JUST_CONNECTED)
    if not lost.update(state=State.RECONNECT, since=now, reason=reason[:500], due_at=None):
        return False
    _say_that_it_waits(Mailbox.objects.filter(pk=key))
    mailbox = Mailbox.objects.select_related("member__user", "organization").get(pk=key)
    write(mailbox.member, "Connect your e-mail account again", LOST.format(address=mailbox.address, reason=reason))
    note(None, "mailbox.lost", organization=mailbox.organization, address=mailbox.address)
    tell(mailbox)
    return True


LOST = (
    "Candidly can no longer use your mailbox {address}. {reason}\n\nUntil you connect it again no mail of yours goes "
    "to candidates, and their answers do not come in. What you have sent meanwhile waits, and goes when you have."
)


def tell_of_answer(member: Member, conversation: Conversation, reason: str) -> None:
    """What the member answered by mail was not sent on."""
    person = conversation.person.full_name
    write(member, f"Not sent on: your answer to {person}", NOT_SENT_ON.format(person=person, reason=reason))


NOT_SENT_ON = (
    "You answered {person} by mail, and it was not sent on. {reason}\n\nWhat you wrote is in the review tray. Answer "
    "again when your mailbox is connected."
)


def write(member: Member, subject: str, text: str) -> None:
    notices.enqueue(
        kind=Notice.Kind.MAILBOX,
        organization=member.organization,
        user=member.user,
        to_address=member.email,
        subject=subject[:300],
        text=f"{text}\n\nConnect it here: {connect_url()}",
    )


def connect_url() -> str:
    """The page on which a member connects their mailbox."""
    return f"{config().base_url}/settings/mailbox/"


@transaction.atomic
def look_now(member: Member) -> bool:
    """Look at everything again, and at once; False when the mailbox is not connected."""
    mine = Mailbox.objects.filter(member=member, state=State.CONNECTED)
    changed = mine.update(due_at=clock.now(), cursor="", failures=0)
    for mailbox in mine:
        tell(mailbox)
    return bool(changed)


def nudge(provider: str, address: str) -> bool:
    """The provider says that something changed in this mailbox: it is looked at now. False where none is known."""
    news = Mailbox.objects.filter(provider=provider, address=normalise(address), state=State.CONNECTED)
    return bool(news.update(due_at=clock.now()))


def _release(mailbox: Mailbox) -> None:
    """What waited for the mailbox goes."""
    Delivery.objects.waiting().filter(mailbox=mailbox).update(due_at=clock.now(), reason="")
    release_held(ScheduledMessage.objects.filter(member=mailbox.member_id))
    Mailing.objects.filter(sender=mailbox.member_id, awaits_mailbox=True).update(awaits_mailbox=False)


def release_held(scheduled: QuerySet[ScheduledMessage]) -> None:
    held = scheduled.filter(state=ScheduledMessage.State.HELD)
    for conversation, member in held.values_list("conversation", "member"):
        if conversation:
            live.publish(f"conversation:{conversation}", "conversation")
        live.publish(f"member:{member}", "inbox")
    held.update(state=ScheduledMessage.State.WAITING, reason="")


def tell(mailbox: Mailbox) -> None:
    """To its member's pages, and to those of who looks at all of them."""
    live.publish(f"member:{mailbox.member_id}", "mailbox")
    tell_organization(mailbox.organization_id)


def tell_organization(organization: int) -> None:
    live.publish(f"mailboxes:{organization}", "mailboxes")
