"""A mailing that the member may see, and the way back to its page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django_htmx.http import HttpResponseClientRefresh

from candidly.models import Mailing
from candidly.rules.access import mailings_for
from candidly.web.shell.request import MemberRequest


def found_mailing(request: MemberRequest, pk: int) -> Mailing:
    """Raises Http404 where there is none that the member may see."""
    whole = mailings_for(request.member).select_related("sender__user", "sender__organization__plan", "template")
    return get_object_or_404(whole, pk=pk)


def back(request: MemberRequest, mailing: Mailing) -> HttpResponse:
    """To its page as it stands now."""
    return HttpResponseClientRefresh() if request.htmx else redirect("mailing", mailing.pk)
