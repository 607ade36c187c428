"""One candidate or contact: who they are, what they applied for, and every e-mail with them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from candidly.actions import people
from candidly.actions.errors import Refused
from candidly.models import Application, Attachment, Conversation, Message, Person, ScheduledMessage
from candidly.rules import consent
from candidly.rules.access import all_applications_of, conversations_for, may_write, people_for
from candidly.rules.numbers import number_in
from candidly.web.candidates import activity, previous
from candidly.web.candidates.profile_forms import details_form
from candidly.web.inbox import rows, timeline
from candidly.web.inbox.past import short_messages
from candidly.web.inbox.team_forms import CallForm
from candidly.web.inbox.thread import open_thread
from candidly.web.shell.counts import up_to_99
from candidly.web.shell.request import MemberRequest
from candidly.web.talk.talks import talks_about
from candidly.web.writing import panel
from candidly.web.writing.composer import as_posted, to_person
from candidly.web.writing.places import applications_of
from candidly.web.writing.sending import Problem, press_send, refused
from candidly.web.writing.waiting import waiting_to
from candidly.web.writing.words import WordsForm


def _found(request: MemberRequest, kind: str, pk: int) -> Person:
    return get_object_or_404(people_for(request.member), kind=kind, pk=pk)


@require_GET
def profile(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The Profile tab."""
    person = _found(request, kind, pk)
    frame = _frame(request, person, "profile")
    request.live_topics = [*getattr(request, "live_topics", []), f"person:{person.pk}"]
    return render(request, "candidates/profile.html", {"files": _submitted_files(frame["applications"]), **frame})


def _submitted_files(applications: Sequence[Application]) -> list[Attachment]:
    """What agencies sent along with these."""
    submitted = [application for application in applications if application.submitted_by_id]
    if not submitted:
        return []
    files = Attachment.objects.filter(application__in=submitted).order_by("-pk")
    return list(files.select_related("application__submitted_by__agency"))


