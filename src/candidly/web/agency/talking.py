"""A candidate's page: the stage, and the talk with the recruiting team."""

from typing import Any
from uuid import uuid4

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from candidly.actions import agency_talk
from candidly.actions.agency_talk import LONGEST_TEXT, MOST_FILES, Words
from candidly.actions.errors import Refused
from candidly.rules.agencies import audience_of
from candidly.rules.agency_access import (
    agency_files_of,
    agency_messages_of,
    agency_threads_of,
    candidates_of,
    unread_for,
)
from candidly.web.agency.forms import SayForm, SeenForm
from candidly.web.agency.listing import Listing
from candidly.web.agency.opened import Choice, Opened
from candidly.web.shell import uploads
from candidly.web.shell.downloads import download
from candidly.web.shell.request import AgencyRequest
from candidly.web.shell.roles import for_agency_users

NOT_PRIVATELY = (
    "Whom you chose can no longer be written to privately about this candidate, so it was not sent. "
    "Look who will see it, and send it again."
)


@require_http_methods(["GET", "POST"])
@for_agency_users
def candidate(request: AgencyRequest, pk: int) -> HttpResponse:
    """GET: the page, or for htmx the list beside the talk alone. POST: say something."""
    opened = _opened(request, pk, {"before": request.GET.get("earlier", "")})
    if request.method == "POST":
        return _say(request, opened)
    if request.htmx:
        return render(request, "agency/list.html", {"listing": _listing(request), "opened": opened})
    return _page(request, opened, opened.usual_choice())


@require_GET
@for_agency_users
def top(request: AgencyRequest, pk: int) -> HttpResponse:
    """How far the candidate has come, and with whom, for a page that is open."""
    context = {"opened": _opened(request, pk, {}), "listing": _listing(request)}
    return render(request, "agency/talk_top.html", context)


@require_GET
@for_agency_users
def messages(request: AgencyRequest, pk: int) -> HttpResponse:
    """Those that came before message `before`; or the end, from message `since` on, for a page that is open."""
    opened = _opened(request, pk, request.GET.dict())
    if opened.before:
        return render(request, "agency/entries.html", {"opened": opened})
    return render(request, "agency/messages.html", {"opened": opened, **_redrawn(request, opened)})


@require_POST
@for_agency_users
def seen(request: AgencyRequest, pk: int) -> HttpResponse:
    """The messages were before somebody's eyes. Without scripts, somebody says so."""
    opened = _opened(request, pk, {})
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    _read(opened, form.cleaned_data["up_to"])
    return redirect("agency_candidate", pk) if "by_hand" in request.POST else HttpResponse(status=204)


@require_http_methods(["DELETE"])
@for_agency_users
def message(request: AgencyRequest, pk: int) -> HttpResponse:
    """Delete one's own."""
    own = agency_messages_of(request.agency_user).filter(author=request.agency_user.user)
    found = get_object_or_404(own.select_related("thread__person", "thread__agency_user"), pk=pk)
    agency_talk.delete(request.agency_user, found)
    opened = _opened(request, found.thread.person_id, request.GET.dict())
    return render(request, "agency/messages.html", {"opened": opened})


@require_GET
@for_agency_users
def file(request: AgencyRequest, pk: int) -> FileResponse:
    """A file of a message, or one that came with an application."""
    return download(get_object_or_404(agency_files_of(request.agency_user), pk=pk))


def _opened(request: AgencyRequest, pk: int, asked: dict[str, str]) -> Opened:
    person = get_object_or_404(candidates_of(request.agency_user), pk=pk)
    return Opened(request.agency_user, person, asked)


def _listing(request: AgencyRequest) -> Listing:
    return Listing(request.agency_user, request.GET.dict())


def _read(opened: Opened, up_to: int) -> None:
    threads = agency_threads_of(opened.agency_user).filter(person=opened.person)
    for thread in unread_for(opened.agency_user.user, threads):
        agency_talk.read(opened.agency_user, thread, up_to)


def _say(request: AgencyRequest, opened: Opened) -> HttpResponse:
    form = SayForm(request.POST)
    if not form.is_valid():
        return _problem(request, opened, form, form.sentence())
    try:
        _send(request, opened, form.cleaned_data)
    except Refused as refusal:
        return _problem(request, opened, form, str(refusal))
    _read(opened, form.cleaned_data["up_to"] or 0)
    return _said(request, opened)


def _send(request: AgencyRequest, opened: Opened, said: dict[str, Any]) -> None:
    to = opened.partner(said["to"]) if said["private"] else None
    if said["private"] and to is None:
        raise Refused(NOT_PRIVATELY, field="audience")
    where = opened.talk(to)
    words = Words(
        text=said["text"].replace("\r\n", "\n"),
        drawn=audience_of(where).mark if to else said["drawn"],  # who writes privately has named the one
        files=uploads.read_all(request.FILES.getlist("files"), MOST_FILES),
        send_key=said["send_key"],
    )
    agency_talk.say(request.agency_user, where, words)


def _said(request: AgencyRequest, opened: Opened) -> HttpResponse:
    address = reverse("agency_candidate", args=[opened.person.pk])
    if not request.htmx:
        return redirect(f"{address}#newest")
    now = Opened(opened.agency_user, opened.person, request.POST.dict())
    response = render(request, "agency/said.html", {"opened": now, "send_key": uuid4().hex})
    return trigger_client_event(retarget(reswap(response, "outerHTML"), "#talk-messages"), "talk-said", {})


def _problem(request: AgencyRequest, opened: Opened, form: SayForm, sentence: str) -> HttpResponse:
    """Why it was not said, and who would see it now; what was written stays."""
    posted = form.cleaned_data
    choice = opened.choice(is_private=posted.get("private", False), to=posted.get("to"))
    if not request.htmx:
        return _page(request, opened, choice, status=422, problem=sentence, text=request.POST.get("text", ""))
    context = {"opened": opened, "choice": choice, "problem": sentence}
    return render(request, "agency/problem.html", context, status=422)


def _page(request: AgencyRequest, opened: Opened, choice: Choice, status: int = 200, **said: str) -> HttpResponse:
    context = {
        "opened": opened,
        "listing": _listing(request),
        "choice": choice,
        "send_key": uuid4().hex,
        "longest": LONGEST_TEXT,
        **said,
    }
    return render(request, "agency/candidates.html", context, status=status)


def _redrawn(request: AgencyRequest, opened: Opened) -> dict[str, Choice]:
    """Who may be written to privately, where that is not what the open page offers; what is chosen there stays."""
    form = SayForm(request.GET)
    offered = ",".join(str(partner.pk) for partner in opened.partners)
    if not form.is_valid() or request.GET.get("partners", offered) == offered:
        return {}
    choice = opened.choice(is_private=form.cleaned_data["private"], to=form.cleaned_data["to"])
    is_lost = form.cleaned_data["private"] and choice.to is None
    return {} if is_lost else {"choice": choice}
