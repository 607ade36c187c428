"""The link by which the person opens the conversation, as its members see it: until when, and how to take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from candidly.actions import portal
from candidly.actions.errors import Refused
from candidly.rules.access import conversations_for
from candidly.web.inbox.thread import about
from candidly.web.shell.request import MemberRequest


@require_POST
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Withdraw every link that was sent; the next message carries a new one."""
    found = get_object_or_404(conversations_for(request.member).select_related("person"), pk=pk)
    try:
        portal.revoke_links(request.member, found)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=403, content_type="text/plain; charset=utf-8")
    messages.success(request, "Link withdrawn. The next message carries a new one.")
    context = {"conversation": found, "person": found.person, "about": about(request.member, found)}
    return render(request, "inbox/portal_link.html", context)
