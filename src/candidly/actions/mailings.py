"""One text to many people: freeze the audience, write each their own message, and tell the sender when all has gone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from candidly.actions import live, merge_html, notices
from candidly.actions.audit import note
from candidly.actions.conversations import check_mailbox
from candidly.actions.errors import Refused
from candidly.actions.freezing import freeze, intent_of
from candidly.actions.mailboxes import connect_url
from candidly.config import config
from candidly.models import (
    Attachment,
    Campaign,
    Delivery,
    Mailing,
    MailingRecipient,
    Member,
    Notice,
    Person,
    Template,
    clock,
)
from candidly.rules import access, own_mailboxes, plans
from candidly.rules.channels import PORTAL, carried, chosen
from candidly.rules.consent import suppressed_of
from candidly.rules.merge_fields import compile_text, custom_keys
from candidly.rules.preflight import USUALLY_OUT, preflight
from candidly.rules.restored import not_held
from candidly.rules.subjects import first_subject
from candidly.rules.ways import MAILBOX_BY_NOW

State = Mailing.State
#: How much earlier than anywhere else a day begins on the line islands (UTC+14), seen from UTC-12.
EARLIEST = timedelta(hours=26)
BEGUN = "It has begun or was cancelled meanwhile, so it can no longer be changed."
NO_WAY = "Choose e-mail or SMS too: a conversation that is new is opened by the link in these."
CANCELLED_REASON = "The mailing was cancelled before this one left."


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a member asks for. The fields are those of Mailing.

    `audience` is `{"filter": {…}}`, `{"ids": […]}` or `{"campaign": …}`, read with the member's own access. A
    `send_key` seen before names the mailing that it started then.
    """

    subject: str
    body: str
    audience: dict[str, Any]
    is_html: bool = False
    kind: str = Person.Kind.CANDIDATE.value
    channels: Sequence[str] = ("email",)
    campaign: Campaign | None = None
    template: Template | None = None
    attachments: Sequence[Attachment] = ()
    address_rule: str = ""
    falls_back: bool = True
    left_out: Sequence[str] = USUALLY_OUT
    starts_at: datetime | None = None
    is_local_time: bool = False
    send_key: str = ""


def send(member: Member, order: Order) -> Mailing:
    """Freeze who gets it, and leave the rest to the workers. Raises Refused. A double click sends once."""
    _check(member, order)
    check_mailbox(member, order.channels)
    mailing = Mailing(
        organization_id=member.organization_id,
        sender=member,
        per_minute=config().mailing_per_minute,
        state=State.SCHEDULED if order.starts_at else State.SENDING,
        channels=[channel.name for channel in chosen(order.channels)],
        **_written(member, order),
        **{name: getattr(order, name) for name in KEPT},
    )
    try:
        with transaction.atomic():
            return _sent_before(member, order.send_key) or _start(mailing, order.attachments)
    except IntegrityError:  # the other click committed while ours was writing
        if sent := _sent_before(member, order.send_key):
            return sent
        raise


KEPT = (
    *("audience", "kind", "campaign", "template", "address_rule", "falls_back", "starts_at", "is_local_time"),
    *("left_out", "send_key"),
)


def _written(sender: Member, order: Order) -> dict[str, Any]:
    return {
        "subject": first_subject(order.subject, sender.organization),
        "body": merge_html.sanitized(order.body) if order.is_html else order.body,
        "is_html": order.is_html,
    }


def _check(member: Member, order: Order) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to write to candidates.")
    check_channels(order.channels, in_campaign=order.campaign is not None)
    if any(channel.has_subject for channel in chosen(order.channels)) and not order.subject.strip():
        raise Refused("Write a subject first.", field="subject")
    if not order.body.strip():
        raise Refused("Write a message first.", field="body")
    keys = custom_keys(member.organization_id)
    for field, text in (("subject", order.subject), ("body", order.body)):
        for problem in compile_text(text).problems(keys, in_campaign=order.campaign is not None):
            raise Refused(problem, field=field)
    if order.starts_at and order.starts_at <= clock.now():
        raise Refused("That time is past. Choose a later one, or send it now.", field="starts_at")


def check_channels(channels: Collection[str], *, in_campaign: bool) -> None:
    """Raises Refused when a mailing cannot go by these."""
    if not carried(channels):
        raise Refused(NO_WAY if PORTAL in channels else "Choose how to send it: by e-mail or SMS.", field="channels")
    if in_campaign and list(channels) != ["email"]:
        raise Refused("A campaign goes by e-mail alone.", field="channels")
    if "sms" in channels and not config().texts:
        raise Refused("Text messages are not set up on this server. Send it by e-mail.", field="channels")


