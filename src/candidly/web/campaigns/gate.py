"""Campaigns exist for organizations whose plan has them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpResponse

from candidly.rules.plans import allows
from candidly.web.shell.request import MemberRequest


def with_campaigns[**P](
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Where the plan has none there is no such page."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not allows(request.member.organization, "campaigns"):
            raise Http404
        return view(request, *args, **kwargs)

    return checked
