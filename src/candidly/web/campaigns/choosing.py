"""Put people into a campaign: from a person's page, from ticked rows, or from a whole list."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from candidly.actions import campaigns as actions
from candidly.actions.errors import Refused
from candidly.models import Campaign, CampaignIntake, Person
from candidly.rules.access import campaigns_for, intakes_for
from candidly.rules.audience import audience_people, counted, read_audience
from candidly.web.campaigns.forms import AddForm
from candidly.web.campaigns.gate import with_campaigns
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.writers import writers_only

OFFERED = 20


@require_http_methods(["GET", "POST"])
@with_campaigns
@writers_only
def campaign_choose(request: MemberRequest) -> HttpResponse:
    """GET: the dialog, or in it the campaigns that `find` names. POST: take them in."""
    if request.method == "POST":
        return _take_in(request)
    if request.htmx and request.htmx.target == "campaign-options":
        return render(request, "campaigns/options.html", _options(request, request.GET))
    audience, kind = read_audience(request.GET), _kind(request.GET)
    return _dialog(request, audience, kind)


def _take_in(request: MemberRequest) -> HttpResponse:
    form = AddForm(request.member, request.POST)
    if not form.is_valid():
        return _again(request, form)
    written = form.cleaned_data
    try:
        with transaction.atomic():
            campaign = written["campaign"] or actions.create(request.member, name=written["name"])
            intake = actions.add(request.member, campaign, written["audience"], written["kind"])
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _again(request, form)
    return _taken_in(request, intake)


def _taken_in(request: MemberRequest, intake: CampaignIntake) -> HttpResponse:
    """Said at the top of the list that they were chosen in; elsewhere in passing."""
    if not request.htmx:
        return redirect("campaign", intake.campaign_id)
    if request.POST.get("page") == "list":
        response = render(request, "campaigns/taken_in.html", {"intake": intake})
    else:
        messages.success(request, sentence_of(intake))
        response = HttpResponse()
    trigger_client_event(response, "selection-done", {})
    return trigger_client_event(response, "dialog-done", {})


def sentence_of(intake: CampaignIntake) -> str:
    """What has come of it."""
    if intake.total == 1:
        return f"Added to {intake.campaign.name}" if intake.added else f"Already in {intake.campaign.name}"
    already = f"; {intake.total - intake.added:,} already in it" if intake.added < intake.total else ""
    return f"{intake.added:,} added to {intake.campaign.name}{already}"


@require_GET
@with_campaigns
def campaign_intake(request: MemberRequest, pk: int) -> HttpResponse:
    """How far an audience has come on its way."""
    found = get_object_or_404(intakes_for(request.member).select_related("campaign"), pk=pk)
    return render(request, "campaigns/intake.html", {"intake": found})


def _kind(data: QueryDict) -> str:
    kind = data.get("kind", "")
    return kind if kind in Person.Kind.values else Person.Kind.CANDIDATE.value


def _options(request: MemberRequest, data: Mapping[str, Any]) -> dict[str, Any]:
    """The newest campaigns whose names have the words that are looked for; the chosen one stays among them."""
    find = data.get("find", "").replace("\x00", "").strip()[:200]
    chosen = data.get("campaign", "")
    campaigns: list[Campaign] = list(
        campaigns_for(request.member).filter(name__icontains=find).order_by("-pk")[:OFFERED]
    )
    return {"campaigns": campaigns, "chosen": chosen or (str(campaigns[0].pk) if campaigns else "new"), "find": find}


def _dialog(request: MemberRequest, audience: dict[str, Any], kind: str, form: AddForm | None = None) -> HttpResponse:
    people = audience_people(request.member, audience, kind)
    number, is_more = counted(people)
    data = form.data if form else request.GET
    context = {
        **_options(request, data),
        "form": form,
        "audience_json": json.dumps(audience),
        "kind": kind,
        "page": data.get("page", "list"),
        "name": data.get("name", ""),
        "number": number,
        "only": people.first() if number == 1 else None,
        "number_words": f"{number:,}{'+' if is_more else ''}",
    }
    template = "campaigns/choose.html" if request.htmx else "campaigns/choose_page.html"
    return render(request, template, context, status=422 if form else 200)


def _again(request: MemberRequest, form: AddForm) -> HttpResponse:
    audience = form.cleaned_data.get("audience") or {"ids": []}
    return _dialog(request, audience, _kind(request.POST), form)