def _sent_before(member: Member, send_key: str) -> Mailing | None:
    if not send_key:
        return None
    return Mailing.objects.filter(organization=member.organization_id, sender=member, send_key=send_key).first()


def _start(mailing: Mailing, attachments: Sequence[Attachment]) -> Mailing:
    mailing.save()
    mailing.total = freeze(mailing)
    if not mailing.total:
        raise Refused("Nobody is selected any more. Choose the people again.", field="audience")
    _check_limit(mailing)
    mailing.save(update_fields=["total"])
    _attach(mailing, attachments)
    live.tell_of_mailing(mailing.pk, mailing.campaign_id)
    _note_start(mailing)
    return mailing


def _note_start(mailing: Mailing) -> None:
    if mailing.campaign and not mailing.starts_at:
        about: dict[str, Any] = {"name": mailing.campaign.name, "mailing": mailing.pk, "total": mailing.total}
        note(mailing.sender, "campaign.generated", f"campaign {mailing.campaign.pk}", **about)
    else:
        _note(mailing.sender, "scheduled" if mailing.starts_at else "sent", mailing, total=mailing.total)


def _attach(mailing: Mailing, attachments: Sequence[Attachment]) -> None:
    wanted = [attachment.pk for attachment in attachments]
    mailing.attachments.exclude(pk__in=wanted).update(mailing=None)
    Attachment.objects.filter(pk__in=wanted, message=None, mailing=None).update(mailing=mailing, draft=None)


def _check_limit(mailing: Mailing) -> None:
    """The plan counts those who get it. Nothing of a mailing that is too large is kept."""
    limit = plans.bulk_limit(mailing.organization)
    if limit is None:
        return
    reached = preflight(intent_of(mailing)).reached
    if reached > limit:
        raise Refused(plans.over_limit(limit, reached), field="audience")


@transaction.atomic
def change(mailing: Mailing, order: Order, by: Member | None = None) -> None:
    """New words, files and a new time, while it is scheduled: to the same people, by the same channels. Raises Refused
    when it has begun."""
    order = replace(order, channels=mailing.channels)
    _check(mailing.sender, order)
    if order.starts_at is None:
        check_mailbox(mailing.sender, mailing.channels)
    timing = {"starts_at": order.starts_at, "is_local_time": order.is_local_time, "awaits_mailbox": False}
    state = State.SCHEDULED if order.starts_at else State.SENDING
    if not _change(mailing, [State.SCHEDULED], state, **_written(mailing.sender, order), **timing):
        raise Refused(BEGUN)
    _attach(mailing, order.attachments)
    _note(by or mailing.sender, "changed", mailing)


@transaction.atomic
def start_now(mailing: Mailing, by: Member | None = None) -> None:
    """Do not wait for the time that was chosen. Raises Refused when it has begun or was cancelled, and when its sender
    has no mailbox to send it by."""
    check_mailbox(mailing.sender, mailing.channels)
    if not _change(mailing, [State.SCHEDULED], State.SENDING, starts_at=None, is_local_time=False, **afresh()):
        raise Refused(BEGUN)
    _note(by, "sent", mailing, total=mailing.total)


def start_due() -> bool:
    """Begin the scheduled mailings whose time has come; one by local time begins where the day is farthest."""
    now = clock.now()
    ahead = Q(is_local_time=True, starts_at__lte=now + EARLIEST) | Q(starts_at__lte=now)
    due = not_held(Mailing.objects.filter(ahead, state=State.SCHEDULED, awaits_mailbox=False))
    begun = [_begin(mailing) for mailing in due.select_related("sender__user", "sender__organization__plan")[:50]]
    return any(begun)


def _begin(mailing: Mailing) -> bool:
    """It goes; or waits for its sender's mailbox, of which they are told."""
    if reason := own_mailboxes.obstacle(mailing.sender, mailing.channels):
        return _await_mailbox(mailing, reason)
    return _change(mailing, [State.SCHEDULED], State.SENDING, **afresh())


@transaction.atomic
def _await_mailbox(mailing: Mailing, reason: str) -> bool:
    if not Mailing.objects.filter(pk=mailing.pk, state=State.SCHEDULED, awaits_mailbox=False).update(
        awaits_mailbox=True
    ):
        return False
    live.tell_of_mailing(mailing.pk, mailing.campaign_id)
    notices.enqueue(
        kind=Notice.Kind.NOT_SENT,
        organization=mailing.organization,
        user=mailing.sender.user,
        to_address=mailing.sender.email,
        subject=f"Held: {mailing.subject}"[:300],
        text=f"Your mailing “{mailing.subject}” was to go now. {reason}\n\n"
        f"It is held, and goes as soon as your mailbox is connected: {connect_url()}",
    )
    return True


