"""Who is asking: a sign-in before every page, and the member behind it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from candidly.models import Member


class SignInRequired(LoginRequiredMiddleware):
    """Every page wants a signed-in account, unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # the stub knows of redirects only
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """A part of a page gets 401, of which the page tells: the sign-in page must not be swapped into it."""
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)


class CurrentMember:
    """Sets `request.member` (None for an account without one) and shows times in that member's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = _member(request)
        request.member = member  # type: ignore[attr-defined]
        with timezone.override(_zone(member)):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """An account without a member has its own account pages, and `home`, which says what is the matter."""
        is_open = not getattr(view, "login_required", True) or not request.user.is_authenticated
        if is_open or request.member is not None or _is_account_page(request):  # type: ignore[attr-defined]
            return None
        return redirect("home")


def _is_account_page(request: HttpRequest) -> bool:
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    return name == "home" or name.startswith("account_")


def _member(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    return Member.objects.select_related("user", "organization__plan").filter(user=request.user.pk).first()


def _zone(member: Member | None) -> ZoneInfo | None:
    if member is None:
        return None
    try:
        return ZoneInfo(member.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
