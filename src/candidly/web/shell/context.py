"""What every page's frame needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from candidly.models import AgencyUser, Member, Reminder
from candidly.rules.access import may_administer, may_review, may_write, reminders_for, review_for, sees_own_only
from candidly.rules.agency_access import agency_threads_of, unread_for
from candidly.rules.own_mailboxes import may_connect
from candidly.rules.plans import allows
from candidly.web.shell.counts import up_to_99

LIVE_SALT = "live"
#: Pages that belong to a navigation entry without lying below its address.
ALSO = {"candidates": ("/imports/",), "inbox": ("/conversations/",), "settings": ("/delivery/",)}


@dataclass(frozen=True)
class Link:
    """One entry of the navigation; secondary ones go under More on a phone."""

    name: str
    label: str
    icon: str
    url: str
    current: bool
    secondary: bool


def shell(request: HttpRequest) -> dict[str, object]:
    """The member, what they may do, the navigation, the counters and the topics of the live stream.

    Counters and topics are functions, so that a fragment that shows none asks the database nothing.
    """
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return _agencys_shell(request)
    return {
        "member": member,
        "may_write": may_write(member),
        "may_administer": may_administer(member),
        "may_review": may_review(member),
        "sandbox": settings.CONFIG.sandbox,
        "navigation": navigation(member, request.path),
        "connects_mailbox": may_connect(member),
        "has_campaigns": allows(member.organization, "campaigns"),
        "unread_count": _once(partial(unread_count, member)),
        "due_count": _once(partial(due_count, member)),
        "review_count": _once(partial(review_count, member)),
        "live_token": partial(live_token, request, member),
    }


def _agencys_shell(request: HttpRequest) -> dict[str, object]:
    """The same for an agency user, or for nobody."""
    agency_user: AgencyUser | None = getattr(request, "agency_user", None)
    if agency_user is None:
        return {"member": None, "sandbox": settings.CONFIG.sandbox}
    return {
        "member": None,
        "agency_user": agency_user,
        "sandbox": settings.CONFIG.sandbox,
        "news_count": _once(partial(news_count, agency_user)),
        "live_token": partial(agencys_live_token, agency_user),
    }


def navigation(member: Member, path: str) -> list[Link]:
    """The pages that exist and that the member may open."""
    pages = [("inbox", "Inbox", "inbox", False), ("candidates", "Candidates", "users", False)]
    if not sees_own_only(member):
        pages.append(("contacts", "Contacts", "contact", False))
    pages.append(("openings", "Openings", "briefcase", True))
    if allows(member.organization, "campaigns"):
        pages.append(("campaigns", "Campaigns", "megaphone", False))
    pages += [("reminders", "Reminders", "bell", True), ("mailings", "Mailings", "send", False)]
    pages.append(("scheduled", "Scheduled", "clock", True))
    pages.append(("templates", "Templates", "template", True))
    if may_review(member):
        pages.append(("review", "Review tray", "mail-unread", True))
    pages.append(("settings", "Settings", "settings", True))
    return [
        Link(name, label, icon, (url := reverse(name)), path.startswith((url, *ALSO.get(name, ()))), secondary)
        for name, label, icon, secondary in pages
    ]


def unread_count(member: Member) -> str:
    """Unread conversations that are not archived, as the envelope shows them: "" for none, "99+" from 100 on."""
    return _badge(member.participations.filter(is_unread=True, archived_at=None).values("pk"))


def due_count(member: Member) -> str:
    """Reminders of the member that are due, shown the same way."""
    return _badge(reminders_for(member).filter(state=Reminder.State.DUE).values("pk"))


def review_count(member: Member) -> str:
    """Mails that wait in the review tray, shown the same way."""
    return _badge(review_for(member).values("pk"))


def news_count(agency_user: AgencyUser) -> str:
    """Candidates about whom the agency user has something to read, shown the same way."""
    news = unread_for(agency_user.user, agency_threads_of(agency_user)).order_by()
    return _badge(news.values("person").distinct())


def _badge(found: QuerySet[Any, Any]) -> str:
    number = up_to_99(found)
    return "" if number == "0" else number


def live_token(request: HttpRequest, member: Member) -> str:
    """The signed topics this page may listen to: the member's own, and those its view put in `request.live_topics`."""
    topics: list[str] = [f"member:{member.pk}", *getattr(request, "live_topics", [])]
    return signing.dumps(topics, salt=LIVE_SALT)


def agencys_live_token(agency_user: AgencyUser) -> str:
    """The one topic that an agency user's pages listen to."""
    return signing.dumps([f"agency-user:{agency_user.pk}"], salt=LIVE_SALT)


def _once(count: Callable[[], str]) -> Callable[[], str]:
    """`count`, asked at most once a page however often the template shows it."""
    answers: list[str] = []

    def answer() -> str:
        if not answers:
            answers.append(count())
        return answers[0]

    return answer
