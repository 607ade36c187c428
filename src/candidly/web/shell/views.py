"""The front door and the pages for when something is not there."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from candidly.models import AgencyUser
from candidly.web.shell.context import LIVE_SALT, live_token
from candidly.web.shell.request import AgencyRequest, MemberRequest


@require_GET
def home(request: MemberRequest | AgencyRequest) -> HttpResponse:
    """Straight to the inbox, for an agency user to their candidates; an account that is neither's is told so."""
    if request.member:
        return redirect("inbox")
    if request.agency_user:
        return redirect("agency")
    was_agencys = AgencyUser.objects.filter(user=request.user.pk).exists()
    return render(request, "shell/no_member.html", {"was_agencys": was_agencys}, status=403)


@require_GET
def fresh_live_token(request: MemberRequest) -> HttpResponse:
    """The topics of an aged token, signed anew for the member they were signed for."""
    try:
        topics: list[str] = signing.loads(request.GET.get("t", ""), salt=LIVE_SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    if f"member:{request.member.pk}" not in topics:
        raise Http404
    request.live_topics = [topic for topic in topics if not topic.startswith("member:")]
    return HttpResponse(live_token(request, request.member), content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a form answers whose secret has gone stale, mostly because of signing in or out in another tab."""
    return render(request, "csrf.html", status=403)
