"""The page by which somebody gets no more campaign mail, and its button pressed by their mail program (RFC 8058)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidly.actions import unsubscribing
from candidly.rules.unsubscribing import delivery_of, is_unsubscribed, may_come_back


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows where the address stands and changes nothing, for scanners follow every link. POST stops the mail at
    once; with `again` it may come again. The token is all that counts: there is no cookie and no sign-in."""
    delivery = delivery_of(token)
    if delivery is None:
        return _discreet(render(request, "unsubscribe/nothing.html", status=404))
    if request.method == "POST":
        act = unsubscribing.receive_again if "again" in request.POST else unsubscribing.unsubscribe
        act(delivery)
    context = {
        "organization": delivery.organization,
        "address": delivery.address,
        "is_unsubscribed": is_unsubscribed(delivery),
        "may_come_back": may_come_back(delivery),
        "has_changed": request.method == "POST",
    }
    return _discreet(render(request, "unsubscribe/page.html", context))


def _discreet(response: HttpResponse) -> HttpResponse:
    """The token stands in the address: no cache, no search engine and no other site is to learn it."""
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
