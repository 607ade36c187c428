"""Connect Email Account: a member's own mailbox, how it is, and what waits for it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import mailboxes
from candidly.config import config
from candidly.models import Mailbox
from candidly.rules import own_mailboxes
from candidly.web.mailboxes.gate import with_mailbox
from candidly.web.shell.request import MemberRequest

GOOGLE = urlsplit(config().google_auth_url)
#: The form that begins leads on to Google: the page must be allowed to go there.
POLICY: dict[str, Any] = {
    **settings.SECURE_CSP,
    "form-action": [CSP.SELF, f"{GOOGLE.scheme}://{GOOGLE.netloc}"],
}


@require_GET
@with_mailbox
@csp_override(POLICY)
def mailbox(request: MemberRequest) -> HttpResponse:
    """The page, or the card on it alone."""
    context = {
        "mailbox": own_mailboxes.mailbox_of(request.member) or Mailbox(member=request.member),
        "waiting": own_mailboxes.waiting_for(request.member),
        "label": request.member.organization.mailbox_label,
        "has_gmail": config().gmail,
        "has_imap": config().imap,
    }
    return render(request, "mailboxes/card.html" if request.htmx else "mailboxes/connect.html", context)


@require_POST
@with_mailbox
def look(request: MemberRequest) -> HttpResponse:
    """Do not wait for the next look, and look at everything."""
    if mailboxes.look_now(request.member):
        messages.success(request, "Your mailbox is looked at now")
    return redirect("mailbox")


@require_POST
@with_mailbox
def disconnect(request: MemberRequest) -> HttpResponse:
    if mailboxes.disconnect(request.member):
        messages.success(request, "Disconnected. Candidly has given back its access.")
    return redirect("mailbox")
