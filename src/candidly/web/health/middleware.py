"""One id for everything that a request causes to be logged, and a count of what was answered."""

import re
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, bound_contextvars

from candidly.web.health import measures

log = structlog.get_logger()

HEADER = "X-Request-ID"
#: What a proxy may name a request; anything else might be no id at all.
GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
READING = {"GET", "HEAD", "OPTIONS"}

type GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """Every line that is logged during the request carries `request_id` and, once known, `member` or `agency_user`.

    A request that changes something, or breaks off, is itself a line: the view and its object's id, no more.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if GIVEN.fullmatch(given) else uuid4().hex
        began = time.perf_counter()
        with bound_contextvars(request_id=request_id, member=None, agency_user=None):
            response = self.get_response(request)
            if request.method not in READING or response.status_code >= 500:
                _log(request, response, time.perf_counter() - began)
        response.headers[HEADER] = request_id
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """By now the middleware that knows who is asking has run."""
        if member := getattr(request, "member", None):
            bind_contextvars(member=member.pk)
        if agency_user := getattr(request, "agency_user", None):
            bind_contextvars(agency_user=agency_user.pk)


class Measured:
    """Counts requests by view, method and status, and how long each took."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view, method = view_name(request), _method(request)
        measures.REQUESTS.labels(view, method, str(response.status_code)).inc()
        measures.DURATION.labels(view, method).observe(time.perf_counter() - began)
        return response


def view_name(request: HttpRequest) -> str:
    """The name of the page; "none" where there is no such page: an address may hold anything."""
    return (request.resolver_match.view_name if request.resolver_match else "") or "none"


def _method(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "other"


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    pk = request.resolver_match.kwargs.get("pk") if request.resolver_match else None
    log.info(
        "request",
        view=view_name(request),
        pk=pk,
        method=_method(request),
        status=response.status_code,
        ms=round(seconds * 1000),
    )
