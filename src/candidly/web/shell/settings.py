"""The settings: a member's own, and for super admins the organization's."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from candidly.actions import organizations
from candidly.actions.errors import Refused
from candidly.models import Role
from candidly.rules.access import may_administer, members_for
from candidly.web.account.adapter import set_password_link
from candidly.web.shell.forms import InviteForm, OrganizationForm, ProfileForm
from candidly.web.shell.request import MemberRequest

type View = Callable[..., HttpResponse]


def admins_only(view: View) -> View:
    """Anybody else gets 403 and the reason."""

    @wraps(view)
    def checked(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_administer(request.member):
            raise PermissionDenied("Only a super admin may change the organization. Ask one of yours.")
        return view(request, *args, **kwargs)

    return checked


@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial=ProfileForm.values_of(request.member))
    if not form.is_valid():
        return render(request, "shell/settings/profile.html", {"form": form}, status=422 if form.is_bound else 200)
    organizations.update_profile(request.member, **form.cleaned_data)
    messages.success(request, "Profile saved")
    return redirect("settings")


@require_http_methods(["GET", "POST"])
@admins_only
def organization(request: MemberRequest) -> HttpResponse:
    ours = request.member.organization
    form = OrganizationForm(request.POST or None, initial=OrganizationForm.values_of(ours))
    if not form.is_valid():
        return render(request, "shell/settings/organization.html", {"form": form}, status=422 if form.is_bound else 200)
    organizations.change(ours, request.member, **form.cleaned_data)
    messages.success(request, "Organization saved")
    return redirect("settings_organization")


@require_http_methods(["GET", "POST"])
@admins_only
def members(request: MemberRequest) -> HttpResponse:
    """Who belongs to the organization; POST invites somebody."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        try:
            invited = organizations.invite(request.member, **form.cleaned_data, link_for=set_password_link)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"Invitation sent to {invited.email}")
            return redirect("settings_members")
    everybody = members_for(request.member).select_related("user").order_by("-user__is_active", "user__name", "pk")
    context = {"form": form, "members": everybody, "roles": Role.choices}
    return render(request, "shell/settings/members.html", context, status=422 if form.is_bound else 200)


@require_POST
@admins_only
def member_role(request: MemberRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(members_for(request.member), pk=pk)
    role = Role(request.POST["role"]) if request.POST.get("role") in Role.values else Role(member.role)
    try:
        organizations.change_role(member, role, request.member)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{member.name} is now {role.label.lower()}")
    return redirect("settings_members")


@require_POST
@admins_only
def member_access(request: MemberRequest, pk: int) -> HttpResponse:
    """`active=yes` gives the member access again, anything else ends it."""
    member = get_object_or_404(members_for(request.member), pk=pk)
    is_welcome = request.POST.get("active") == "yes"
    try:
        (organizations.reactivate if is_welcome else organizations.deactivate)(member, request.member)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{member.name} {'can sign in again' if is_welcome else 'can no longer sign in'}")
    return redirect("settings_members")
