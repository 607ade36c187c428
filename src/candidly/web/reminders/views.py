"""What the member asked to be reminded of: what is due, and what waits."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import reminders as actions
from candidly.rules.access import reminders_for
from candidly.web.reminders.listing import page
from candidly.web.shell.request import MemberRequest


@require_GET
def reminders(request: MemberRequest) -> HttpResponse:
    """The page; to htmx, its list or what follows in it."""
    shown = page(reminders_for(request.member), request.GET)
    template = "reminders/rows.html" if request.htmx else "reminders/reminders.html"
    return render(request, template, {"page": shown})


@require_GET
def reminders_counter(request: MemberRequest) -> HttpResponse:
    """How many are due, for the navigation."""
    return render(request, "shell/reminders_badge.html")


@require_POST
def reminder_done(request: MemberRequest, pk: int) -> HttpResponse:
    """With `done` the member has dealt with it; without, it was not done after all."""
    reminder = get_object_or_404(reminders_for(request.member), pk=pk)
    is_done = "done" in request.POST
    if (actions.finish if is_done else actions.reopen)(reminder):
        messages.success(request, "Reminder done" if is_done else "Reminder kept")
    return HttpResponse(status=204)


@require_GET
def reminder_due(request: MemberRequest, pk: int) -> HttpResponse:
    """Says in a toast what has fallen due, in a page that was open."""
    reminder = get_object_or_404(reminders_for(request.member).select_related("conversation__person"), pk=pk)
    messages.info(request, f"Reminder: no answer from {reminder.conversation.person.full_name} yet")
    return HttpResponse(status=204)
