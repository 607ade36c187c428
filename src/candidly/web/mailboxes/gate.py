"""The page on which a mailbox is connected exists for who is to connect one."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpResponse

from candidly.rules.own_mailboxes import may_connect
from candidly.web.shell.request import MemberRequest


def with_mailbox[**P](
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Where the organization does not send by own mailboxes there is no such page, nor for who writes to nobody."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_connect(request.member):
            raise Http404
        return view(request, *args, **kwargs)

    return checked
