"""Where Google's Pub/Sub calls us: something changed in a member's mailbox, so it is looked at before its turn."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from candidly.actions import mailboxes
from candidly.channels.gmail.push import address_in
from candidly.channels.gmail.settings import gmail_settings
from candidly.config import config
from candidly.envelope import PermanentFailure, TemporaryFailure

log = structlog.get_logger()


@csrf_exempt
@login_not_required
@require_POST
def push(request: HttpRequest) -> HttpResponse:
    """403 for anybody else, 503 for what is to be said again; a mailbox that is nobody's here is no fault of theirs."""
    try:
        address = address_in(gmail_settings(config()), request.headers.get("Authorization", ""), request.body)
        known = mailboxes.nudge("gmail", address)
    except PermanentFailure as refusal:
        log.warning("push refused", reason=refusal.reason)
        return HttpResponse(f"{refusal.reason}\n", status=403, content_type="text/plain")
    except (TemporaryFailure, OperationalError, InterfaceError) as error:
        log.warning("push not taken", error=type(error).__name__)
        return HttpResponse("Try again later.\n", status=503, content_type="text/plain")
    log.info("push taken", known=known)
    return HttpResponse(status=204)
