"""What the person gets beside this page, and how they stop it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from candidly.actions.errors import Refused
from candidly.actions.preferences import prefer
from candidly.rules.closing import is_closed
from candidly.rules.preferences import standings
from candidly.web.portal.doorway import PortalRequest, see_other, through_link


@require_http_methods(["GET", "HEAD", "POST"])
@through_link
def preferences(request: PortalRequest) -> HttpResponse:
    """GET: how each stands, and what was just changed, with its undoing. POST: stop one, or have it again."""
    if request.method == "POST":
        return _prefer(request)
    context = {
        "conversation": request.conversation,
        "is_closed": is_closed(request.conversation),
        "standings": standings(request.conversation.person),
        "changed": request.GET.get("changed", ""),
    }
    return render(request, "portal/preferences.html", context)


def _prefer(request: PortalRequest) -> HttpResponse:
    name = request.POST.get("name", "")
    try:
        prefer(request.conversation, name, wanted=request.POST.get("wanted") == "yes")
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return see_other(f"{reverse('portal_preferences', args=[request.conversation.pk])}?changed={name}")
