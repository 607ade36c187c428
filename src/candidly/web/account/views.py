"""Signing in, and the very first visit."""

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidly.actions import organizations
from candidly.actions.errors import Refused
from candidly.models import Organization
from candidly.web.account.forms import SetupForm


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """allauth's sign-in; on a fresh installation the set-up comes first."""
    organizations_here = list(Organization.objects.all()[:2])
    if not organizations_here:
        return redirect("setup")
    only = organizations_here[0] if len(organizations_here) == 1 else None
    return LoginView.as_view(extra_context={"organization": only})(request)  # type: ignore[no-any-return]


@login_not_required
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first-run page; there is no such page once an organization exists."""
    if Organization.objects.exists():
        return redirect("home")
    form = SetupForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/setup.html", {"form": form}, status=422 if form.is_bound else 200)
    details = form.cleaned_data
    try:
        member = organizations.found(details["organization"], details["name"], details["email"], details["password"])
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return render(request, "account/setup.html", {"form": form}, status=422)
    login(request, member.user)
    messages.success(request, f"{member.organization.name} is ready. Add your first candidate, or invite your team.")
    return redirect("home")
