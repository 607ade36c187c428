"""Who hears what is said between a member and an agency user, and who may say it."""

from collections.abc import Iterable
from dataclasses import dataclass

from candidly.models import AgencyThread, AgencyUser, Application, Member, Person
from candidly.rules.access import candidates_for, may_write
from candidly.rules.agency_access import agency_users_of, members_seeing, submitted_by
from candidly.rules.numbers import numbers_in

type Speaker = Member | AgencyUser


@dataclass(frozen=True, slots=True)
class Talk:
    """Where something is said, whether or not a thread is there yet: about whom, with which agency user, and
    privately with which member; None is all members with access to the candidate."""

    person: Person
    agency_user: AgencyUser
    private_with: Member | None = None

    @classmethod
    def of(cls, thread: AgencyThread) -> "Talk":
        return cls(thread.person, thread.agency_user, thread.private_with)


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who reads what is said: one agency user, and some members in the order of their names."""

    agency_user: AgencyUser
    members: tuple[Member, ...]

    @property
    def users(self) -> frozenset[int]:
        """The ids of their accounts."""
        return frozenset([self.agency_user.user_id, *(member.user_id for member in self.members)])

    @property
    def mark(self) -> str:
        """Who they are, as a form carries it from the page to Send: see `newcomers`."""
        return mark_of(self.users)

    def beside(self, speaker: Speaker) -> list[Speaker]:
        """Those who will see what the speaker says."""
        everybody: Iterable[Speaker] = (self.agency_user, *self.members)
        return [one for one in everybody if one.user_id != speaker.user_id]


def mark_of(users: Iterable[int]) -> str:
    """See `Audience.mark`."""
    return ",".join(map(str, sorted(users)))


def audience_of(talk: Talk) -> Audience:
    """Who reads what is said there now."""
    if talk.private_with:
        return Audience(talk.agency_user, (talk.private_with,))
    members = members_seeing(talk.person).select_related("user").order_by("user__name", "pk")
    return Audience(talk.agency_user, tuple(members))


def newcomers(audience: Audience, drawn: str, speaker: Speaker) -> list[Speaker]:
    """Those who would see it and were not in the audience of this mark, which the speaker's page or mail showed."""
    shown = set(numbers_in(drawn.split(",")))
    return [one for one in audience.beside(speaker) if one.user_id not in shown]


def stage_owners_of(agency_user: AgencyUser, person: Person) -> list[Member]:
    """The present stage owners of the applications of this candidate that the agency user sees; rarely more than
    one."""
    owned = submitted_by(agency_user).filter(person=person, stage_owner__isnull=False)
    running = owned.filter(status=Application.Status.ACTIVE)
    members = members_seeing(person).filter(pk__in=(running if running.exists() else owned).values("stage_owner"))
    return list(members.select_related("user").order_by("user__name", "pk"))


def private_partners_of(agency_user: AgencyUser, person: Person) -> list[Member]:
    """To whom the agency user may write privately about this candidate: the present stage owner, and members who have
    written privately with them about this candidate before. All of them still see the candidate."""
    wrote = AgencyThread.objects.filter(
        agency_user=agency_user, person=person, messages__author__member__isnull=False, private_with__isnull=False
    )
    before = members_seeing(person).filter(pk__in=wrote.values("private_with")).select_related("user")
    owners = stage_owners_of(agency_user, person)
    return owners + [member for member in before.order_by("user__name", "pk") if member not in owners]


def obstacle(speaker: Speaker, talk: Talk) -> str:
    """Why the speaker may not say anything there, as a sentence; empty when they may."""
    if isinstance(speaker, AgencyUser):
        return _obstacle_of_agency_user(speaker, talk)
    return _obstacle_of_member(speaker, talk)


def _obstacle_of_member(member: Member, talk: Talk) -> str:
    if not may_write(member):
        return "Your role is read-only: ask a super admin if you need to write to agencies."
    if not candidates_for(member).filter(pk=talk.person.pk).exists():
        return "You can no longer see this candidate, so you cannot write about them."
    if talk.private_with and talk.private_with != member:
        return "This conversation is private to somebody else. Begin one of your own."
    if not agency_users_of(talk.person).filter(pk=talk.agency_user.pk).exists():
        return f"{talk.agency_user.name} no longer has access to this candidate. Write to a colleague of theirs."
    return ""


def _obstacle_of_agency_user(agency_user: AgencyUser, talk: Talk) -> str:
    sees = agency_users_of(talk.person).filter(pk=agency_user.pk).exists()
    if talk.agency_user != agency_user or not sees:
        return "You no longer have access to this candidate, so you cannot write about them."
    if talk.private_with and talk.private_with not in private_partners_of(agency_user, talk.person):
        return (
            f"You cannot write privately to {talk.private_with.name} about this candidate. "
            "Write to the team, or to whoever coordinates the present stage."
        )
    return ""
