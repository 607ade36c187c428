"""What waits for its time: changed, cancelled, sent at once; and the page of all a member's own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from candidly.actions import scheduled as actions
from candidly.actions.drafts import Place
from candidly.actions.errors import Refused
from candidly.models import Conversation, ScheduledMessage
from candidly.rules import moments
from candidly.rules.access import people_for, scheduled_for
from candidly.rules.quiet_hours import quiet_for
from candidly.web.shell.request import MemberRequest
from candidly.web.writing import composer, panel
from candidly.web.writing.paging import key_in
from candidly.web.writing.places import composer_at
from candidly.web.writing.sending import Problem, refused
from candidly.web.writing.waiting import all_waiting, waiting_in
from candidly.web.writing.when import read_moment
from candidly.web.writing.words import WordsForm
from candidly.web.writing.writers import writers_only

GONE = "It has gone already, or was cancelled."


@require_GET
def scheduled(request: MemberRequest) -> HttpResponse:
    """All that the member has waiting, the next one first; what could not be sent stands above."""
    shown = all_waiting(request.member, request.GET)
    template = "writing/scheduled_rows.html" if request.htmx else "writing/scheduled.html"
    return render(request, template, {"list": shown})


@require_GET
def scheduled_state(request: MemberRequest, pk: int) -> HttpResponse:
    """How far the one that the panel has sent has come."""
    return panel.show_sent(request, _found(request, pk))


@require_http_methods(["GET", "POST"])
@writers_only
def scheduled_change(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: a composer with it. POST: new words, and a new time."""
    found = _found(request, pk)
    if request.method == "GET":
        return _editor(request, found)
    form = WordsForm(request.member, request.POST, changed=found)
    if problem := _change(form, found):
        return refused(request, problem) if request.htmx else _editor(request, found, problem)
    if not request.htmx:
        messages.success(request, "Scheduled message saved")
        return redirect("scheduled")
    if found.conversation and "at_conversation" in request.POST:
        return in_place(request, found.conversation)
    return retarget(reswap(panel.show_sent(request, _found(request, pk)), "innerHTML"), "#message-panel")


def _change(form: WordsForm, found: ScheduledMessage) -> Problem | None:
    if not form.is_valid():
        return Problem(form.sentence())
    due_at = form.cleaned_data["due_at"]
    if due_at is None:
        return Problem("Choose the day and the hour.", "date")
    try:
        actions.change(found, form.words, due_at=due_at)
    except Refused as refusal:
        return Problem(str(refusal), refusal.field)
    return None


def _editor(request: MemberRequest, found: ScheduledMessage, problem: Problem | None = None) -> HttpResponse:
    shown = composer.of_scheduled(request.member, found)
    if problem:
        shown = composer.as_posted(shown, request.POST, problem.sentence, problem.field)
    if request.GET.get("at") == "conversation":
        return render(request, "writing/composer.html", {"composer": shown, "at_conversation": True})
    return panel.show(request, found.person, shown, status=422 if problem else 200)


@require_POST
@writers_only
def scheduled_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """It does not go; its words come back into the composer, or are kept as a draft."""
    found = _found(request, pk)
    try:
        actions.cancel(request.member, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _unchanged(request)
    at = request.GET.get("at", "")
    if found.conversation and at == "conversation":
        return _given_back(request, found.conversation)
    if at == "person":
        place = Place(found.conversation, found.person)
        return panel.show(request, found.person, composer_at(request.member, place, {}))
    messages.success(request, f"Cancelled. The words are kept as a draft to {found.person.full_name}.")
    if not request.htmx:
        return redirect("scheduled")
    return trigger_client_event(HttpResponse(status=204), "live:inbox", {})


@require_POST
@writers_only
def scheduled_send(request: MemberRequest, pk: int) -> HttpResponse:
    """Do not wait any longer."""
    found = _found(request, pk)
    try:
        actions.send_now(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _unchanged(request)
    messages.success(request, f"Message sent to {found.person.full_name}")
    if not request.htmx:
        return redirect("scheduled")
    return trigger_client_event(HttpResponse(status=204), "message-sent", {})


@require_GET
@writers_only
def scheduled_time(request: MemberRequest) -> HttpResponse:
    """How a day and an hour read on the person's clock, and what is odd about them."""
    asked = request.GET.dict()
    person = get_object_or_404(people_for(request.member), pk=key_in(asked, "person"))
    context: dict[str, object] = {"name": person.first_name}
    if chosen := read_moment(asked.get("date", ""), asked.get("time", "")):
        here = timezone.get_current_timezone()
        there = moments.there(chosen.at, here, person.time_zone) if chosen.at else ""
        quiet = quiet_for(person, request.member.organization, chosen.at) if chosen.at else None
        context |= {"there": there, "says" if chosen.at else "problem": chosen.says, "quiet": quiet}
    return render(request, "writing/time.html", context)


def in_place(request: MemberRequest, conversation: Conversation, channels: list[str] | None = None) -> HttpResponse:
    """A fresh composer in place of the one that asks, and the lists of what waits."""
    context = {
        "composer": composer.in_conversation(request.member, conversation, channels or []),
        "waiting": waiting_in(request.member, conversation),
        "at_conversation": True,
    }
    return retarget(reswap(render(request, "writing/fresh.html", context), "outerHTML"), "#composer-answer")


def _given_back(request: MemberRequest, conversation: Conversation) -> HttpResponse:
    """The composer with the words in it. The page asks for the lists by itself: the row that was pressed may have gone
    from it by now, and htmx, which looks from there, would find no place for them."""
    context = {"composer": composer.in_conversation(request.member, conversation, []), "at_conversation": True}
    response = render(request, "writing/composer.html", context)
    return trigger_client_event(response, "live:conversation", {}, after="swap")


def _found(request: MemberRequest, pk: int) -> ScheduledMessage:
    rows = scheduled_for(request.member).select_related(
        "member__user", "member__organization", "person", "conversation__person", "conversation__application", "message"
    )
    return get_object_or_404(rows, pk=pk)


def _unchanged(request: MemberRequest) -> HttpResponse:
    """Nothing is swapped: the toast says why."""
    return HttpResponse(status=204) if request.htmx else redirect("scheduled")
