"""From the link of an invitation to an account."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidly.actions import agencies
from candidly.actions.errors import Refused
from candidly.models import AgencyInvitation
from candidly.rules.agency_access import invitation
from candidly.web.agency.forms import JoinForm


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing: scanners of mail follow every link. POST makes the account, and signs in."""
    found = invitation(token)
    if found is None:
        return render(request, "agency/join_over.html", status=404)
    if request.user.is_authenticated:
        status = 422 if request.method == "POST" else 200
        return render(request, "agency/join_signed_in.html", {"invitation": found}, status=status)
    return _join(request, found)


def _join(request: HttpRequest, found: AgencyInvitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        try:
            joined = agencies.accept(found, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            login(request, joined.user)
            messages.success(request, f"Welcome. From now on sign in with {joined.email}.")
            return redirect("agency")
    context = {"form": form, "invitation": found}
    return render(request, "agency/join.html", context, status=422 if form.is_bound else 200)
