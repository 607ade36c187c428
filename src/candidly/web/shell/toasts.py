"""Confirmations and errors that float at the top of the page.

A view says `messages.success(request, "…")` or `messages.error(…)`, whatever kind of answer it gives. A whole page
shows them itself; with an htmx answer they travel in the HX-Trigger header and toasts.js shows them.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

LEAVES_THE_PAGE = ("HX-Redirect", "HX-Refresh", "HX-Location")


class ToastsForHtmx:
    """Hands waiting messages to the page that asked. Where the answer leads to another page, that page shows them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and _stays(response):
            toasts = [
                {"tone": _tone(message.level), "text": str(message)} for message in messages.get_messages(request)
            ]
            if toasts:
                trigger_client_event(response, "toasts", {"toasts": toasts})
        return response


def _stays(response: HttpResponse) -> bool:
    is_redirect = 300 <= response.status_code < 400
    return not is_redirect and not any(header in response for header in LEAVES_THE_PAGE)


def _tone(level: int) -> str:
    return "danger" if level >= messages.ERROR else "success"
