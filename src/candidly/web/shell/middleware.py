"""Who is asking: a sign-in before every page, and the member behind it."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse


class SignInRequired(LoginRequiredMiddleware):
    """Every page wants a signed-in account, unless its view says otherwise."""


class CurrentMember:
    """Sets `request.member`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = getattr(request.user, "member", None)  # type: ignore[attr-defined]
        return self.get_response(request)
