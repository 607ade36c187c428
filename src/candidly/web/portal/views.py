"""A conversation as its person sees it, by the link in a message, without an account."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from candidly.actions import portal
from candidly.actions.errors import Refused
from candidly.rules.access import portal_files, portal_link
from candidly.rules.closing import closed_at, is_closed
from candidly.rules.numbers import number_in
from candidly.web.portal import doorway, timeline
from candidly.web.portal.doorway import PortalRequest, see_other, through_link
from candidly.web.portal.forms import ReplyForm, SeenForm
from candidly.web.shell import uploads
from candidly.web.shell.context import LIVE_SALT
from candidly.web.shell.downloads import download


@require_safe
@login_not_required
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """From the link in a message to the conversation, whose address says nothing. Changes nothing in the database."""
    link = portal_link(token)
    if link is None:
        return doorway.wait(request) if doorway.too_many_tries(request) else doorway.no_way_in(request)
    response = see_other(_newest(link.conversation_id))
    doorway.admit(response, link)
    return doorway.discreet(response, doorway.LINK_POLICY)


@require_http_methods(["GET", "HEAD", "POST"])
@through_link
def conversation(request: PortalRequest) -> HttpResponse:
    """GET: the conversation's end, or what came before message `before`. POST: an answer."""
    if request.method == "POST":
        return _answer(request)
    return _page(request)


@require_GET
@through_link
def messages(request: PortalRequest) -> HttpResponse:
    """The conversation's end alone, for a page that is open."""
    return render(request, "portal/messages.html", _context(request))


@require_POST
@through_link
def seen(request: PortalRequest) -> HttpResponse:
    """The page was before somebody's eyes."""
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    portal.see(request.conversation, form.cleaned_data["up_to"])
    return HttpResponse(status=204)


@require_GET
@through_link
def file(request: PortalRequest, file: int) -> FileResponse:
    """A file of the conversation, as a download whatever it is."""
    return download(get_object_or_404(portal_files(request.link).distinct(), pk=file))


@require_GET
@through_link
def live_token(request: PortalRequest) -> HttpResponse:
    return HttpResponse(_live_token(request), content_type="text/plain")


def _answer(request: PortalRequest) -> HttpResponse:
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _problem(request, form.sentence())
    try:
        files = uploads.read_all(request.FILES.getlist("files"), portal.MOST_FILES)
        portal.answer(request.conversation, files=files, **form.cleaned_data)
    except Refused as refusal:
        return _problem(request, str(refusal))
    if _by_script(request):
        return render(request, "portal/messages.html", _context(request))
    return see_other(_newest(request.conversation.pk))


def _problem(request: PortalRequest, sentence: str) -> HttpResponse:
    """Why the answer was not taken; what was written stays."""
    if _by_script(request):
        return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
    return _page(request, status=422, problem=sentence, text=request.POST.get("text", ""))


def _page(request: PortalRequest, status: int = 200, **said: str) -> HttpResponse:
    return render(request, "portal/conversation.html", {**_context(request), **said}, status=status)


def _context(request: PortalRequest) -> dict[str, object]:
    owner = request.conversation.owner
    return {
        "conversation": request.conversation,
        "timeline": timeline.window(request.link, number_in(request.GET.get("before", ""))),
        "is_closed": is_closed(request.conversation),
        "closed_at": closed_at(request.conversation),
        "first_name": owner.name.partition(" ")[0] if owner else "",
        "send_key": uuid4().hex,
        "live": _live_token(request),
        "longest": portal.LONGEST_TEXT,
    }


def _live_token(request: PortalRequest) -> str:
    """For this conversation's own topic: what its team does among itself is not heard there."""
    return signing.dumps([f"portal:{request.conversation.pk}"], salt=LIVE_SALT)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _newest(conversation: int) -> str:
    """Where the newest message stands; the page shows it without scripts, too."""
    return f"{reverse('portal', args=[conversation])}#newest"
