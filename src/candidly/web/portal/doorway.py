"""How somebody without an account comes in: a link in a message, then a cookie for that one conversation.

The link's token stands in no address that is kept: it is exchanged for the cookie at once, and the page beyond has the
conversation's number in its address. Nothing of this is written down: a scanner that follows the link leaves no trace.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from candidly.models import Conversation, PortalLink
from candidly.rules.access import open_portal_links

COOKIE = "portal"
SALT = "portal"
COOKIE_AGE = timedelta(days=30)
#: Links that opened nothing, from one address within the time: after these it is told to wait.
MOST_TRIES = 20
TRIES_WITHIN = timedelta(minutes=5)

#: No other site is told of these pages. With "no-referrer" browsers would also hide from us where a form comes from.
PAGE_POLICY = "same-origin"
LINK_POLICY = "no-referrer"

type View = Callable[..., HttpResponseBase]


class PortalRequest(HttpRequest):
    """Of a person who came by a link."""

    link: PortalLink
    conversation: Conversation


def admit(response: HttpResponse, link: PortalLink) -> None:
    """Let this browser into the link's conversation; the link is asked again each time."""
    response.set_cookie(
        COOKIE,
        signing.dumps(link.pk, salt=SALT),
        max_age=min(COOKIE_AGE, link.expires_at - timezone.now()),
        path=reverse("portal", args=[link.conversation_id]),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def through_link(view: View) -> View:
    """The view of a conversation, for who came by one of its links, in the person's time zone."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        link = _link_of(request, pk)
        if link is None:
            return no_way_in(request)
        request.link, request.conversation = link, link.conversation  # type: ignore[attr-defined]
        with timezone.override(zone_of(link.conversation)):
            return discreet(view(request, **kwargs), PAGE_POLICY)

    return guarded


def _link_of(request: HttpRequest, conversation: int) -> PortalLink | None:
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return None
    links = open_portal_links().filter(pk=key, conversation=conversation)
    return links.select_related(
        "conversation__person", "conversation__organization", "conversation__application__opening",
        "conversation__owner__user",
    ).first()  # fmt: skip


def zone_of(conversation: Conversation) -> ZoneInfo | None:
    """The person's time zone; the organization's where theirs is not known."""
    for name in (conversation.person.time_zone, conversation.organization.time_zone):
        with suppress(ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(name)
    return None


def no_way_in(request: HttpRequest) -> HttpResponse:
    """The one page for a link that is unknown, expired or withdrawn: it does not say which."""
    return discreet(render(request, "portal/no_way_in.html", status=404), LINK_POLICY)


def wait(request: HttpRequest) -> HttpResponse:
    return discreet(render(request, "portal/wait.html", status=429), LINK_POLICY)


def too_many_tries(request: HttpRequest) -> bool:
    """Counts a link that opened nothing. One that opens is never counted: behind a proxy many share an address."""
    key = f"portal-tries:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, TRIES_WITHIN.total_seconds())
    try:
        return cache.incr(key) > MOST_TRIES
    except ValueError:  # its time was up between the two lines
        return False


def see_other(address: str) -> HttpResponse:
    """On to another page, by GET whatever the method was (RFC 9110, 15.4.4)."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def discreet[R: HttpResponseBase](response: R, referrer_policy: str) -> R:
    """Kept by nobody: not by caches, not by search engines, not by the sites that its links lead to."""
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = referrer_policy
    response.headers["X-Robots-Tag"] = "noindex"
    return response
