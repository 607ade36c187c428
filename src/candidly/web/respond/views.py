"""The page that the accept and decline links of a campaign's mail lead to."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidly.actions import responses
from candidly.models import CampaignMember
from candidly.rules.response_links import EXAMPLE, recipient_of

Response = CampaignMember.Response
ANSWERS = {"accept": Response.ACCEPTED, "decline": Response.DECLINED}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def respond(request: HttpRequest, token: str, answer: str) -> HttpResponse:
    """GET asks and sets nothing, for scanners follow every link. POST answers, and may be pressed again to change it.

    The token is all that counts: there is no cookie and no sign-in.
    """
    if answer not in ANSWERS:
        raise Http404
    if token == EXAMPLE:
        return _discreet(render(request, "respond/example.html", {"answer": answer}))
    recipient = recipient_of(token)
    campaign = recipient.mailing.campaign if recipient else None
    if recipient is None or campaign is None:
        return _discreet(render(request, "respond/nothing.html", status=404))
    if request.method == "POST":
        responses.give(campaign, recipient.person, ANSWERS[answer])
    member = CampaignMember.objects.filter(campaign=campaign, person=recipient.person_id).first()
    context = {
        "organization": recipient.mailing.organization,
        "token": token,
        "answer": answer,
        "given": member.response if member else Response.NONE,
        "has_answered": request.method == "POST",
    }
    return _discreet(render(request, "respond/page.html", context))


def _discreet(response: HttpResponse) -> HttpResponse:
    """The token stands in the address: no cache, no search engine and no other site is to learn it."""
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
