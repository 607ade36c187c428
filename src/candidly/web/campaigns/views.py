"""Campaigns: the list, one of them, and what is said of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from candidly.actions import campaigns as actions
from candidly.actions.errors import Refused
from candidly.models import Campaign
from candidly.rules.access import campaigns_for
from candidly.rules.campaigns import LISTED_UP_TO, with_counts
from candidly.rules.counting import in_words
from candidly.web.campaigns.forms import CampaignForm
from candidly.web.campaigns.gate import with_campaigns
from candidly.web.campaigns.listing import Shown
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.paging import page_of
from candidly.web.writing.writers import writers_only

LISTED = 20


@require_GET
@with_campaigns
def campaigns(request: MemberRequest) -> HttpResponse:
    """The list, newest first, or what the search finds."""
    request.live_topics = [f"campaigns:{request.member.organization_id}"]
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = campaigns_for(request.member)
    if words:
        found = found.filter(name__icontains=words)
    page = page_of(with_counts(request.member, found), request.GET, LISTED, newest_first=True)
    rows = [(row, _words(row, "number_in"), _words(row, "number_answered")) for row in page.rows]
    context = {"page": page, "rows": rows, "q": words, "query": urlencode({"q": words}) if words else ""}
    return render(request, "campaigns/rows.html" if request.htmx else "campaigns/list.html", context)


def _words(row: Campaign, name: str) -> str:
    return in_words(getattr(row, name), LISTED_UP_TO)


@require_http_methods(["GET", "POST"])
@with_campaigns
@writers_only
def campaign_add(request: MemberRequest) -> HttpResponse:
    """Begin one, and go to its page."""
    form = CampaignForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.create(request.member, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{made.name} created")
            return redirect("campaign", made.pk)
    return render(request, "campaigns/edit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@with_campaigns
@writers_only
def campaign_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Another name, purpose or time."""
    found = get_object_or_404(campaigns_for(request.member), pk=pk)
    form = CampaignForm(request.POST or None, initial=CampaignForm.values_of(found))
    if form.is_valid():
        try:
            actions.change(request.member, found, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Campaign saved")
            return redirect("campaign", pk)
    return render(request, "campaigns/edit.html", {"form": form, "campaign": found}, status=422 if form.errors else 200)


@require_GET
@with_campaigns
def campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """One campaign; to htmx what changes of it: its members, and the figures around them."""
    found = get_object_or_404(campaigns_for(request.member), pk=pk)
    shown = Shown(request.member, found, request.GET)
    request.live_topics = [f"campaign:{pk}", *(f"mailing:{mailing.pk}" for mailing in shown.mailings[:3])]
    context = {"campaign": found, "shown": shown}
    return render(request, "campaigns/changed.html" if request.htmx else "campaigns/campaign.html", context)
