"""What is done with a campaign's members: removed, taken back, and their response entered by hand."""

from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from candidly.actions import campaigns as actions
from candidly.actions import responses
from candidly.models import Campaign, CampaignMember
from candidly.rules.access import campaign_members_for, campaigns_for
from candidly.rules.campaigns import narrowed
from candidly.rules.numbers import numbers_in
from candidly.web.campaigns.forms import ResponseForm
from candidly.web.campaigns.gate import with_campaigns
from candidly.web.campaigns.listing import Shown
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.toasts import Undo, undoable
from candidly.web.writing.writers import writers_only


@require_POST
@with_campaigns
@writers_only
def campaign_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Those who are ticked, or all that are shown; for some seconds they can be taken back."""
    found = _found(request, pk)
    number, at = actions.remove(request.member, found, _chosen(request, found))
    if number:
        undo = Undo("post", reverse("campaign_restore", args=[pk, at.isoformat()]))
        undoable(request, f"{number:,} {'person' if number == 1 else 'people'} removed", undo)
    return _done(request, pk)


@require_POST
@with_campaigns
@writers_only
def campaign_restore(request: MemberRequest, pk: int, at: str) -> HttpResponse:
    """Take back those who were removed at that moment."""
    found = _found(request, pk)
    back = actions.restore(request.member, found, _moment(at))
    messages.success(request, f"{back:,} {'person is' if back == 1 else 'people are'} back in {found.name}")
    return _done(request, pk)


@require_POST
@with_campaigns
@writers_only
def campaign_response(request: MemberRequest, pk: int, person: int) -> HttpResponse:
    """A member knows what somebody answered, by whatever way."""
    found = _found(request, pk)
    member = get_object_or_404(campaign_members_for(request.member), campaign=found, person=person)
    form = ResponseForm(request.POST)
    if form.is_valid():
        given = CampaignMember.Response(form.cleaned_data["response"])
        responses.enter(request.member, found, [member.person_id], given)
        messages.success(request, f"{member.person.full_name}: {given.label}")
    return _done(request, pk)


def _found(request: MemberRequest, pk: int) -> Campaign:
    return get_object_or_404(campaigns_for(request.member), pk=pk)


def _chosen(request: MemberRequest, campaign: Campaign) -> QuerySet[CampaignMember]:
    everybody = campaign_members_for(request.member).filter(campaign=campaign)
    if request.POST.get("all") == "1":
        shown = Shown(request.member, campaign, request.POST)
        return narrowed(everybody.filter(kind=shown.kind), q=shown.q, response=shown.response)
    return everybody.filter(person__in=numbers_in(request.POST.getlist("id")))


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:  # well formed, and no time there is
        raise Http404 from None
    if moment is None or moment.tzinfo is None:
        raise Http404
    return moment


def _done(request: MemberRequest, pk: int) -> HttpResponse:
    """The page hears of what changed by its live event; the selection has done its work."""
    if not request.htmx:
        return redirect("campaign", pk)
    response = trigger_client_event(HttpResponse(status=204), "selection-done", {})
    return trigger_client_event(response, "campaign-changed", {})
