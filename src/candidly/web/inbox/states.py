"""What a member does with conversations of their inbox: archive, snooze, mark as read or unread. For them alone."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from candidly.actions import participations
from candidly.actions.errors import Refused
from candidly.rules import snoozing
from candidly.rules.access import participations_for
from candidly.web.inbox.ids import ids_in
from candidly.web.inbox.listing import Listing
from candidly.web.inbox.snoozing import SnoozeForm
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.toasts import Undo, undoable
from candidly.web.writing.sending import Problem, refused


@require_http_methods(["POST", "DELETE"])
def inbox_archive(request: MemberRequest) -> HttpResponse:
    """Archive the conversations `ids`, or take them out of the archive again."""
    ids = _ids(request)
    if request.method == "DELETE":
        _unarchive(request, ids)
    else:
        _archive(request, ids)
    return _changed(ids)


@require_http_methods(["POST", "DELETE"])
def inbox_unread(request: MemberRequest) -> HttpResponse:
    """Mark the conversations `ids` as unread, or as read."""
    ids = _ids(request)
    if request.method == "DELETE":
        participations.mark_read(request.member, ids)
    else:
        participations.mark_unread(request.member, ids)
    return _changed(ids)


@require_http_methods(["POST", "DELETE"])
def conversation_archive(request: MemberRequest, pk: int) -> HttpResponse:
    """Archive the open conversation and leave it; or bring it back, and stay."""
    _must_take_part(request, pk)
    if request.method == "DELETE":
        return _bring_back(request, pk)
    _archive(request, [pk])
    return _to_list(request)


@require_POST
def conversation_unread(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave the open conversation, unread."""
    _must_take_part(request, pk)
    participations.mark_unread(request.member, [pk])
    return _to_list(request)


@require_http_methods(["POST", "DELETE"])
def conversation_snooze(request: MemberRequest, pk: int) -> HttpResponse:
    """Put the open conversation off until a time, and leave it; or bring it back now, and stay."""
    _must_take_part(request, pk)
    if request.method == "DELETE":
        return _bring_back(request, pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, Problem(form.sentence()))
    try:
        participations.snooze(request.member, [pk], form.chosen())
    except Refused as refusal:
        return refused(request, Problem(str(refusal)))
    words = snoozing.in_words(timezone.localtime(form.chosen()), timezone.localtime())
    undoable(request, f"Snoozed until {words}.", _undo_archive([pk]))
    return _to_list(request)


def _archive(request: MemberRequest, ids: Sequence[int]) -> None:
    if archived := participations.archive(request.member, ids):
        undoable(request, f"Archived {_conversations(archived)}.", _undo_archive(archived))


def _unarchive(request: MemberRequest, ids: Sequence[int]) -> None:
    if back := participations.unarchive(request.member, ids):
        messages.success(request, f"Moved {_conversations(back)} to the inbox.")


def _undo_archive(ids: Sequence[int]) -> Undo:
    return Undo("delete", f"{reverse('inbox_archive')}?ids={','.join(map(str, ids))}")


def _conversations(ids: Sequence[int]) -> str:
    return "1 conversation" if len(ids) == 1 else f"{len(ids)} conversations"


def _ids(request: MemberRequest) -> list[int]:
    return ids_in((request.POST if request.method == "POST" else request.GET).get("ids", ""))


def _must_take_part(request: MemberRequest, pk: int) -> None:
    get_object_or_404(participations_for(request.member), conversation=pk)


def _bring_back(request: MemberRequest, pk: int) -> HttpResponse:
    _unarchive(request, [pk])
    at = Listing.from_query(request.GET).everything
    return HttpResponseClientRedirect(reverse("conversation", args=[pk]) + at.query)


def _to_list(request: MemberRequest) -> HttpResponse:
    """The list that the conversation was opened from."""
    return HttpResponseClientRedirect(Listing.from_query(request.GET).url)


def _changed(ids: Sequence[int]) -> HttpResponse:
    """Nothing to swap: the page that asked fetches its list again, and shows these in it if they came back."""
    return trigger_client_event(HttpResponse(status=204), "live:inbox", {"ids": list(ids)})
