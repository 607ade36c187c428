"""Where the text message provider calls us: a text came in, or something became of one of ours.

Nobody is signed in here: what counts is the provider's signature, over the address it called and all that it says.
"""

from collections.abc import Callable
from functools import wraps

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from candidly.actions import arrivals, deliveries
from candidly.actions.errors import Refused
from candidly.channels.sms import webhooks
from candidly.config import config

log = structlog.get_logger()

#: TwiML that answers nothing: our own answers go through the outbox.
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

type View = Callable[[HttpRequest], HttpResponse]


def from_provider(view: View) -> View:
    """Called by the provider alone; anybody else gets 403. 503 when the database is away: it calls again."""

    @csrf_exempt
    @login_not_required
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if not _is_signed(request):
            log.warning("webhook refused: its signature is not the provider's", path=request.path)
            return HttpResponse("The signature is not right.\n", status=403, content_type="text/plain")
        try:
            return view(request)
        except (OperationalError, InterfaceError) as error:
            log.warning("webhook not taken: the database is away", path=request.path, error=type(error).__name__)
            return HttpResponse("Try again later.\n", status=503, content_type="text/plain")

    return checked


def _is_signed(request: HttpRequest) -> bool:
    """Over the address by which people reach us: a proxy may have called us by another."""
    _, token = config().text_account()
    url = f"{config().base_url}{request.get_full_path()}"
    return webhooks.is_signed(token, url, _form(request), request.headers.get(webhooks.SIGNATURE, ""))


def _form(request: HttpRequest) -> QueryDict:
    """From the body as it came, which is also what is stored."""
    return QueryDict(request.body)


@from_provider
def inbound(request: HttpRequest) -> HttpResponse:
    """Stored when this answers; the worker reads it."""
    try:
        mail = arrivals.store_text(request.body)
    except Refused as refusal:
        log.warning("text not taken", reason=str(refusal))
        return HttpResponse(f"{refusal}\n", status=404, content_type="text/plain")
    log.info("text stored", mail=mail.pk)
    return HttpResponse(NO_ANSWER, content_type="text/xml")


@from_provider
def status(request: HttpRequest) -> HttpResponse:
    """What is no news, or about none of ours, is taken all the same: calling again would not change that."""
    said = webhooks.read_status(request.GET.get("delivery", ""), _form(request))
    if said and deliveries.came_to(said):
        log.info("text status", delivery=said.delivery_id, state=said.became)
    return HttpResponse(status=204)
