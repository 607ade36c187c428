"""Who is asking: a sign-in before every page, and the member or agency user behind it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from candidly.models import AgencyUser, Member
from candidly.rules.agency_access import agency_user_of


class SignInRequired(LoginRequiredMiddleware):
    """Every page wants a signed-in account, unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # the stub knows of redirects only
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """A part of a page gets 401, of which the page tells: the sign-in page must not be swapped into it."""
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)


class CurrentAccount:
    """Sets `request.member` and `request.agency_user`, of which an account is one at most, and shows times in their
    zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = getattr(request.user, "member", None)
        agency_user = agency_user_of(request.user.pk) if request.user.is_authenticated and not member else None
        request.member, request.agency_user = member, agency_user  # type: ignore[attr-defined]
        with timezone.override(_zone(member or agency_user)):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Each side has its own pages (`for_agency_users` marks the agencies'); all have those of their account, and
        `home`, which leads them to theirs or says what is the matter."""
        is_open = not getattr(view, "login_required", True) or not request.user.is_authenticated
        if is_open or _is_account_page(request):
            return None
        is_agencys = getattr(view, "for_agency_users", False)
        if is_agencys and request.member:  # type: ignore[attr-defined]
            raise Http404
        who = request.agency_user if is_agencys else request.member  # type: ignore[attr-defined]
        return None if who else _not_theirs(request)


def _not_theirs(request: HttpRequest) -> HttpResponse:
    """Home says or shows where they belong. A part of a page, left open from another sign-in, gets 403: home must not
    be swapped into it."""
    return HttpResponse(status=403) if request.headers.get("HX-Request") else redirect("home")


def _is_account_page(request: HttpRequest) -> bool:
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    return name == "home" or name.startswith("account_")


def _zone(who: Member | AgencyUser | None) -> ZoneInfo | None:
    if who is None:
        return None
    try:
        return ZoneInfo(who.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
