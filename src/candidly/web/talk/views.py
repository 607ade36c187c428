"""The talk with agencies about a candidate, in a dialog of the profile. Agency users have it on pages of their own."""

from dataclasses import dataclass
from uuid import uuid4

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from candidly.actions import agency_talk
from candidly.actions.errors import Refused
from candidly.models import AgencyThread, AgencyUser, Person
from candidly.rules.access import candidates_for
from candidly.rules.agencies import Talk, audience_of, obstacle
from candidly.rules.agency_access import agency_files_for, agency_messages_for
from candidly.web.shell.downloads import download
from candidly.web.shell.request import MemberRequest
from candidly.web.talk import timeline
from candidly.web.talk.forms import SayForm, SeenForm
from candidly.web.talk.talks import Line, Talks, talks_about
from candidly.web.writing.paging import key_in


@dataclass(frozen=True, slots=True)
class Opened:
    """The talk with one agency user: the member's threads with them, of which there may be none yet."""

    person: Person
    agency_user: AgencyUser
    threads: list[AgencyThread]
    talks: Talks

    def talk(self, request: MemberRequest, *, private: bool) -> Talk:
        return Talk(self.person, self.agency_user, request.member if private else None)


def _person(request: MemberRequest, pk: int) -> Person:
    return get_object_or_404(candidates_for(request.member), pk=pk)


def _opened(request: MemberRequest, pk: int, user: int) -> Opened:
    person = _person(request, pk)
    found = talks_about(request.member, person)
    lines: list[Line] = [line for line in found.lines if line.agency_user.pk == user] if found else []
    if found is None or not lines:
        raise Http404
    return Opened(person, lines[0].agency_user, [line.thread for line in lines if line.thread], found)


@require_GET
def talks(request: MemberRequest, pk: int) -> HttpResponse:
    """What the profile shows around the dialog, for a page that is open."""
    person = _person(request, pk)
    context = {"person": person, "talks": talks_about(request.member, person), "tab": request.GET.get("tab", "")}
    return render(request, "talk/news.html", context)


@require_http_methods(["GET", "POST"])
def talk(request: MemberRequest, pk: int, user: int) -> HttpResponse:
    """The dialog; POST says something in it."""
    opened = _opened(request, pk, user)
    if request.method == "POST":
        return _say(request, opened)
    if not request.htmx:
        return redirect(f"{reverse('candidate', args=[pk])}?agency={user}")
    return render(request, "talk/dialog.html", _dialog(request, opened))


@require_GET
def talk_messages(request: MemberRequest, pk: int, user: int) -> HttpResponse:
    """The messages that came before message `before`; or the end, from message `since` on, for a page that is open."""
    opened = _opened(request, pk, user)
    if earlier := key_in(request.GET, "before"):
        shown = timeline.before(request.member, opened.threads, earlier)
        return render(request, "talk/entries.html", {"opened": opened, "timeline": shown})
    return _messages(request, opened)


@require_POST
def talk_seen(request: MemberRequest, pk: int, user: int) -> HttpResponse:
    """The messages were before somebody's eyes."""
    opened = _opened(request, pk, user)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    for thread in opened.threads:
        agency_talk.read(request.member, thread, form.cleaned_data["up_to"])
    return HttpResponse(status=204)


@require_http_methods(["DELETE"])
def talk_message(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete one's own."""
    readable = agency_messages_for(request.member).select_related("thread__person", "thread__agency_user")
    message = get_object_or_404(readable, pk=pk, author=request.member.user)
    agency_talk.delete(request.member, message)
    return _messages(request, _opened(request, message.thread.person_id, message.thread.agency_user_id))


@require_GET
def talk_file(request: MemberRequest, pk: int) -> FileResponse:
    """A file of a message, or one that came with an application, as a download whatever it is."""
    return download(get_object_or_404(agency_files_for(request.member), pk=pk))


def _say(request: MemberRequest, opened: Opened) -> HttpResponse:
    form = SayForm(request.member, request.POST)
    if not form.is_valid():
        return _problem(request, opened, form.sentence())
    where = opened.talk(request, private=form.cleaned_data["private"])
    try:
        agency_talk.say(request.member, where, form.words)
    except Refused as refusal:
        return _problem(request, opened, str(refusal))
    said = _opened(request, opened.person.pk, opened.agency_user.pk)
    response = render(request, "talk/dialog.html", _dialog(request, said))
    return trigger_client_event(retarget(reswap(response, "innerHTML"), "#agency-talk"), "talk-said", {})


def _problem(request: MemberRequest, opened: Opened, sentence: str) -> HttpResponse:
    """Why it was not said, and who would see it now; what was written stays."""
    context = {"opened": opened, "problem": sentence, **_audiences(request, opened)}
    return render(request, "talk/problem.html", context, status=422)


def _dialog(request: MemberRequest, opened: Opened) -> dict[str, object]:
    member = request.member
    return {
        "opened": opened,
        "timeline": timeline.latest(member, opened.threads),
        "obstacle": obstacle(member, opened.talk(request, private=False)),
        "send_key": uuid4().hex,
        "longest": agency_talk.LONGEST_TEXT,
        **_audiences(request, opened),
    }


def _audiences(request: MemberRequest, opened: Opened) -> dict[str, object]:
    """Who would see it, with the switch off and on, and the marks by which Send knows whom the page showed."""
    for_all, private = (audience_of(opened.talk(request, private=is_private)) for is_private in (False, True))
    return {
        "drawn": for_all.mark,
        "drawn_private": private.mark,
        "seers": for_all.beside(request.member),
        "seers_private": private.beside(request.member),
    }


def _messages(request: MemberRequest, opened: Opened) -> HttpResponse:
    shown = timeline.latest(request.member, opened.threads, key_in(request.GET, "since"))
    return render(request, "talk/messages.html", {"opened": opened, "timeline": shown})