@require_GET
def emails(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The Emails tab: the threads, and the chosen or the newest one open beside them."""
    person = _found(request, kind, pk)
    threads = conversations_for(request.member).filter(person=person).select_related("person", "application__opening")
    if "after" in request.GET:
        shown = rows.threads_page(request.member, pk, after=request.GET["after"])
        return render(request, "candidates/profile_threads.html", {"list": shown, "person": person})
    found = _chosen(threads, request.GET.get("thread", ""))
    thread = open_thread(request, found) if found else None
    shown = rows.threads_page(request.member, pk, open_pk=found.pk if found else 0)
    waiting = waiting_to(request.member, person)
    context = {"list": shown, "thread": thread, "waiting": waiting, **_frame(request, person, "emails")}
    return render(request, "candidates/profile_emails.html", context)


def _chosen(threads: QuerySet[Conversation], pk: str) -> Conversation | None:
    if not pk:
        return threads.order_by("-last_message_at", "-pk").first()
    return get_object_or_404(threads, pk=number_in(pk))


@require_GET
def short(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The Messages tab: every text and in-app message, of whatever conversation."""
    person = _found(request, kind, pk)
    shown = timeline.across(request.member, person, short_messages(request.member, person))
    return render(
        request, "candidates/profile_messages.html", {"timeline": shown, **_frame(request, person, "messages")}
    )


@require_GET
def previous_applications(request: MemberRequest, pk: int) -> HttpResponse:
    """The Previous applications tab, and a conversation of the chosen one, or the newest, to read."""
    member = request.member
    person = _found(request, Person.Kind.CANDIDATE, pk)
    frame = _frame(request, person, "previous")
    past = previous.find(member, person, frame["present"], request.GET)
    return render(request, "candidates/profile_previous.html", {"past": past, **frame})


@require_GET
def activity_tab(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The Activity tab: whatever happened, newest first; to htmx, what follows in the list."""
    person = _found(request, kind, pk)
    shown = activity.shown(request.member, person, request.GET.get("after", ""))
    context = {"activity": shown, "person": person}
    if request.htmx:
        return render(request, "candidates/activity_lines.html", context)
    return render(request, "candidates/profile_activity.html", {**context, **_frame(request, person, "activity")})


@require_POST
def edit(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """Change name, addresses, phone and location, and where a contact works."""
    person = _found(request, kind, pk)
    if not may_write(request.member):
        raise PermissionDenied
    form = details_form(kind)(request.POST)
    if form.is_valid():
        try:
            people.update_person(person, **form.cleaned_data)
            messages.success(request, "Contact details saved")
            return HttpResponseClientRedirect(reverse(kind, args=[pk]))
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    return render(request, "candidates/profile_edit.html", {"person": person, "form": form}, status=422)


@require_POST
def person_conversations(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin a conversation with this person."""
    person = get_object_or_404(people_for(request.member), pk=pk)
    form = WordsForm(request.member, request.POST, applications_of(request.member, person))
    sent = press_send(form, person)
    if isinstance(sent, Problem):
        return refused(request, sent) if request.htmx else _again(request, person, sent)
    if isinstance(sent, ScheduledMessage):
        return _waits(request, person, sent)
    return _gone(request, person, sent)


def _gone(request: MemberRequest, person: Person, message: Message) -> HttpResponse:
    """On to the thread; a list that the panel stood beside stays."""
    messages.success(request, f"Message sent to {person.full_name}")
    thread = f"{reverse(f'{person.kind}_emails', args=[person.pk])}?thread={message.conversation_id}"
    if not request.htmx:
        return redirect(thread)
    if "stays" in request.POST:
        return trigger_client_event(HttpResponse(status=204), "panel-done", {})
    return trigger_client_event(HttpResponseClientRedirect(thread), "message-sent", {})


def _waits(request: MemberRequest, person: Person, scheduled: ScheduledMessage) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{person.kind}_emails", person.pk)
    return retarget(reswap(panel.show_sent(request, scheduled), "innerHTML"), "#message-panel")


def _again(request: MemberRequest, person: Person, problem: Problem) -> HttpResponse:
    composer = to_person(request.member, person, list(applications_of(request.member, person)))
    posted = as_posted(composer, request.POST, problem.sentence, problem.field)
    return panel.show(request, person, posted, status=422)


def _frame(request: MemberRequest, person: Person, tab: str) -> dict[str, Any]:
    """What stands around every tab: the header, the counts, and what an agency has to say."""
    member = request.member
    applications = list(applications_of(member, person))
    present = next((a for a in applications if a.status == Application.Status.ACTIVE), None) or _first(applications)
    return {
        "person": person,
        "tab": tab,
        "applications": applications,
        "present": present,
        "previous_count": all_applications_of(member, person).exclude(pk=present.pk if present else 0).count(),
        "message_count": up_to_99(short_messages(member, person).values("pk")),
        "call_form": CallForm(person) if may_write(member) else None,
        "tags": list(person.tags.order_by("name")),
        "email_count": up_to_99(conversations_for(member).filter(person=person).values("pk")),
        "texting": consent.texting(person),
        "form": details_form(person.kind).of(person),
        **_talk(request, person),
    }


def _talk(request: MemberRequest, person: Person) -> dict[str, Any]:
    """The talk with agencies, and with whom it opens at once; the page hears of new messages for all who see the
    candidate."""
    talks = talks_about(request.member, person) if person.kind == Person.Kind.CANDIDATE else None
    if talks is None:
        return {}
    request.live_topics = [*getattr(request, "live_topics", []), f"agency-talk:{person.pk}"]
    asked = {str(line.agency_user.pk): line.agency_user.pk for line in talks.lines}
    return {"talks": talks, "asked_talk": asked.get(request.GET.get("agency", ""))}


def _first(applications: list[Application]) -> Application | None:
    return applications[0] if applications else None
