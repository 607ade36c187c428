"""The inbox, and a conversation opened in it."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from candidly.actions import deliveries, participations
from candidly.actions.errors import Refused
from candidly.models import Conversation, Member
from candidly.rules.access import conversations_for, may_write, messages_for
from candidly.web.inbox import rows, timeline
from candidly.web.inbox.ids import ids_in
from candidly.web.inbox.listing import Listing
from candidly.web.inbox.snoozing import offered
from candidly.web.inbox.team import add_note
from candidly.web.inbox.thread import Thread, about, open_thread
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.composer import as_posted
from candidly.web.writing.paging import MOST, key_in
from candidly.web.writing.scheduled import in_place
from candidly.web.writing.sending import Problem, press_send, refused
from candidly.web.writing.waiting import waiting_in
from candidly.web.writing.words import WordsForm


@require_GET
def inbox(request: MemberRequest) -> HttpResponse:
    """The list, with nothing open beside it."""
    return render(request, "inbox/inbox.html", _list(rows.inbox_page(request.member, Listing.from_query(request.GET))))


@require_GET
def inbox_rows(request: MemberRequest) -> HttpResponse:
    """A page of the list: the next one, or the first as long as it is shown now."""
    shown = rows.inbox_page(
        request.member,
        Listing.from_query(request.GET),
        open_pk=key_in(request.GET, "open"),
        after=request.GET.get("after", ""),
        size=max(rows.PAGE, key_in(request.GET, "rows")),
        shown=_shown(request),
    )
    is_refresh = "after" not in request.GET
    found_now = 0 if is_refresh else len(shown.rows)
    found = key_in(request.GET, "found") + found_now  # since somebody pressed to look further
    is_looking = "stop" not in request.GET and ("found" in request.GET or not is_refresh)
    context = {
        "list": shown,
        "is_first": is_refresh or "none" in request.GET,  # no row was found before it
        "is_refresh": is_refresh,
        "found": found,
        "goes_on": is_looking and shown.looked_up_to and found < rows.PAGE,
    }
    response = render(request, "inbox/rows.html", context)
    if shown.looked_up_to and not shown.rows and not is_refresh:
        response.headers["HX-Reswap"] = "morph"  # the button that was pressed stays
    return response


@require_GET
def inbox_counter(request: MemberRequest) -> HttpResponse:
    """The envelope; with it the counter in the navigation."""
    return render(request, "inbox/counter.html")


@require_GET
def conversation(request: MemberRequest, pk: int) -> HttpResponse:
    """The inbox with this conversation open. It is read from now on, for this member."""
    found = get_object_or_404(_conversations(request.member), pk=pk)
    return _page(request, found, open_thread(request, found, at=key_in(request.GET, "at")))


def _page(request: MemberRequest, found: Conversation, thread: Thread, status: int = 200) -> HttpResponse:
    shown = rows.inbox_page(request.member, Listing.from_query(request.GET), open_pk=found.pk)
    context = {
        **_list(shown),
        "thread": thread,
        "about": about(request.member, found, may_log_calls=not thread.closed),
        "snoozes": offered(),
        "at_conversation": True,
    }
    return render(request, "inbox/inbox.html", context, status=status)


@require_http_methods(["GET", "POST"])
def conversation_messages(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: what came before message `before`, after message `later`, or is new since message `after`. POST: answer."""
    found = get_object_or_404(_conversations(request.member), pk=pk)
    if request.method == "POST":
        return (add_note if "note" in request.POST else _answer)(request, found)
    if "before" in request.GET:
        shown = timeline.before(request.member, found, key_in(request.GET, "before"))
        return render(request, "inbox/earlier.html", {"conversation": found, "timeline": shown})
    if "later" in request.GET:
        shown = timeline.after(request.member, found, key_in(request.GET, "later"))
        return render(request, "inbox/later.html", {"conversation": found, "timeline": shown})
    after = key_in(request.GET, "after")
    if "seen" in request.GET:
        participations.mark_read(request.member, [pk])
    context = {
        "conversation": found,
        "timeline": timeline.after(request.member, found, after),
        "updated": timeline.shown_deliveries(found, after),
        "waiting": waiting_in(request.member, found),
    }
    return render(request, "inbox/newer.html", context)


@require_POST
def message_retry(request: MemberRequest, pk: int) -> HttpResponse:
    """Send again what failed, and show the new state in its place."""
    message = get_object_or_404(messages_for(request.member), deliveries=pk)
    if not may_write(request.member):
        raise PermissionDenied
    try:
        if not deliveries.retry_failed(message.deliveries.get(pk=pk)):
            messages.error(request, "This message has not failed, so there is nothing to send again.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    context = {"message": message, "deliveries": message.deliveries.order_by("pk"), "swap_oob": True}
    return render(request, "inbox/deliveries.html", context)


@require_POST
def press_enter(request: MemberRequest) -> HttpResponse:
    """Remember whether Enter sends, for this member."""
    Member.objects.filter(pk=request.member.pk).update(press_enter_to_send="press_enter_to_send" in request.POST)
    return HttpResponse(status=204)


def _answer(request: MemberRequest, found: Conversation) -> HttpResponse:
    form = WordsForm(request.member, request.POST)
    sent = press_send(form, found.person, found)
    if isinstance(sent, Problem):
        return refused(request, sent) if request.htmx else _again(request, found, sent)
    if not request.htmx:
        return redirect("conversation", found.pk)
    return trigger_client_event(in_place(request, found, form.cleaned_data["channels"]), "message-sent", {})


def _again(request: MemberRequest, found: Conversation, problem: Problem) -> HttpResponse:
    """The whole page with what was posted, for a browser that has no scripts (yet)."""
    thread = open_thread(request, found)
    if thread.composer:
        posted = as_posted(thread.composer, request.POST, problem.sentence, problem.field)
        thread = replace(thread, composer=posted)
    return _page(request, found, thread, status=422)


def _list(shown: rows.Rows) -> dict[str, object]:
    return {"list": shown, "most": MOST}


def _conversations(member: Member) -> QuerySet[Conversation]:
    return conversations_for(member).select_related(
        "person", "application__opening", "application__stage_owner__user", "owner__user"
    )


def _shown(request: MemberRequest) -> rows.Shown | None:
    """What of a narrowed list the page has before it, where it says so. Http404 for ids that are none."""
    if "shown" not in request.GET:
        return None
    ids = request.GET["shown"]
    return rows.Shown(ids_in(ids) if ids else [], request.GET.get("next", ""))
