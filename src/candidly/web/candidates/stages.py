"""Where an application stands, and who coordinates that stage: agencies may write privately to them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from candidly.actions import people
from candidly.actions.errors import Refused
from candidly.models import Application
from candidly.rules.access import WRITERS, applications_for, may_write
from candidly.rules.agency_access import members_seeing
from candidly.rules.audience import STAGES
from candidly.rules.numbers import number_in
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.toasts import Undo, undoable

WITHDRAWN = Application.Status.WITHDRAWN.value
CHOICES = {str(one.value): one for one in STAGES.values()}


@require_http_methods(["GET", "POST"])
def stage(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: the stage and the choice of others, for a page that shows it, or its word alone. POST: on to `stage` from
    where the page showed it, `was`."""
    found = _found(request, pk)
    if request.method == "GET":
        shape = "candidates/stage_word.html" if "word" in request.GET else "candidates/stage.html"
        return render(request, shape, {"application": found})
    if not may_write(request.member):
        raise PermissionDenied("Your role is read-only: ask a super admin if you need to move candidates.")
    try:
        _move(request, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return trigger_client_event(HttpResponse(status=204), "live:stage")


def _move(request: MemberRequest, application: Application) -> None:
    asked = request.POST or request.GET  # Undo says it in its address
    chosen, was = CHOICES.get(asked.get("stage", "")), CHOICES.get(asked.get("was", ""))
    if chosen is None or was is None:
        raise Http404
    if chosen == was:
        return
    stood = application.status
    people.move(application, chosen, was=was, by=request.member, status=WITHDRAWN if WITHDRAWN in asked else "")
    back = f"{reverse('application_stage', args=[application.pk])}?stage={was.value}&was={chosen.value}"
    if stood == WITHDRAWN:  # the stage alone does not tell
        back += f"&{WITHDRAWN}"
    undoable(request, f"{application.person.full_name}: {chosen.label}, {application.opening}", Undo("post", back))


@require_http_methods(["GET", "POST"])
def coordinator(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: the choice, for a dialog of the profile. POST: `owner` coordinates from now on; empty is nobody."""
    found = _found(request, pk)
    if not may_write(request.member):
        raise PermissionDenied("Your role is read-only: ask a super admin if you need to change who coordinates.")
    members = members_seeing(found.person).filter(role__in=WRITERS).select_related("user").order_by("user__name", "pk")
    if request.method == "GET":
        return render(request, "candidates/coordinator.html", {"application": found, "members": members})
    chosen = request.POST.get("owner", "")
    owner = get_object_or_404(members, pk=number_in(chosen)) if chosen else None
    people.coordinate(found, owner, by=request.member)
    messages.success(request, f"{owner.name} coordinates this stage" if owner else "Nobody coordinates this stage")
    return redirect("candidate", found.person_id)


def _found(request: MemberRequest, pk: int) -> Application:
    return get_object_or_404(applications_for(request.member).select_related("person", "opening"), pk=pk)
