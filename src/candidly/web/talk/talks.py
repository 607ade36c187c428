"""What a candidate's profile shows of the talk with agencies: with whom there is any, and what is new in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from candidly.models import AgencyMessage, AgencyThread, AgencyUser, Member, Person
from candidly.rules.agency_access import agency_threads_for, agency_users_of, news_for

#: So many new messages are counted.
COUNTED = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One thread, or an agency user with whom none is begun. `is_news`: the member has something of it to read."""

    agency_user: AgencyUser
    thread: AgencyThread | None = None
    newest: AgencyMessage | None = None
    is_news: bool = False

    @property
    def is_private(self) -> bool:
        return self.thread is not None and self.thread.private_with_id is not None


@dataclass(frozen=True, slots=True)
class Talks:
    """`news` is the newest message that the member has not seen, and `news_count` how many there are of these."""

    person: Person
    lines: Sequence[Line]
    news: AgencyMessage | None
    news_count: int


def talks_about(member: Member, person: Person) -> Talks | None:
    """None for somebody whom no agency submitted. The number of queries does not grow with that of threads."""
    if not person.applications.filter(submitted_by__isnull=False).exists():
        return None
    threads = _threads(member, person)
    users = list(agency_users_of(person).select_related("user", "agency").order_by("user__name", "pk"))
    news = list(news_for(member.user).filter(thread__in=threads).order_by("-pk")[:COUNTED])
    newest = AgencyMessage.objects.select_related("author").in_bulk([thread.newest for thread in threads])  # type: ignore[attr-defined]
    unread = {message.thread_id for message in news}
    lines = [
        Line(thread.agency_user, thread, newest.get(thread.newest), thread.pk in unread)  # type: ignore[attr-defined]
        for thread in threads
    ]
    begun = {thread.agency_user_id for thread in threads}
    lines += [Line(user) for user in users if user.pk not in begun]
    return Talks(person, lines, _of(threads, news[0]) if news else None, len(news))


def _threads(member: Member, person: Person) -> list[AgencyThread]:
    newest = AgencyMessage.objects.filter(thread=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    threads = agency_threads_for(member).filter(person=person).annotate(newest=Subquery(newest))
    return list(
        threads.select_related("agency_user__user", "agency_user__agency", "private_with").order_by(
            "-last_message_at", "-pk"
        )
    )


def _of(threads: Sequence[AgencyThread], message: AgencyMessage) -> AgencyMessage:
    message.thread = next(thread for thread in threads if thread.pk == message.thread_id)
    return message
