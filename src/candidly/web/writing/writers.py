"""Views that a reader may not use."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from candidly.rules.access import may_write
from candidly.web.shell.request import MemberRequest

READ_ONLY = "Your role is read-only. Ask a super admin if you need to write to candidates."


def writers_only[**P, R: HttpResponseBase](
    view: Callable[Concatenate[MemberRequest, P], R],
) -> Callable[Concatenate[MemberRequest, P], R]:
    """A reader gets 403 and the reason."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not may_write(request.member):
            raise PermissionDenied(READ_ONLY)
        return view(request, *args, **kwargs)

    return checked
