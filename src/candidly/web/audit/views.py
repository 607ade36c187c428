"""Who did what, for super admins: as a list, and as a file."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from candidly.actions.audit import note
from candidly.rules.access import audit_for, members_for
from candidly.rules.audit import GROUPS, Narrowed, sentence, who
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.roles import super_admins_only
from candidly.web.shell.spreadsheet import as_csv
from candidly.web.writing.paging import page_of

LISTED = 50
COLUMNS = ("Time", "Who", "What", "Act", "On")


@require_GET
@super_admins_only
def audit(request: MemberRequest) -> HttpResponse:
    """Newest first, narrowed by member, by what it is about, and by day."""
    asked = Narrowed.read(request.GET.dict())
    page = page_of(asked.among(audit_for(request.member)), request.GET.dict(), LISTED, newest_first=True)
    context = {
        "page": page,
        "rows": [(event, who(event), sentence(event)) for event in page.rows],
        "asked": asked,
        "groups": GROUPS,
        "members": members_for(request.member).select_related("user").order_by("user__name", "pk"),
        "query": urlencode(asked.params()),
    }
    return render(request, "audit/page.html", context)


@require_POST
@super_admins_only
def audit_export(request: MemberRequest) -> StreamingHttpResponse:
    """The same as a CSV file, times in the member's zone. That it was taken is an act of its own."""
    events = Narrowed.read(request.POST.dict()).among(audit_for(request.member)).order_by("-pk")
    note(request.member, "export.audit")
    zone = timezone.get_current_timezone()
    rows = (
        (
            event.at.astimezone(zone).isoformat(timespec="seconds"),
            who(event),
            sentence(event),
            event.verb,
            event.subject,
        )
        for event in events.iterator(2000)
    )
    return as_csv("audit.csv", COLUMNS, rows)
