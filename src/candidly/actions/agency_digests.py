"""What a digest says of agencies. It quotes nothing: what is deleted meanwhile must not lie in a mail that waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from candidly.actions.agency_alerts import page_of
from candidly.models import AgencyMessage, AgencyReadMark, AgencyThread, Application, Member
from candidly.models.bulk import update_rows
from candidly.rules.agency_access import agency_threads_for, news_for

#: Of so many threads a digest tells.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class News:
    """`newest` is the id of the last message in the thread that the member has not heard of."""

    thread: AgencyThread
    newest: int
    line: str


def news_of(member: Member) -> list[News]:
    """Of the threads in which the member takes part: what the agency said since they read or were told."""
    told = AgencyReadMark.objects.filter(thread=OuterRef("thread"), user=member.user, told_up_to__gte=OuterRef("pk"))
    said = news_for(member.user).filter(~Exists(told), thread=OuterRef("pk")).order_by("-pk")
    threads = _taken_part_in(member).filter(Exists(said)).annotate(newest=Subquery(said.values("pk")[:1]))
    found = threads.select_related("person", "agency_user__user", "agency_user__agency").order_by("-last_message_at")
    return [News(thread, thread.newest, _line(thread, member)) for thread in found[:AT_ONCE]]


def _taken_part_in(member: Member) -> QuerySet[AgencyThread]:
    wrote = AgencyMessage.objects.filter(thread=OuterRef("pk"), author=member.user)
    owns = Application.objects.filter(
        person=OuterRef("person"), stage_owner=member, submitted_by__agency=OuterRef("agency_user__agency")
    )
    return agency_threads_for(member).filter(Q(private_with=member) | Exists(wrote) | Exists(owns))


def _line(thread: AgencyThread, member: Member) -> str:
    user, person = thread.agency_user, thread.person.full_name
    privately = " privately" if thread.private_with_id else ""
    return f"{user.name}, {user.agency.name}, wrote to you{privately} about {person}\n{page_of(thread, member)}"


def mark_told(member: Member, news: Sequence[News]) -> None:
    """They are no news of the next digest."""
    AgencyReadMark.objects.bulk_create(
        [AgencyReadMark(thread=one.thread, user=member.user) for one in news], ignore_conflicts=True
    )
    newest = {one.thread.pk: one.newest for one in news}
    marks = AgencyReadMark.objects.filter(user=member.user, thread__in=newest)
    update_rows(AgencyReadMark, ("told_up_to",), [(newest[mark.thread_id], mark.pk) for mark in marks])
