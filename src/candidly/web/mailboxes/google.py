"""To Google and back (OAuth 2.0 with PKCE). What is asked of Google itself, a worker asks."""

from secrets import compare_digest

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import mailboxes
from candidly.channels.gmail import oauth
from candidly.channels.gmail.settings import gmail_settings
from candidly.config import config
from candidly.web.mailboxes.gate import with_mailbox
from candidly.web.shell.request import MemberRequest

BEGUN = "google_sign_in"
NOT_SET_UP = "This server is not set up for Gmail. Ask whoever runs it."
NOT_YOURS = "This answer of Google’s belongs to no attempt of yours, or to an old one. Connect again."
DECLINED = "Google did not let Candidly in, because you did not agree. Connect again when you want to."


@require_POST
@with_mailbox
def begin(request: MemberRequest) -> HttpResponse:
    """On to Google, with the address whose mailbox is to be chosen. What proves that it is the same browser which comes
    back stays in the session."""
    if not config().gmail:
        messages.error(request, NOT_SET_UP)
        return redirect("mailbox")
    made = oauth.new_secrets()
    request.session[BEGUN] = {"state": made.state, "nonce": made.nonce, "verifier": made.verifier}
    address = oauth.authorization_url(gmail_settings(config()), made, login_hint=request.member.email)
    return redirect(address)


@require_GET
@with_mailbox
def callback(request: MemberRequest) -> HttpResponse:
    """Back from Google: each attempt leads here once."""
    begun = request.session.pop(BEGUN, {})
    if not _is_ours(request, begun):
        messages.error(request, NOT_YOURS)
    elif code := request.GET.get("code"):
        mailboxes.begin(request.member, "gmail", {**begun, "code": code})
    else:
        messages.error(request, DECLINED)
    return redirect("mailbox")


def _is_ours(request: HttpRequest, begun: dict[str, str]) -> bool:
    state = begun.get("state", "")
    return bool(state) and compare_digest(state.encode(), request.GET.get("state", "").encode())
