"""Mailings that were sent: the list, and how far each has come."""

from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from candidly.actions import mailings as actions
from candidly.models import Mailing
from candidly.rules.access import mailings_for
from candidly.rules.channels import spoken
from candidly.rules.progress import BROKEN, Progress, counts_of, progress_of
from candidly.web.mailings import drawer
from candidly.web.mailings.finding import back, found_mailing
from candidly.web.mailings.recipients import SHOWN, recipients_shown
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.paging import page_of
from candidly.web.writing.writers import writers_only

LISTED = 20
RUNNING = (Mailing.State.SENDING, Mailing.State.PAUSED)
#: Those that can still be cancelled.
OPEN = (*RUNNING, Mailing.State.SCHEDULED)
STEP = 10
LISTED_FOR_GOOD = "What has failed is on the suppression list by now. Release the addresses there first, then retry."


@require_http_methods(["GET", "POST"])
def mailings(request: MemberRequest) -> HttpResponse:
    """GET: the list, newest first. POST: send a new one."""
    if request.method == "POST":
        return writers_only(drawer.create)(request)
    rows = mailings_for(request.member).select_related("sender__user")
    page = page_of(rows, request.GET.dict(), LISTED, newest_first=True)
    counted = counts_of(page.rows)
    running = [mailing for mailing in page.rows if mailing.state in RUNNING]
    request.live_topics = [f"mailing:{mailing.pk}" for mailing in running]
    context = {"page": page, "rows": [(mailing, counted[mailing.pk]) for mailing in page.rows], "running": running}
    return render(request, "mailings/rows.html" if request.htmx else "mailings/mailings.html", context)


@require_GET
def mailing(request: MemberRequest, pk: int) -> HttpResponse:
    """One mailing: progress, the text as sent, and its recipients."""
    found = found_mailing(request, pk)
    request.live_topics = [f"mailing:{pk}"]
    show = request.GET.get("show", "all")
    recipients = recipients_shown(found, show)
    context = {
        **_figures(found),
        "show": show if show in SHOWN else "all",
        "shown": SHOWN,
        "page": page_of(recipients, request.GET.dict(), LISTED),
        "attachments": found.attachments.all(),
    }
    return render(request, "mailings/mailing.html", context)


@require_GET
def mailing_progress(request: MemberRequest, pk: int) -> HttpResponse:
    """The figures alone. When the state is not the one the page shows, the whole page loads again."""
    found = found_mailing(request, pk)
    if request.GET.get("state") != found.state:
        return HttpResponseClientRefresh()
    figures = _figures(found)
    says = request.GET.get("step") != str(figures["step"])
    return render(request, "mailings/progress_update.html", {**figures, "says": says})


@require_http_methods(["POST", "DELETE"])
@writers_only
def mailing_pause(request: MemberRequest, pk: int) -> HttpResponse:
    """POST pauses, DELETE resumes."""
    found = found_mailing(request, pk)
    if request.method == "POST" and actions.pause(found, request.member):
        messages.success(request, "Paused. Nothing more is sent until you resume.")
    elif request.method == "DELETE" and actions.resume(found, request.member):
        messages.success(request, "Resumed.")
    return back(request, found)


@require_POST
@writers_only
def mailing_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """What has not gone does not go."""
    found = found_mailing(request, pk)
    if actions.cancel(found, request.member):
        messages.success(request, "Cancelled. What was already sent stays sent.")
    return back(request, found)


@require_POST
@writers_only
def mailing_retry(request: MemberRequest, pk: int) -> HttpResponse:
    """Try those that failed again, and no others."""
    found = found_mailing(request, pk)
    number = actions.retry_failed(found, request.member)
    if number:
        messages.success(request, f"Trying {intcomma(number)} {'message' if number == 1 else 'messages'} again.")
    elif found.deliveries.filter(state__in=BROKEN).exists():
        messages.error(request, LISTED_FOR_GOOD)
    else:
        messages.error(request, "Nothing to try again: none of this mailing has failed.")
    return back(request, found)


def _figures(mailing: Mailing) -> dict[str, Any]:
    progress = progress_of(mailing)
    return {
        "mailing": mailing,
        "ways": spoken(mailing.channels),
        "progress": progress,
        "reasons": reasons(mailing) if progress.failed else [],
        "is_running": mailing.state in RUNNING,
        "is_open": mailing.state in OPEN,
        "step": progress.percent // STEP * STEP,
        "announcement": announcement(mailing, progress),
    }


def announcement(mailing: Mailing, progress: Progress) -> str:
    """What is said aloud, at most every 10 %."""
    figures = f"{intcomma(progress.sent)} of {intcomma(progress.total)} sent"
    if mailing.state == Mailing.State.SENDING:
        return f"{figures}. You can leave this page; we e-mail you when it is done."
    if mailing.state == Mailing.State.SCHEDULED:
        return f"Scheduled for {intcomma(progress.waiting)} {'person' if progress.waiting == 1 else 'people'}."
    if mailing.state == Mailing.State.PAUSED:
        return f"Paused: {figures}. Nothing more leaves until it is resumed."
    return f"{mailing.get_state_display()}: {figures}."


def reasons(mailing: Mailing) -> list[tuple[str, int]]:
    """Why deliveries failed, the most frequent first; as many as one can take in."""
    failed = mailing.deliveries.filter(state__in=BROKEN).order_by()
    return list(failed.values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason")[:5])
