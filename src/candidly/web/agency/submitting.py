"""Submit a candidate."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from candidly.actions import submitting
from candidly.actions.errors import Refused
from candidly.envelope import File
from candidly.models import Application
from candidly.rules.agency_access import openings_of
from candidly.web.agency.forms import SubmitForm
from candidly.web.shell import uploads
from candidly.web.shell.request import AgencyRequest
from candidly.web.shell.roles import for_agency_users


@require_http_methods(["GET", "POST"])
@for_agency_users
def submit(request: AgencyRequest) -> HttpResponse:
    """With scripts only the form is drawn again when something is wrong with it, so that the chosen CV stays."""
    form = SubmitForm(request.agency_user, request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            application = _submit(request, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{application.person.full_name} is submitted for {application.opening}.")
            return _on(request, application)
    if form.is_bound:
        form.point_at_first_error()
    context = {"form": form, "has_openings": openings_of(request.agency_user).exists()}
    template = "agency/submit_form.html" if request.htmx else "agency/submit.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _submit(request: AgencyRequest, cv: Any, **fields: Any) -> Application:
    return submitting.submit(request.agency_user, cv=_read(cv) if cv else None, **fields)


def _read(cv: Any) -> File:
    try:
        return uploads.read(cv)
    except Refused as refusal:
        raise Refused(str(refusal), field="cv") from refusal


def _on(request: AgencyRequest, application: Application) -> HttpResponse:
    place = resolve_url("agency_candidate", application.person_id)
    return HttpResponseClientRedirect(place) if request.htmx else redirect(place)
