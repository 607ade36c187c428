"""What a team does among itself in a conversation: notes, who leads it, calls, reminders."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from candidly.actions import assign, calls, notes
from candidly.actions.errors import Refused
from candidly.actions.reminders import OPEN
from candidly.models import Conversation, Member, Person, Reminder
from candidly.rules.access import conversations_for, leaders_of, may_answer, people_for, readers_of, reminders_for
from candidly.rules.numbers import number_in
from candidly.web.inbox.team_forms import CallForm, NoteForm
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.scheduled import in_place
from candidly.web.writing.sending import Problem, refused

#: So many names a menu holds; more are found by typing.
NAMES = 200


def add_note(request: MemberRequest, found: Conversation) -> HttpResponse:
    """What the composer holds, as a note: the team sees it and nobody else."""
    form = NoteForm(request.member, request.POST)
    if not form.is_valid():
        return refused(request, Problem("It is too long for a note, or a file of it is no longer there."))
    try:
        note = notes.note(request.member, found, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, Problem(str(refusal)))
    told = ", ".join(member.name for member in note.mentions.select_related("user"))
    messages.success(request, f"Note added, {told} told" if told else "Note added")
    if not request.htmx:
        return redirect("conversation", found.pk)
    return trigger_client_event(in_place(request, found), "message-sent", {})


@require_GET
def conversation_colleagues(request: MemberRequest, pk: int) -> HttpResponse:
    """Those who can be mentioned here, as the items of a menu."""
    found = get_object_or_404(conversations_for(request.member), pk=pk)
    others = readers_of(found).exclude(pk=request.member.pk).select_related("user").order_by("user__name", "pk")
    return render(request, "inbox/colleagues.html", {"colleagues": others[:NAMES]})


@require_http_methods(["GET", "POST"])
def conversation_assign(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: who leads it, and with `menu` whom else it can be given to. POST: give it to `to`."""
    found = get_object_or_404(conversations_for(request.member).select_related("owner__user", "person"), pk=pk)
    if request.method == "POST":
        return _assign(request, found)
    if "menu" in request.GET:
        leaders = leaders_of(found).select_related("user").order_by("user__name", "pk")[:NAMES]
        return render(request, "inbox/assign_menu.html", {"conversation": found, "leaders": leaders})
    return _assigned(request, found)


def _assign(request: MemberRequest, found: Conversation) -> HttpResponse:
    to = get_object_or_404(readers_of(found).select_related("user"), pk=number_in(request.POST.get("to", "")))
    try:
        assign.assign(request.member, found, to)
    except Refused as refusal:
        messages.error(request, str(refusal))
        found.refresh_from_db(fields=["owner"])
        return _assigned(request, found, status=422)
    messages.success(request, f"Assigned to {to.name}")
    found.owner = to
    return trigger_client_event(_assigned(request, found), "message-sent", {})


def _assigned(request: MemberRequest, found: Conversation, status: int = 200) -> HttpResponse:
    may_assign = may_answer(request.member, found)
    context = {"conversation": found, "may_assign": may_assign}
    return render(request, "inbox/assigned.html", context, status=status)


@require_POST
def conversation_calls(request: MemberRequest, pk: int) -> HttpResponse:
    """Log a call into this conversation."""
    found = get_object_or_404(conversations_for(request.member).select_related("person"), pk=pk)
    return _log_call(request, found.person, found)


@require_POST
def person_calls(request: MemberRequest, pk: int) -> HttpResponse:
    """Log a call into the member's newest conversation with the person, or a new one."""
    return _log_call(request, get_object_or_404(people_for(request.member), pk=pk), None)


def _log_call(request: MemberRequest, person: Person, found: Conversation | None) -> HttpResponse:
    form = CallForm(person, request.POST)
    context = {"person": person, "conversation": found, "call_form": form}
    if form.is_valid():
        try:
            calls.log(request.member, person, conversation=found, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    if form.errors:
        return render(request, "inbox/call_form.html", context, status=422)
    messages.success(request, "Call logged")
    response = render(request, "inbox/call_form.html", {**context, "call_form": CallForm(person)})
    return trigger_client_event(trigger_client_event(response, "message-sent", {}), "dialog-done", {})


@require_GET
def conversation_reminders(request: MemberRequest, pk: int) -> HttpResponse:
    """The member's reminders here, for the panel beside the conversation."""
    found = get_object_or_404(conversations_for(request.member), pk=pk)
    return render(
        request, "inbox/reminders.html", {"conversation": found, "reminders": reminders_in(request.member, found)}
    )


def reminders_in(member: Member, conversation: Conversation) -> QuerySet[Reminder]:
    """The member's open reminders in the conversation, the next one first."""
    return reminders_for(member).filter(conversation=conversation, state__in=OPEN).order_by("due_at", "pk")
