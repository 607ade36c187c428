"""Who else has a conversation open."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from candidly.actions import presence
from candidly.rules.access import conversations_for
from candidly.rules.presence import others_viewing
from candidly.web.shell.request import MemberRequest


@require_http_methods(["GET", "POST"])
def viewing(request: MemberRequest, pk: int) -> HttpResponse:
    """POST says that this page is open (`writing=1`: and written in), or closed (`gone=1`). Shows who else is there."""
    conversation = get_object_or_404(conversations_for(request.member), pk=pk)
    if request.method == "POST":
        if "gone" in request.POST:
            presence.leave(request.member, conversation)
            return HttpResponse(status=204)
        presence.hello(request.member, conversation, is_writing="writing" in request.POST)
    viewers = others_viewing(request.member, conversation)[:5]
    return render(request, "writing/presence.html", {"viewers": viewers})
