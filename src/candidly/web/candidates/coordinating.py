"""Who coordinates the present stage of an application: agencies may write privately to them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from candidly.actions import people
from candidly.rules.access import WRITERS, applications_for, may_write
from candidly.rules.agency_access import members_seeing
from candidly.web.shell.request import MemberRequest


@require_http_methods(["GET", "POST"])
def coordinator(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: the choice, for a dialog of the profile. POST: `owner` coordinates from now on; empty is nobody."""
    found = get_object_or_404(applications_for(request.member).select_related("person", "opening"), pk=pk)
    if not may_write(request.member):
        raise PermissionDenied("Your role is read-only: ask a super admin if you need to change who coordinates.")
    members = members_seeing(found.person).filter(role__in=WRITERS).select_related("user").order_by("user__name", "pk")
    if request.method == "GET":
        return render(request, "candidates/coordinator.html", {"application": found, "members": members})
    chosen = request.POST.get("owner", "")
    owner = get_object_or_404(members, pk=chosen) if chosen.isdecimal() else None
    people.coordinate(found, owner, by=request.member)
    messages.success(request, f"{owner.name} coordinates this stage" if owner else "Nobody coordinates this stage")
    return redirect("candidate", found.person_id)
