"""The openings: a list, one of them with its hiring team, and entering a candidate for another."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidly.actions import openings as acting
from candidly.actions.errors import Refused
from candidly.rules.access import candidates_for, may_keep_openings, may_write, openings_for
from candidly.web.openings.forms import EnterForm, OpeningForm
from candidly.web.openings.numbers import with_active
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.paging import page_of

LISTED = 50
LONGEST_QUERY = 200


@require_GET
def openings(request: MemberRequest) -> HttpResponse:
    """The newest first, narrowed by words of the title or place; closed ones when they are asked for."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_QUERY].strip()
    shows_closed = "closed" in request.GET
    found = openings_for(request.member).filter(is_open=not shows_closed)
    for word in words.split():
        found = found.filter(Q(title__icontains=word) | Q(location__icontains=word))
    page = page_of(found, request.GET.dict(), LISTED, newest_first=True)
    asked = {name: value for name, value in {"q": words, "closed": shows_closed and "1"}.items() if value}
    context = {
        "page": page,
        "openings": with_active(page.rows),
        "words": words,
        "shows_closed": shows_closed,
        "query": urlencode(asked),
        "may_keep": may_keep_openings(request.member),
    }
    return render(request, "openings/list.html", context)


@require_http_methods(["GET", "POST"])
def opening_add(request: MemberRequest) -> HttpResponse:
    """Write down a new one, and go to it."""
    _check_may_keep(request)
    form = OpeningForm(request.member, request.POST or None)
    if not form.is_valid():
        return render(request, "openings/add.html", {"form": form}, status=422 if form.is_bound else 200)
    added = acting.add(request.member, **form.cleaned_data)
    messages.success(request, f"{added} added")
    return redirect("opening", added.pk)


@require_http_methods(["GET", "POST"])
def opening(request: MemberRequest, pk: int) -> HttpResponse:
    """One opening; POST changes it."""
    found = get_object_or_404(openings_for(request.member), pk=pk)
    if request.method == "POST":
        _check_may_keep(request)
        form = OpeningForm.of(request.member, found, request.POST)
        if form.is_valid():
            acting.change(request.member, found, **form.cleaned_data)
            messages.success(request, "Opening saved")
            return redirect("opening", pk)
    else:
        form = OpeningForm.of(request.member, found)
    context: dict[str, Any] = {
        "opening": found,
        "form": form,
        "team": found.team.select_related("user").order_by("user__name", "pk"),
        "may_keep": may_keep_openings(request.member),
    }
    return render(request, "openings/opening.html", context, status=422 if form.errors else 200)


@require_POST
def opening_open(request: MemberRequest, pk: int) -> HttpResponse:
    """`open=yes` opens it again, anything else closes it."""
    found = get_object_or_404(openings_for(request.member), pk=pk)
    _check_may_keep(request)
    is_wanted = request.POST.get("open") == "yes"
    (acting.reopen if is_wanted else acting.close)(request.member, found)
    messages.success(request, f"{found} {'is open again' if is_wanted else 'closed'}")
    return redirect("opening", pk)


@require_http_methods(["GET", "POST"])
def candidate_enter(request: MemberRequest, pk: int) -> HttpResponse:
    """Enter a candidate for an opening, and go back to their profile."""
    person = get_object_or_404(candidates_for(request.member), pk=pk)
    if not may_write(request.member):
        raise PermissionDenied("Your role is read-only: ask a super admin if you need to enter candidates.")
    form = EnterForm(request.member, request.POST or None)
    if form.is_valid():
        try:
            application = acting.enter(request.member, person, form.cleaned_data["opening"])
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{person.full_name} entered for {application.opening}")
            return redirect("candidate", pk)
    return render(request, "openings/enter.html", {"form": form, "person": person}, status=422 if form.errors else 200)


def _check_may_keep(request: MemberRequest) -> None:
    if not may_keep_openings(request.member):
        raise PermissionDenied(acting.NOT_YOURS)
