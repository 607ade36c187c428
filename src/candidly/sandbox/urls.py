from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse
from django.urls import URLPattern, URLResolver, path

from candidly.sandbox import views
from candidly.web.shell.request import MemberRequest


def _page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    """A page for members only: an account that is a member of nothing finds none."""

    @wraps(view)
    def for_members(request: MemberRequest, **parts: int) -> HttpResponse:
        if request.member is None:
            raise Http404
        return view(request, **parts)

    return path(route, for_members, name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    _page("", views.sandbox, "sandbox"),
    _page("newer/", views.newer, "sandbox_newer"),
    _page("clear/", views.clear, "sandbox_clear"),
    _page("<int:pk>/", views.mail, "sandbox_mail"),
    _page("<int:pk>/answer/", views.answer, "sandbox_answer"),
    _page("<int:pk>/html/", views.html, "sandbox_html"),
    _page("<int:pk>/source/", views.source, "sandbox_source"),
    _page("<int:pk>/files/<int:number>/", views.file, "sandbox_file"),
]
