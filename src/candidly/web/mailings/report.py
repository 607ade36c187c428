"""What became of each recipient, as a file for a spreadsheet."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidly.actions.audit import note
from candidly.models import Mailing, MailingRecipient
from candidly.web.mailings.finding import found_mailing
from candidly.web.mailings.recipients import SHOWN, recipients_shown
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.spreadsheet import as_csv
from candidly.web.writing.writers import writers_only

COLUMNS = ("Name", "Address", "State", "Reason", "Sent at")
AT_ONCE = 2000


@require_GET
@writers_only
def mailing_report(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """All recipients, or with `show` those who failed or were skipped; read as it is written."""
    found = found_mailing(request, pk)
    show = request.GET.get("show", "all")
    show = show if show in SHOWN else "all"
    note(request.member, "export.mailing", f"mailing {pk}", name=found.subject[:100])
    return as_csv(f"mailing-{pk}-{show}.csv", COLUMNS, _rows(found, show))


def _rows(mailing: Mailing, show: str) -> Iterator[tuple[str, ...]]:
    for recipient in recipients_shown(mailing, show).order_by("pk").iterator(AT_ONCE):
        yield _row(recipient)


def _row(recipient: MailingRecipient) -> tuple[str, ...]:
    deliveries = recipient.message.deliveries.all() if recipient.message else []
    delivery = next(iter(deliveries), None)
    if delivery is None:
        return (recipient.person.full_name, recipient.address, recipient.get_state_display(), recipient.reason, "")
    sent = f"{timezone.localtime(delivery.sent_at):%Y-%m-%d %H:%M}" if delivery.sent_at else ""
    return (recipient.person.full_name, delivery.address, delivery.get_state_display(), delivery.reason, sent)
