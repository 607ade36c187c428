"""The agency users' own pages: their candidates, what is new, their settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from candidly.actions import agencies
from candidly.web.agency.forms import PreferencesForm
from candidly.web.agency.listing import Listing
from candidly.web.shell.context import agencys_live_token
from candidly.web.shell.request import AgencyRequest
from candidly.web.shell.roles import for_agency_users


@require_GET
@for_agency_users
def candidates(request: AgencyRequest) -> HttpResponse:
    """The candidates that they see; with htmx the list alone."""
    listing = Listing(request.agency_user, request.GET.dict())
    template = "agency/list.html" if request.htmx else "agency/candidates.html"
    return render(request, template, {"listing": listing})


@require_GET
@for_agency_users
def counter(request: AgencyRequest) -> HttpResponse:
    """The envelope of the top bar."""
    return render(request, "agency/envelope.html")


@require_GET
@for_agency_users
def live_token(request: AgencyRequest) -> HttpResponse:
    """A fresh one, for a page whose own has aged."""
    return HttpResponse(agencys_live_token(request.agency_user), content_type="text/plain")


@require_http_methods(["GET", "POST"])
@for_agency_users
def preferences(request: AgencyRequest) -> HttpResponse:
    form = PreferencesForm(request.agency_user, request.POST or None)
    if not form.is_valid():
        return render(request, "agency/preferences.html", {"form": form}, status=422 if form.is_bound else 200)
    agencies.update_profile(request.agency_user, **form.cleaned_data)
    messages.success(request, "Preferences saved")
    return redirect("agency_preferences")
