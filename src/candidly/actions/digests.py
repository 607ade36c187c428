"""The digest: one mail an hour or a day, of what people answered, for members who do not want one for each."""

from collections.abc import Sequence
from datetime import datetime, time

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from candidly.actions import agency_digests, notices
from candidly.actions.alerts import conversation_url
from candidly.actions.writing import snippet_of
from candidly.config import config
from candidly.models import Alerts, Member, Message, Notice, Participation, clock
from candidly.models.bulk import update_rows
from candidly.rules.zones import next_full_hour, next_time_of_day, zone

MORNING = time(8)
#: So many conversations a mail names; of so many it tells.
LISTED, AT_ONCE = 40, 1_000
#: So many members a round.
ENOUGH = 50
DIGESTS = (Alerts.HOURLY, Alerts.DAILY)


@transaction.atomic
def choose(member: Member, alerts: str) -> None:
    """When the member is told from now on. What they have unread by now is no news of the first digest."""
    begins = alerts in DIGESTS and member.alerts not in DIGESTS
    member.alerts = alerts
    member.digest_at = next_for(member, clock.now())
    member.save(update_fields=["alerts", "digest_at"])
    if begins:
        newest = Message.objects.filter(conversation=OuterRef("conversation")).order_by("-pk").values("pk")[:1]
        member.participations.filter(is_unread=True).update(told_up_to=Subquery(newest))
        agency_digests.mark_told(member, agency_digests.news_of(member))


def next_for(member: Member, now: datetime) -> datetime | None:
    """When the member's next digest is due; None for who wants none."""
    if member.alerts == Alerts.HOURLY:
        return next_full_hour(now)
    if member.alerts == Alerts.DAILY:
        return next_time_of_day(now, MORNING, zone(member.time_zone))
    return None


def send_due() -> bool:
    """A mail to each member whose digest is due and who has news; each once, however many workers there are."""
    now = clock.now()
    due = Member.objects.filter(digest_at__lte=now, alerts__in=DIGESTS)
    members = list(due.select_related("user", "organization").order_by("digest_at", "pk")[:ENOUGH])
    for member in members:
        _send(member, now)
    return bool(members)


@transaction.atomic
def _send(member: Member, now: datetime) -> None:
    mine = Member.objects.filter(pk=member.pk, digest_at=member.digest_at, alerts=member.alerts)
    if not mine.update(digest_at=next_for(member, now)):
        return
    news = list(_news(member).order_by("-last_message_at", "-pk")[:AT_ONCE])
    of_agencies = agency_digests.news_of(member)
    if (news or of_agencies) and member.user.is_active:
        _tell(member, news, [one.line for one in of_agencies])
    agency_digests.mark_told(member, of_agencies)
    update_rows(Participation, ("told_up_to",), [(one.newest, one.pk) for one in news])  # type: ignore[attr-defined]


def _news(member: Member) -> QuerySet[Participation]:
    """Unread conversations in which something was said since they were told of: by the person, or to the member."""
    since = Message.objects.filter(conversation=OuterRef("conversation"), pk__gt=OuterRef("told_up_to"))
    said = since.filter(pk__gt=OuterRef("read_up_to")).filter(
        Q(direction=Message.Direction.IN, automatic="") | Q(mentions=member)
    )
    newest = said.order_by("-pk")
    unread = member.participations.filter(Exists(said), is_unread=True, archived_at=None)
    return unread.select_related("conversation__person", "conversation__application__opening").annotate(
        newest=Subquery(newest.values("pk")[:1]),
        news=Subquery(newest.values("text")[:1]),
        news_by=Subquery(newest.values("member__user__name")[:1]),
    )


def _tell(member: Member, news: Sequence[Participation], of_agencies: Sequence[str]) -> None:
    number = len(news) + len(of_agencies)
    notices.enqueue(
        kind=Notice.Kind.DIGEST,
        organization=member.organization,
        user=member.user,
        to_address=member.email,
        subject="News in one conversation" if number == 1 else f"News in {number:,} conversations",
        text="\n\n".join([*of_agencies, *(_line(one) for one in news[:LISTED]), _foot(len(news) - LISTED)]),
    )


def _line(told: Participation) -> str:
    conversation = told.conversation
    about = conversation.application.opening if conversation.application else conversation.subject
    news: str = snippet_of(told.news) or "(no text)"  # type: ignore[attr-defined]
    author: str = told.news_by or ""  # type: ignore[attr-defined]
    said = f"{author}, for your team: {news}" if author else news
    return f"{conversation.person.full_name}, {about}\n{said}\n{conversation_url(conversation)}"


def _foot(more: int) -> str:
    rest = f"And {more:,} more. " if more > 0 else ""
    base = config().base_url
    return f"{rest}See it all: {base}/inbox/?folder=unread\nHow often you get this mail: {base}/settings/"