def afresh() -> dict[str, Any]:
    """The pace begins at this moment: what was not sent meanwhile is not made up for with a burst."""
    return {"pace_started_at": clock.now(), "claimed": 0}


@transaction.atomic
def set_pace(mailing: Mailing, per_minute: int, by: Member | None = None) -> bool:
    """So many a minute from now on, 0 for as fast as the relay takes them; False when it has ended."""
    under_way = [State.SCHEDULED, State.SENDING, State.PAUSED]
    changed = any(_change(mailing, [state], state, per_minute=per_minute, **afresh()) for state in under_way)
    if changed:
        _note(by, "paced" if per_minute else "unpaced", mailing, per_minute=per_minute)
    return changed


@transaction.atomic
def pause(mailing: Mailing, by: Member | None = None) -> bool:
    """Nothing more leaves until it is resumed; what a worker has in hand at this moment still goes."""
    paused = _change(mailing, [State.SENDING], State.PAUSED)
    if paused:
        _note(by, "paused", mailing)
    return paused


@transaction.atomic
def resume(mailing: Mailing, by: Member | None = None) -> bool:
    resumed = _change(mailing, [State.PAUSED], State.SENDING, **afresh())
    if resumed:
        _note(by, "resumed", mailing)
    return resumed


@transaction.atomic
def cancel(mailing: Mailing, by: Member | None = None) -> bool:
    """What has not gone does not go. Recipients first, then deliveries: a fan-out in flight is seen by the second."""
    if not _change(
        mailing,
        [State.SCHEDULED, State.SENDING, State.PAUSED],
        State.CANCELLED,
        finished_at=timezone.now(),
    ):
        return False
    mailing.recipients.filter(state=MailingRecipient.State.PENDING).update(state=MailingRecipient.State.CANCELLED)
    mailing.deliveries.waiting().update(state=Delivery.State.CANCELLED, reason=CANCELLED_REASON)
    _note(by, "cancelled", mailing)
    return True


@transaction.atomic
def retry_failed(mailing: Mailing, by: Member | None = None) -> int:
    """Queue again what failed, and that alone; but not to whom the suppression list names by now. Returns how many."""
    failed = mailing.deliveries.filter(state__in=Delivery.RETRYABLE)
    again = failed.exclude(pk__among=suppressed_of(failed)).update(
        mailbox=MAILBOX_BY_NOW,
        state=Delivery.State.QUEUED,
        attempts=0,
        due_at=clock.now(),
        reason="",
        reply="",
    )
    if again:
        mailing.conversations.filter(has_failure=True).update(has_failure=False)
        reopen(mailing)
        _note(by, "retried", mailing, total=again)
    return again


def reopen(mailing: Mailing) -> bool:
    """A mailing that has ended is under way again, because something of it is to be sent once more."""
    return _change(
        mailing,
        [State.DONE, State.CANCELLED],
        State.SENDING,
        finished_at=None,
        **afresh(),
    )


def _change(mailing: Mailing, sources: list[State], target: State, **fields: Any) -> bool:
    """Bring the mailing from one of `sources` to `target`; False when it is in none of them (any more)."""
    changed = Mailing.objects.filter(pk=mailing.pk, state__in=sources).update(state=target, **fields)
    if changed:
        mailing.refresh_from_db()
        live.tell_of_mailing(mailing.pk, mailing.campaign_id)
    return bool(changed)


def _note(by: Member | None, did: str, mailing: Mailing, **details: int) -> None:
    """In the audit log; without a member it is Candidly's own doing."""
    name = f"mailing {mailing.pk}"
    note(by, f"mailing.{did}", name, organization=mailing.organization, name=mailing.subject[:100], **details)


def count_claims(mailing: Mailing, number: int) -> None:
    """A worker took `number` deliveries: the pace counts them, and the next turn is another mailing's."""
    Mailing.objects.filter(pk=mailing.pk).update(claimed=F("claimed") + number, served_at=clock.now())


def running() -> QuerySet[Mailing]:
    """Mailings that are under way, the longest unserved first, with what writing their messages needs."""
    return (
        not_held(Mailing.objects.filter(state=State.SENDING))
        .select_related("sender__user", "sender__organization", "organization")
        .order_by("served_at")
    )
