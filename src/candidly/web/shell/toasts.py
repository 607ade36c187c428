"""Confirmations and errors that float at the top of the page.

A view says `messages.success(request, "…")` or `messages.error(…)`, whatever kind of answer it gives. A whole page
shows them itself; with an htmx answer they travel in the HX-Trigger header and toasts.js shows them. What can be taken
back says `undoable(request, "…", undo)`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

LEAVES_THE_PAGE = ("HX-Redirect", "HX-Refresh", "HX-Location")


@dataclass(frozen=True, slots=True)
class Undo:
    """The request that takes something back. Both go to the browser in a header: keep `url` below 3,000 characters."""

    method: Literal["post", "delete"]
    url: str


def undoable(request: HttpRequest, text: str, undo: Undo) -> None:
    """Confirm `text` and offer Undo beside it, for as long as the toast stays."""
    messages.success(request, text, extra_tags=json.dumps(asdict(undo)))


def undo_of(message: Message) -> Undo | None:
    """What a toast offers to take back."""
    return Undo(**json.loads(message.extra_tags)) if message.extra_tags else None


class ToastsForHtmx:
    """Hands waiting messages to the page that asked. Where the answer leads to another page, that page shows them: what
    the old one asked by itself (live.js says so in X-Live) must not take them on the way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and not request.headers.get("X-Live") and _stays(response):
            toasts = [_toast(message) for message in messages.get_messages(request)]
            if toasts:
                trigger_client_event(response, "toasts", {"toasts": toasts})
        return response


def _stays(response: HttpResponse) -> bool:
    is_redirect = 300 <= response.status_code < 400
    return not is_redirect and not any(header in response for header in LEAVES_THE_PAGE)


def _toast(message: Message) -> dict[str, object]:
    toast: dict[str, object] = {"tone": _tone(message.level), "text": str(message)}
    undo = undo_of(message)
    return {**toast, "undo": asdict(undo)} if undo else toast


def _tone(level: int) -> str:
    return "danger" if level >= messages.ERROR else "success"
