"""The outbox as a super admin sees it: how full, how fast, what stands still, and what to do about it."""

from collections.abc import Callable, Collection

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from candidly.actions import outbox as actions
from candidly.models import Member
from candidly.rules import outbox
from candidly.rules.progress import counts_of
from candidly.rules.ways import gateway_of
from candidly.web.deliveries.figures import figures_of
from candidly.web.deliveries.problems import problems_of
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.roles import super_admins_only

#: As many as a page lists, and some to spare.
MOST_IDS = 200
LAST_ID = 2**63 - 1

type Action = Callable[[Member, Collection[int]], int]


@require_GET
@super_admins_only
def delivery(request: MemberRequest) -> HttpResponse:
    """The whole page; for htmx the list of problems alone."""
    problems = problems_of(request.member, request.GET)
    if request.htmx:
        return render(request, "deliveries/problems.html", {"problems": problems})
    return render(request, "deliveries/delivery.html", {"problems": problems, **_figures(request)})


@require_GET
@super_admins_only
def delivery_figures(request: MemberRequest) -> HttpResponse:
    return render(request, "deliveries/figures.html", _figures(request))


@require_POST
@super_admins_only
def delivery_retry(request: MemberRequest) -> HttpResponse:
    """Queue what failed again."""
    keys = _keys(request)
    listed = actions.barred(request.member, keys)
    if listed:
        messages.error(request, ONE_LISTED if len(listed) == 1 else LISTED.format(number=intcomma(len(listed))))
    if listed and not listed.symmetric_difference(keys):
        return _changed()
    return _change(request, actions.retry, "queued again", "Nothing to retry: it is no longer failed.")


@require_POST
@super_admins_only
def delivery_again(request: MemberRequest) -> HttpResponse:
    """Let what was not confirmed, or is held, go now."""
    return _change(request, actions.send_again, "released to be sent again", SETTLED)


@require_POST
@super_admins_only
def delivery_sent(request: MemberRequest) -> HttpResponse:
    """Settle what was not confirmed: it did go."""
    return _change(request, actions.mark_sent, "marked as sent", SETTLED)


@require_POST
@super_admins_only
def delivery_hold(request: MemberRequest) -> HttpResponse:
    """Do not send what was not confirmed until somebody says so."""
    return _change(request, actions.hold, "held until you release it", SETTLED)


@require_POST
@super_admins_only
def gateway_try(request: MemberRequest, channel: str) -> HttpResponse:
    gateway = gateway_of(channel)
    if actions.try_gateway(request.member, channel):
        messages.success(request, f"The {gateway} is tried again with the next message.")
    else:
        messages.error(request, f"Nothing to try: the {gateway} is not known to be down any more.")
    return _changed()


SETTLED = "Nothing was changed: it is no longer unconfirmed. A worker may just have sent it."


ONE_LISTED = "1 delivery was not queued: its address is on the suppression list. Release it there first, then retry."
LISTED = "{number} deliveries were not queued: their addresses are on the suppression list. Release them there first."


def _change(request: MemberRequest, action: Action, done: str, nothing: str) -> HttpResponse:
    """Do it with the ids that were posted, and say of how many."""
    keys = _keys(request)
    number = action(request.member, keys)
    if number:
        messages.success(request, f"{intcomma(number)} {'delivery' if number == 1 else 'deliveries'} {done}.")
    else:
        messages.error(request, nothing if keys else "Nothing is selected. Tick the deliveries first.")
    return _changed()


def _keys(request: MemberRequest) -> list[int]:
    """The ids that were posted, as many as a page has; for one that no database can hold the last one that it can."""
    posted = request.POST.getlist("id")[:MOST_IDS]
    return [min(int(key), LAST_ID) for key in posted if key.isascii() and key.isdigit()]


def _changed() -> HttpResponse:
    """Both parts of the page fetch themselves again."""
    return trigger_client_event(HttpResponse(status=204), "outbox")


def _figures(request: MemberRequest) -> dict[str, object]:
    running = outbox.running_mailings(request.member)
    counted = counts_of(running)
    return {
        "figures": figures_of(outbox.queue_of(request.member)),
        "gateways": outbox.gateways(),
        "mailings": [(mailing, counted[mailing.pk]) for mailing in running],
    }
