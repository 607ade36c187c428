"""The suppression list: to whom nothing is sent any more, why, and since when."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidly.actions import consent
from candidly.actions.errors import Refused
from candidly.models import Purpose, Suppression
from candidly.rules import suppressed
from candidly.rules.access import may_review, suppressions_for
from candidly.web.shell.request import MemberRequest
from candidly.web.suppressions.forms import SuppressForm
from candidly.web.writing.paging import page_of

LISTED = 50


def list_keepers_only[**P](
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """For anybody else there is no such page."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_review(request.member):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_http_methods(["GET", "POST"])
@list_keepers_only
def suppressions(request: MemberRequest) -> HttpResponse:
    """The list, newest first, or what the search finds; POST adds to it."""
    form = SuppressForm(request.POST or None)
    if form.is_valid():
        try:
            added = consent.suppress_by_hand(request.member, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"Nothing more is sent to {added.address}")
            return redirect("suppressions")
    return render(
        request, "suppressions/page.html", _listed(request) | {"form": form}, status=422 if form.errors else 200
    )


@require_POST
@list_keepers_only
def release(request: MemberRequest, pk: int) -> HttpResponse:
    listed = get_object_or_404(suppressions_for(request.member), pk=pk)
    if consent.release(request.member, listed):
        messages.success(request, f"Released {listed.address}")
    return redirect("suppressions")


@require_GET
@list_keepers_only
def suppression(request: MemberRequest, pk: int) -> HttpResponse:
    """One address: whose it is, what came back from it, what was said of it."""
    listed = get_object_or_404(suppressions_for(request.member), pk=pk)
    people = suppressed.people_at(request.member, listed)
    context = {
        "row": listed,
        "people": people,
        "bounces": suppressed.bounces_at(request.member, listed, people),
        "events": suppressed.events_of(listed)[: suppressed.MOST_EVENTS],
    }
    return render(request, "suppressions/one.html", context)


def _listed(request: MemberRequest) -> dict[str, object]:
    asked = suppressed.Asked.read(request.GET.dict())
    page = page_of(asked.among(suppressions_for(request.member)), request.GET, LISTED, newest_first=True)
    return {
        "page": page,
        "asked": asked,
        "query": urlencode(asked.params()),
        "channels": suppressed.channels(),
        "causes": Suppression.Cause.choices,
        "purposes": Purpose.choices,
    }
