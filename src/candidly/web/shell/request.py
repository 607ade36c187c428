"""The request as a page behind the sign-in gets it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from candidly.models import AgencyUser, Member


class MemberRequest(HttpRequest):
    """Of a signed-in member. `live_topics` are those that the page listens to beside the member's own."""

    member: Member
    agency_user: None
    htmx: HtmxDetails
    live_topics: list[str]


class AgencyRequest(HttpRequest):
    """Of a signed-in agency user."""

    member: None
    agency_user: AgencyUser
    htmx: HtmxDetails
