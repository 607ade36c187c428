"""End a mailing when all has gone, and tell its sender."""

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from candidly.actions import live, notices
from candidly.config import config
from candidly.models import Delivery, Mailing, MailingRecipient, Notice
from candidly.rules.channels import carried
from candidly.rules.progress import BROKEN, GONE

LISTED_REASONS = 20


@transaction.atomic
def finish(mailing: Mailing) -> bool:
    """Mark the mailing done and queue the completion mail, if nothing of it is left to do. Only one caller succeeds."""
    if mailing.recipients.filter(state=MailingRecipient.State.PENDING).exists():
        return False
    if mailing.deliveries.filter(state__in=Delivery.OPEN).exists():
        return False
    done = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SENDING)
    if not done.update(state=Mailing.State.DONE, finished_at=timezone.now()):
        return False
    _tell_sender(mailing)
    live.tell_of_mailing(mailing.pk, mailing.campaign_id)
    return True


def _tell_sender(mailing: Mailing) -> None:
    reached = _reached(mailing)
    failed = _reasons(mailing.deliveries.filter(state__in=BROKEN))
    skipped = _reasons(mailing.recipients.filter(state=MailingRecipient.State.SKIPPED))
    page = f"{config().base_url}/mailings/{mailing.pk}/"
    lines = [
        f"“{mailing.subject}” has gone to {reached}.",
        *_section("Failed", failed),
        *_section("Skipped", skipped),
        "",
        f"See it all: {page}",
        *([f"As a file for a spreadsheet: {page}report/"] if failed or skipped else []),
    ]
    notices.enqueue(
        kind=Notice.Kind.MAILING_DONE,
        organization=mailing.organization,
        user=mailing.sender.user,
        to_address=mailing.sender.email,
        subject=f"Sent to {reached}: {mailing.subject}"[:300],
        text="\n".join(lines),
    )


def _reached(mailing: Mailing) -> str:
    """ "9 of 12 candidates", and by which channel where they are several: it does not go by each to everybody."""
    gone = mailing.deliveries.filter(state__in=GONE)
    ways = carried(mailing.channels)
    figures = [f"{gone.filter(channel=way.name).count():,} of {mailing.total:,}" for way in ways]
    if len(ways) == 1:
        return f"{figures[0]} {mailing.kind}s"
    by_way = (f"{figure} by {way.spoken}" for way, figure in zip(ways, figures, strict=True))
    return f"{mailing.kind}s, {' and '.join(by_way)}"


def _reasons(rows) -> list[tuple[str, int]]:  # type: ignore[no-untyped-def]
    counted = rows.values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason")
    return list(counted[: LISTED_REASONS + 1])


def _section(title: str, reasons: list[tuple[str, int]]) -> list[str]:
    if not reasons:
        return []
    more = ["  and other reasons, listed on the page"] if len(reasons) > LISTED_REASONS else []
    return [
        "",
        f"{title}:",
        *(f"  {number:,}: {reason}" for reason, number in reasons[:LISTED_REASONS]),
        *more,
    ]
