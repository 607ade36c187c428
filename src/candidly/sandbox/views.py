"""The sandbox's pages: every mail that would have gone out, shown as its recipient's mail program would show it."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidly.models import SandboxMail
from candidly.rules.numbers import number_in
from candidly.sandbox.answering import Outcome, build, hand_in
from candidly.sandbox.forms import AnswerForm, blank_answer
from candidly.sandbox.mailbox import PAGE, Search, page_of, search_of
from candidly.sandbox.reading import open_mail
from candidly.sandbox.server import HOST, NO_SUCH_MAILBOX
from candidly.web.shell.request import MemberRequest
from candidly.web.untrusted import download, framed

VIEWS = {"text": "Text", "html": "HTML", "source": "Source", "headers": "Headers"}


@require_GET
def sandbox(request: MemberRequest) -> HttpResponse:
    """The list, with no mail open."""
    return render(request, "sandbox/page.html", _list(search_of(request.GET), _number(request, "before")))


@require_GET
def newer(request: MemberRequest) -> HttpResponse:
    """What came after the newest mail of an open list; asked every few seconds.

    Answers 204 when nothing came, and the whole list anew when more came than fit a page or the list was empty.
    """
    search, after = search_of(request.GET), _number(request, "after") or 0
    came = list(search.mails().filter(pk__gt=after)[: PAGE + 1])
    if not came:
        return HttpResponse(status=204)
    if after and len(came) <= PAGE:
        return render(request, "sandbox/page.html#newer", {"mails": came, "search": search, "newest": came[0].pk})
    response = render(request, "sandbox/page.html#list", _list(search, None))
    response["HX-Retarget"], response["HX-Reswap"] = "#mail-list", "outerHTML"
    return response


@require_GET
def mail(request: MemberRequest, pk: int) -> HttpResponse:
    """The list, and one mail of it open."""
    return _open(request, get_object_or_404(SandboxMail, pk=pk))


@require_POST
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Sends the answer through the inbound door, and shows what the door said."""
    original = get_object_or_404(SandboxMail, pk=pk)
    opened = open_mail(original)
    form = AnswerForm(request.POST, request.FILES, auto_id="answer-%s")
    if "@" not in opened.reply_to.email:
        form.add_error(None, "The mail names nobody to answer to: it has neither Reply-To nor From.")
    if not form.is_valid():
        return _open(request, original, form)
    written = form.answer(opened)
    outcome = hand_in(build(written, opened.content), written, HOST, settings.CONFIG.inbound_port)
    return _open(request, original, None if outcome.taken else form, outcome)


@require_GET
def html(request: MemberRequest, pk: int) -> HttpResponse:
    """The HTML part, for the frame: nothing in it runs, and nothing is loaded from anywhere."""
    return framed(open_mail(get_object_or_404(SandboxMail, pk=pk)).content)


@require_GET
def source(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole mail as it came over the wire."""
    kept = get_object_or_404(SandboxMail, pk=pk)
    return download(bytes(kept.raw), f"mail-{pk}.eml")


@require_GET
def file(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """One attachment, always as a download."""
    files = open_mail(get_object_or_404(SandboxMail, pk=pk)).content.files
    if number >= len(files):
        raise Http404
    return download(files[number].content, files[number].name)


@require_POST
def clear(request: MemberRequest) -> HttpResponse:
    SandboxMail.objects.all().delete()
    messages.success(request, "Sandbox cleared")
    return redirect("sandbox")


def _list(search: Search, before: int | None) -> dict[str, object]:
    mails, has_older = page_of(search, before)
    newest = mails[0].pk if mails and before is None else 0
    return {
        "search": search,
        "mails": mails,
        "newest": newest,
        "before": before,
        "oldest": mails[-1].pk if has_older else None,
        "refused_prefix": NO_SUCH_MAILBOX,
        "texts_are_here": settings.CONFIG.sms_sandbox,
    }


def _open(
    request: MemberRequest, kept: SandboxMail, form: AnswerForm | None = None, outcome: Outcome | None = None
) -> HttpResponse:
    opened = open_mail(kept)
    view = request.GET.get("view", "")
    context = _list(search_of(request.GET), None) | {
        "mail": kept,
        "opened": opened,
        "tabs": VIEWS.items(),
        "view": view if view in VIEWS else "text",
        "form": form or blank_answer(opened),
        "outcome": outcome,
    }
    return render(request, "sandbox/page.html", context)


def _number(request: MemberRequest, name: str) -> int | None:
    return number_in(request.GET.get(name, "")) or None
