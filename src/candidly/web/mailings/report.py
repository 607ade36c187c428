"""What became of each recipient, as a file for a spreadsheet."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidly.actions.audit import note
from candidly.models import Mailing, MailingRecipient
from candidly.rules.channels import channel
from candidly.web.mailings.finding import found_mailing
from candidly.web.mailings.recipients import SHOWN, recipients_shown
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.spreadsheet import as_csv
from candidly.web.writing.writers import writers_only

COLUMNS = ("Name", "By", "Address", "State", "Reason", "Sent at")
AT_ONCE = 2000


@require_GET
@writers_only
def mailing_report(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """All recipients, or with `show` those who failed or were skipped; a row by each channel, read as it is written."""
    found = found_mailing(request, pk)
    show = request.GET.get("show", "all")
    show = show if show in SHOWN else "all"
    note(request.member, "export.mailing", f"mailing {pk}", name=found.subject[:100])
    return as_csv(f"mailing-{pk}-{show}.csv", COLUMNS, _rows(found, show))


def _rows(mailing: Mailing, show: str) -> Iterator[tuple[str, ...]]:
    for recipient in recipients_shown(mailing, show).order_by("pk").iterator(AT_ONCE):
        yield from _rows_of(recipient)


def _rows_of(recipient: MailingRecipient) -> Iterator[tuple[str, ...]]:
    name = recipient.person.full_name
    deliveries = recipient.message.deliveries.all() if recipient.message else []
    for delivery in deliveries:
        by = channel(delivery.channel).label
        sent = f"{timezone.localtime(delivery.sent_at):%Y-%m-%d %H:%M}" if delivery.sent_at else ""
        yield name, by, delivery.address, delivery.get_state_display(), delivery.reason, sent
    if not deliveries:
        address = recipient.address or recipient.phone
        yield name, "", address, recipient.get_state_display(), recipient.reason, ""
