"""Who is asking: a sign-in before every page, and the member behind it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from candidly.models import Member


class SignInRequired(LoginRequiredMiddleware):
    """Every page wants a signed-in account, unless its view says otherwise."""


class CurrentMember:
    """Sets `request.member` (None for an account without one) and shows times in that member's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = _member(request)
        request.member = member  # type: ignore[attr-defined]
        with timezone.override(_zone(member)):
            return self.get_response(request)


def _member(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    return Member.objects.select_related("user", "organization").filter(user=request.user.pk).first()


def _zone(member: Member | None) -> ZoneInfo | None:
    if member is None:
        return None
    try:
        return ZoneInfo(member.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
