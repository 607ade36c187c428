"""A mailbox at any mail server: what opens it is entered here, and tried by a worker."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from candidly.actions import mailboxes
from candidly.channels.imap.settings import allow, imap_settings, read_access
from candidly.config import config
from candidly.envelope import PermanentFailure
from candidly.models import Mailbox
from candidly.rules import own_mailboxes
from candidly.web.mailboxes.forms import ImapForm
from candidly.web.mailboxes.gate import with_mailbox
from candidly.web.shell.request import MemberRequest

#: What was entered last, but for secrets: it is shown again where it came to nothing.
ENTERED = "imap_entered"


@sensitive_post_parameters("password", "refresh_token")
@require_http_methods(["GET", "HEAD", "POST"])
@with_mailbox
def imap(request: MemberRequest) -> HttpResponse:
    """The form; and on to the card, which says what came of it."""
    if not config().imap:
        raise Http404
    takes_token = bool(config().imap_token_url)
    if request.method != "POST":
        return render(request, "mailboxes/imap.html", {"form": _begun(request, takes_token=takes_token)})
    form = ImapForm(request.POST, takes_token=takes_token)
    if not form.is_valid() or not _can_be(form):
        return _page(request, form)
    request.session[ENTERED] = form.shown_again()
    mailboxes.begin(request.member, "imap", {**form.entered(), "address": request.member.email})
    return redirect("mailbox")


def _begun(request: MemberRequest, *, takes_token: bool) -> ImapForm:
    """As it was filled in last, with what came of it; else with what is usual."""
    mailbox = own_mailboxes.mailbox_of(request.member) or Mailbox(member=request.member)
    entered = ImapForm.usual(request.member.email) | _known(request, mailbox)
    if not mailbox.refusal or mailbox.refused_by != Mailbox.Provider.IMAP:
        return ImapForm(initial=entered, takes_token=takes_token)
    field = "password" if mailbox.refused_sign_in else None
    return ImapForm.refused(entered, mailbox.refusal, field, takes_token=takes_token)


def _known(request: MemberRequest, mailbox: Mailbox) -> dict[str, str]:
    """What opens the mailbox, wherever it was entered; what was tried since, as long as it has not worked."""
    opens = own_mailboxes.servers_of(mailbox)
    tried = request.session.get(ENTERED, {})
    return {**opens, **tried} if mailbox.attempt or mailbox.refusal else {**tried, **opens}


def _can_be(form: ImapForm) -> bool:
    """Whether it could open a mailbox, as far as that can be said without trying."""
    try:
        allow(read_access(form.entered()), imap_settings(config()))
    except PermanentFailure as failure:
        form.add_error(None, failure.reason)
    return not form.errors


def _page(request: MemberRequest, form: ImapForm) -> HttpResponse:
    return render(request, "mailboxes/imap.html", {"form": form}, status=422 if form.errors else 200)
