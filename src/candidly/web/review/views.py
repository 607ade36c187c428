"""The review tray: mail that nobody but a member can tell where it belongs."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import review as reviewing
from candidly.actions.errors import Refused
from candidly.envelope import Incoming
from candidly.mail import doors
from candidly.models import InboundMail
from candidly.rules.access import inbound_for, may_review, review_for
from candidly.rules.numbers import number_in
from candidly.web.review.forms import FileForm
from candidly.web.review.tray import found_conversations, suggested, tray_page
from candidly.web.shell.request import MemberRequest
from candidly.web.untrusted import download, framed


@require_GET
def review(request: MemberRequest) -> HttpResponse:
    """What waits, with nothing open."""
    if not may_review(request.member):
        raise Http404
    return render(request, "review/page.html", _tray(request))


@require_GET
def review_mail(request: MemberRequest, pk: int) -> HttpResponse:
    """One mail and what to do with it; or, when somebody was quicker, what they did with it."""
    mail = get_object_or_404(inbound_for(request.member).exclude(state=InboundMail.State.STORED), pk=pk)
    context = _tray(request) | {"mail": mail}
    if mail.state != InboundMail.State.REVIEW:
        return render(request, "review/page.html", context | {"handled": True})
    context |= {"content": _read(mail)}
    context |= {"suggestion": suggested(request.member, mail), "view": request.GET.get("view", "text")}
    return render(request, "review/page.html", context)


@require_GET
def review_conversations(request: MemberRequest, pk: int) -> HttpResponse:
    """The conversations that the search box finds."""
    mail = get_object_or_404(review_for(request.member), pk=pk)
    words = request.GET.get("q", "").strip()
    found = found_conversations(request.member, words) if words else []
    return render(request, "review/found.html", {"mail": mail, "found": found, "words": words})


@require_POST
def review_file(request: MemberRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(inbound_for(request.member), pk=pk)
    form = FileForm(request.member, request.POST)
    if not form.is_valid():
        messages.error(request, "That conversation is no longer there. Choose another one.")
        return redirect("review_mail", pk)
    conversation = form.cleaned_data["conversation"]
    sentence = f"Filed in the conversation with {conversation.person}"
    return _decide(request, mail, lambda: reviewing.file(request.member, mail, conversation), sentence)


@require_POST
def review_drop(request: MemberRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(inbound_for(request.member), pk=pk)
    return _decide(request, mail, lambda: reviewing.drop(request.member, mail), "Mail dropped")


@require_GET
def review_html(request: MemberRequest, pk: int) -> HttpResponse:
    """The formatted part, for the frame."""
    mail = get_object_or_404(review_for(request.member), pk=pk)
    return framed(_read(mail))


@require_GET
def review_attachment(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    mail = get_object_or_404(review_for(request.member), pk=pk)
    files = _read(mail).files
    if number >= len(files):
        raise Http404
    return download(files[number].content, files[number].name)


def _read(mail: InboundMail) -> Incoming:
    return doors.read(mail.door, bytes(mail.raw), mail.envelope_from)


def _tray(request: MemberRequest) -> dict[str, object]:
    request.live_topics = [f"review:{request.member.organization_id}"]
    mails, has_older = tray_page(request.member, number_in(request.GET.get("before", "")) or None)
    return {"mails": mails, "oldest": mails[-1].pk if has_older else None}


def _decide(request: MemberRequest, mail: InboundMail, act: Callable[[], object], sentence: str) -> HttpResponse:
    """Acts, and goes on to the tray. When somebody was quicker, the mail's page says what they did."""
    if mail.state != InboundMail.State.REVIEW:
        return redirect("review_mail", mail.pk)
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("review_mail", mail.pk)
    messages.success(request, sentence)
    return redirect("review")
