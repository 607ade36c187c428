"""Emails: whether an organization's members write by their own mailboxes, and how these are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import own_mailboxes as actions
from candidly.actions.errors import Refused
from candidly.models import Mailbox
from candidly.rules import own_mailboxes
from candidly.rules.access import may_administer
from candidly.web.mailboxes.forms import LabelForm
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.roles import super_admins_only
from candidly.web.writing.paging import page_of

LISTED = 50
COUNTED = 10_000


@require_GET
def emails(request: MemberRequest) -> HttpResponse:
    """The switch for everybody to see, and for super admins the mailboxes; or the list of these alone."""
    if request.htmx and may_administer(request.member):
        return render(request, "mailboxes/team.html", _team(request))
    return _page(request, LabelForm.of(request.member.organization))


@require_POST
@super_admins_only
def switch(request: MemberRequest) -> HttpResponse:
    """`on=yes` turns it on, anything else off."""
    try:
        if request.POST.get("on") == "yes":
            actions.turn_on(request.member)
            messages.success(request, "Turned on. Everybody who writes to candidates has been told to connect.")
        else:
            actions.turn_off(request.member)
            messages.success(request, "Turned off. Mail leaves as your organization’s again.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("settings_emails")


@require_POST
@super_admins_only
def label(request: MemberRequest) -> HttpResponse:
    form = LabelForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    actions.rename_label(request.member, form.cleaned_data["mailbox_label"])
    messages.success(request, "Label saved")
    return redirect("settings_emails")


@require_POST
@super_admins_only
def remind(request: MemberRequest) -> HttpResponse:
    number = actions.remind(request.member)
    people = f"{number} {'person' if number == 1 else 'people'}"
    messages.success(request, f"Reminded {people}" if number else "Everybody was reminded within the last hour")
    return redirect("settings_emails")


def _page(request: MemberRequest, form: LabelForm) -> HttpResponse:
    ours = request.member.organization
    is_used = own_mailboxes.are_used(ours)
    context = {
        "organization": ours,
        "form": form,
        "is_used": is_used,
        "may_be_used": own_mailboxes.may_be_used(ours),
        "can_be_connected": own_mailboxes.can_be_connected(),
        "example": f"name@{request.member.email.rpartition('@')[2]}",
    }
    if may_administer(request.member) and is_used:
        context |= _team(request)
        request.live_topics = [f"mailboxes:{ours.pk}"]
    return render(request, "mailboxes/emails.html", context, status=422 if form.errors else 200)


def _team(request: MemberRequest) -> dict[str, object]:
    ours = request.member.organization
    writers = own_mailboxes.of_writers(ours).select_related("user", "mailbox")
    connected = Mailbox.objects.filter(member__in=own_mailboxes.of_writers(ours), state=Mailbox.State.CONNECTED)
    number = writers.values("pk")[:COUNTED].count()
    return {
        "page": page_of(writers, request.GET.dict(), LISTED),
        "number": number,
        "connected": (joined := connected.values("pk")[:COUNTED].count()),
        "missing": max(number - joined, 0),
    }
