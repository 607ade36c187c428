"""Pages that only some roles have."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404
from django.http.response import HttpResponseBase

from candidly.rules.access import may_administer
from candidly.web.shell.request import AgencyRequest, MemberRequest


def super_admins_only[**P, Response: HttpResponseBase](
    view: Callable[Concatenate[MemberRequest, P], Response],
) -> Callable[Concatenate[MemberRequest, P], Response]:
    """For anybody else there is no such page."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        if not may_administer(request.member):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def for_agency_users[**P, Response: HttpResponseBase](
    view: Callable[Concatenate[AgencyRequest, P], Response],
) -> Callable[Concatenate[AgencyRequest, P], Response]:
    """A page of the agencies: for a member there is no such page, and an agency user has no others."""
    view.for_agency_users = True  # type: ignore[attr-defined]
    return view
