"""A mailing that waits for its time: changed, begun at once; and how quickly one goes."""

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from candidly.actions import mailings
from candidly.actions.errors import Refused
from candidly.models import Mailing
from candidly.rules.channels import spoken
from candidly.web.mailings.finding import back, found_mailing
from candidly.web.mailings.forms import ComposeForm, PaceForm
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.merge_menu import menu
from candidly.web.writing.writers import writers_only


@require_http_methods(["GET", "POST"])
@writers_only
def mailing_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """GET: the text and the time of a scheduled mailing. POST: new ones; who gets it stays as it was frozen."""
    found = found_mailing(request, pk)
    if found.state != Mailing.State.SCHEDULED:
        messages.error(request, mailings.BEGUN)
        return redirect("mailing", pk)
    if request.method == "GET":
        return _editor(request, found, ComposeForm.of(request.member, found))
    form = ComposeForm(request.member, request.POST)
    if not form.is_valid():
        return _editor(request, found, form)
    try:
        mailings.change(found, form.order, request.member)
    except Refused as refusal:
        form.refuse(refusal)
        return _editor(request, found, form)
    messages.success(request, "Saved." if form.order.starts_at else "Saved. It is being sent now.")
    return redirect("mailing", pk)


def _editor(request: MemberRequest, mailing: Mailing, form: ComposeForm) -> HttpResponse:
    files = form.cleaned_data.get("attachments", []) if form.is_bound else mailing.attachments.order_by("pk")
    context = {
        "mailing": mailing,
        "form": form,
        "ways": spoken(mailing.channels),
        "new_files": files,
        **menu(request.member, in_campaign=form.campaign is not None),
    }
    return render(request, "mailings/edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@writers_only
def mailing_start(request: MemberRequest, pk: int) -> HttpResponse:
    """Do not wait any longer."""
    found = found_mailing(request, pk)
    try:
        mailings.start_now(found, request.member)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Sending to {intcomma(found.total)} {'person' if found.total == 1 else 'people'}.")
    return back(request, found)


@require_POST
@writers_only
def mailing_pace(request: MemberRequest, pk: int) -> HttpResponse:
    """So many a minute from now on; nothing for as fast as it goes."""
    found = found_mailing(request, pk)
    form = PaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return back(request, found)
    per_minute: int = form.cleaned_data["per_minute"] or 0
    if not mailings.set_pace(found, per_minute, request.member):
        messages.error(request, "It has ended, so there is nothing left to slow down.")
    elif per_minute:
        messages.success(request, f"At most {intcomma(per_minute)} a minute from now on.")
    else:
        messages.success(request, "As fast as the mail server takes them from now on.")
    return back(request, found)
