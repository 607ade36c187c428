"""HTML that a member wrote, shown as a mail program would: a document of its own, in a sandbox."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST

from candidly.web.shell.request import MemberRequest

#: Mail carries its styles with it and loads its pictures from anywhere; nothing in it may run.
POLICY: dict[str, list[str] | str] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["https:", "data:"],
    "frame-ancestors": [CSP.SELF],
    "form-action": [CSP.NONE],
    "sandbox": "",
}


@require_POST
@csp_override(POLICY)
def preview_frame(request: MemberRequest) -> HttpResponse:
    """What was posted, as a document. It goes back to nobody but the member whose form (with its token) sent it."""
    return render(request, "writing/frame.html", {"html": request.POST.get("html", "")})
