"""One text to many people: freeze the audience, write each their own message, and tell the sender when all has gone."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, F, QuerySet, Value
from django.utils import timezone

from candidly.actions import live, merge_html
from candidly.actions.errors import Refused
from candidly.config import config
from candidly.models import (
    Attachment,
    Delivery,
    Mailing,
    MailingRecipient,
    Member,
    Template,
    clock,
)
from candidly.rules import access
from candidly.rules.audience import audience_people
from candidly.rules.merge_fields import compile_text, custom_keys
from candidly.rules.recipients import with_application
from candidly.rules.restored import not_held

State = Mailing.State
CANCELLED_REASON = "The mailing was cancelled before this one left."


def send(
    member: Member,
    *,
    subject: str,
    body: str,
    is_html: bool,
    audience: dict[str, Any],
    template: Template | None = None,
    attachments: list[Attachment] | None = None,
    skip_empty: bool = True,
    send_key: str = "",
) -> Mailing:
    """Freeze who gets it, and leave the rest to the workers. Raises Refused.

    `audience` is `{"filter": {…}}` or `{"ids": […]}`, read with the member's own access. A `send_key` seen before
    returns the mailing that it started then: a double click sends once.
    """
    _check(member, subject, body)
    mailing = Mailing(
        organization_id=member.organization_id,
        sender=member,
        template=template,
        subject=subject.strip(),
        body=merge_html.sanitized(body) if is_html else body,
        is_html=is_html,
        audience=audience,
        skip_empty=skip_empty,
        send_key=send_key,
        per_minute=config().mailing_per_minute,
    )
    try:
        with transaction.atomic():
            return _sent_before(member, send_key) or _start(mailing, attachments or [])
    except IntegrityError:  # the other click committed while ours was writing
        if sent := _sent_before(member, send_key):
            return sent
        raise


def _check(member: Member, subject: str, body: str) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to write to candidates.")
    for field, text in (("subject", subject), ("body", body)):
        if not text.strip():
            raise Refused(
                f"Write a {'subject' if field == 'subject' else 'message'} first.",
                field=field,
            )
        compiled = compile_text(text)
        for problem in compiled.problems(custom_keys(member.organization_id, compiled.names)):
            raise Refused(problem, field=field)


def _sent_before(member: Member, send_key: str) -> Mailing | None:
    if not send_key:
        return None
    return Mailing.objects.filter(organization=member.organization_id, sender=member, send_key=send_key).first()


def _start(mailing: Mailing, attachments: list[Attachment]) -> Mailing:
    mailing.save()
    mailing.total = _freeze(mailing)
    if not mailing.total:
        raise Refused(
            "Nobody is selected any more. Choose the candidates again.",
            field="audience",
        )
    mailing.save(update_fields=["total"])
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments], message=None, mailing=None).update(
        mailing=mailing
    )
    live.publish(f"mailing:{mailing.pk}", "mailing")
    return mailing


def _freeze(mailing: Mailing) -> int:
    """Write down who is in the audience at this moment, in one statement, however many they are."""
    people = audience_people(mailing.sender, mailing.audience).order_by("pk")
    rows = (
        with_application(people, mailing.sender, mailing.audience)
        .annotate(
            of=Value(mailing.pk),
            begin=Value(MailingRecipient.State.PENDING, output_field=CharField()),
            no_reason=Value("", output_field=CharField()),
        )
        .values_list("pk", "mailing_application", "of", "begin", "no_reason")
    )
    try:
        select, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking that nobody can match
        return 0
    into = f"{MailingRecipient._meta.db_table} (person_id, application_id, mailing_id, state, reason)"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {into} {select}", parameters)
        return int(cursor.rowcount)


@transaction.atomic
def pause(mailing: Mailing) -> bool:
    """Nothing more leaves until it is resumed; what a worker has in hand at this moment still goes."""
    return _change(mailing, [State.SENDING], State.PAUSED)


@transaction.atomic
def resume(mailing: Mailing) -> bool:
    return _change(
        mailing,
        [State.PAUSED],
        State.SENDING,
        pace_started_at=clock.now(),
        claimed=0,
    )


@transaction.atomic
def cancel(mailing: Mailing) -> bool:
    """What has not gone does not go. Recipients first, then deliveries: a fan-out in flight is seen by the second."""
    if not _change(
        mailing,
        [State.SENDING, State.PAUSED],
        State.CANCELLED,
        finished_at=timezone.now(),
    ):
        return False
    mailing.recipients.filter(state=MailingRecipient.State.PENDING).update(state=MailingRecipient.State.CANCELLED)
    mailing.deliveries.waiting().update(state=Delivery.State.CANCELLED, reason=CANCELLED_REASON)
    return True


@transaction.atomic
def retry_failed(mailing: Mailing) -> int:
    """Queue again what failed, and that alone. Returns how many."""
    again = mailing.deliveries.filter(state__in=Delivery.RETRYABLE).update(
        state=Delivery.State.QUEUED,
        attempts=0,
        due_at=clock.now(),
        reason="",
        reply="",
    )
    if again:
        mailing.conversations.filter(has_failure=True).update(has_failure=False)
        reopen(mailing)
    return again


def reopen(mailing: Mailing) -> bool:
    """A mailing that has ended is under way again, because something of it is to be sent once more."""
    return _change(
        mailing,
        [State.DONE, State.CANCELLED],
        State.SENDING,
        finished_at=None,
        pace_started_at=clock.now(),
        claimed=0,
    )


def _change(mailing: Mailing, sources: list[State], target: State, **fields: Any) -> bool:
    """Bring the mailing from one of `sources` to `target`; False when it is in none of them (any more)."""
    changed = Mailing.objects.filter(pk=mailing.pk, state__in=sources).update(state=target, **fields)
    if changed:
        mailing.refresh_from_db()
        live.publish(f"mailing:{mailing.pk}", "mailing")
    return bool(changed)


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
