"""Lists of people that go out, as CSV or as a workbook."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidly.actions import exports
from candidly.actions.errors import Refused
from candidly.models import Person
from candidly.rules.access import applications_for, may_administer
from candidly.rules.audience import CandidateFilter, audience_people, read_audience
from candidly.rules.list_exports import Going, applications_going, members_going, people_going
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.spreadsheet import WRITERS, as_file


@require_GET
def export(request: MemberRequest, what: str, form: str) -> StreamingHttpResponse:
    """The people of the filter in the address, or those ticked; what belongs to them."""
    if what not in LISTS or form not in WRITERS:
        raise Http404
    try:
        going = exports.hand_out(request.member, LISTS[what](request))
    except Refused as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    name = f"{what}-{timezone.localdate():%Y-%m-%d}.{form}"
    return as_file(name, form, going.heading, going.rows)


def _candidates(request: MemberRequest) -> Going:
    people = audience_people(request.member, read_audience(request.GET), Person.Kind.CANDIDATE)
    return people_going(request.member, people, "candidates")


def _contacts(request: MemberRequest) -> Going:
    people = audience_people(request.member, read_audience(request.GET), Person.Kind.CONTACT)
    return people_going(request.member, people, "contacts")


def _applications(request: MemberRequest) -> Going:
    """Those that put somebody into the filter: of a filter by opening, that opening's."""
    audience = read_audience(request.GET)
    chosen = CandidateFilter.from_params(audience.get("filter", {}))
    people = audience_people(request.member, audience, Person.Kind.CANDIDATE)
    matching = chosen.matching(applications_for(request.member))
    return applications_going(matching.filter(person__in=people.order_by().values("pk")))


def _members(request: MemberRequest) -> Going:
    if not may_administer(request.member):
        raise Http404
    return members_going(request.member)


LISTS: dict[str, Callable[[MemberRequest], Going]] = {
    "candidates": _candidates,
    "contacts": _contacts,
    "applications": _applications,
    "members": _members,
}
