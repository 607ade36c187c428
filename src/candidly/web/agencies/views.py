"""The settings for external agencies: which there are, who of them may sign in, what they see of each other."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from candidly.actions import agencies as acting
from candidly.actions.errors import Refused
from candidly.models import Agency
from candidly.rules.agency_access import agencies_for, agency_users_for, invitations_for, may_keep_agencies
from candidly.web.agencies.forms import AgencyForm, InviteForm
from candidly.web.shell.request import MemberRequest


def keepers_only[**P](
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """For anybody else there is no such page."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_keep_agencies(request.member):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_http_methods(["GET", "POST"])
@keepers_only
def agencies(request: MemberRequest) -> HttpResponse:
    """All of them; POST adds one."""
    form = AgencyForm(request.POST or None)
    if form.is_valid():
        try:
            added = acting.add(request.member, form.cleaned_data["name"])
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{added.name} added. Invite somebody of theirs.")
            return redirect("settings_agency", added.pk)
    context = {"form": form, "agencies": _listed(agencies_for(request.member))}
    return render(request, "agencies/list.html", context, status=422 if form.errors else 200)


def _listed(found: QuerySet[Agency]) -> QuerySet[Agency]:
    """With the number of those who may sign in; closed ones last."""
    active = Count("users", filter=Q(users__user__is_active=True))
    return found.annotate(active=active).order_by(F("closed_at").asc(nulls_first=True), "name", "pk")


@require_http_methods(["GET", "POST"])
@keepers_only
def agency(request: MemberRequest, pk: int) -> HttpResponse:
    """One agency; POST renames it."""
    found = get_object_or_404(agencies_for(request.member), pk=pk)
    form = AgencyForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        try:
            acting.rename(request.member, found, form.cleaned_data["name"])
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Name saved")
            return redirect("settings_agency", pk)
    return _page(request, pk, form=form)


@require_POST
@keepers_only
def agency_access(request: MemberRequest, pk: int) -> HttpResponse:
    """`active=yes` gives the agency access again, anything else ends it."""
    found = get_object_or_404(agencies_for(request.member), pk=pk)
    is_welcome = request.POST.get("active") == "yes"
    (acting.reopen if is_welcome else acting.close)(request.member, found)
    messages.success(request, f"{found.name} {'has access again' if is_welcome else 'no longer has access'}")
    return redirect("settings_agency", pk)


@require_POST
@keepers_only
def colleagues(request: MemberRequest, pk: int) -> HttpResponse:
    """`allowed=yes` lets its users see each other's candidates."""
    found = get_object_or_404(agencies_for(request.member), pk=pk)
    allowed = request.POST.get("allowed") == "yes"
    acting.let_colleagues_see(request.member, found, allowed=allowed)
    messages.success(request, f"They {'now see each other’s' if allowed else 'see their own'} candidates")
    return HttpResponse(status=204) if request.htmx else redirect("settings_agency", pk)


@require_POST
@keepers_only
def invite(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(agencies_for(request.member), pk=pk)
    form = InviteForm(request.POST, auto_id="invite_%s")
    if form.is_valid():
        try:
            invited = acting.invite(request.member, found, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"Invitation sent to {invited.email}")
            return redirect("settings_agency", pk)
    return _page(request, pk, invite_form=form)


@require_POST
@keepers_only
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(invitations_for(request.member), pk=pk)
    try:
        acting.withdraw(request.member, invitation)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Invitation of {invitation.name} withdrawn")
    return redirect("settings_agency", invitation.agency_id)


@require_POST
@keepers_only
def user_access(request: MemberRequest, pk: int) -> HttpResponse:
    """`active=yes` gives the agency user access again, anything else ends it."""
    found = get_object_or_404(agency_users_for(request.member).select_related("user", "agency"), pk=pk)
    is_welcome = request.POST.get("active") == "yes"
    (acting.reactivate if is_welcome else acting.deactivate)(request.member, found)
    messages.success(request, f"{found.name} {'can sign in again' if is_welcome else 'can no longer sign in'}")
    return redirect("settings_agency", found.agency_id)


def _page(
    request: MemberRequest, pk: int, form: AgencyForm | None = None, invite_form: InviteForm | None = None
) -> HttpResponse:
    found = get_object_or_404(agencies_for(request.member), pk=pk)
    users = agency_users_for(request.member).filter(agency=found).select_related("user", "agency")
    context = {
        "agency": found,
        "form": form or AgencyForm(initial={"name": found.name}),
        "invite_form": invite_form or InviteForm(auto_id="invite_%s"),
        "users": users.annotate(submitted=Count("submissions")).order_by("-user__is_active", "user__name", "pk"),
        "invitations": invitations_for(request.member).filter(agency=found).order_by("-pk"),
        "now": timezone.now(),
    }
    return render(request, "agencies/agency.html", context, status=422 if _is_wrong(form, invite_form) else 200)


def _is_wrong(*forms: Form | None) -> bool:
    return any(form and form.errors for form in forms)
