"""One candidate as an agency user has them open: the applications, the talk, and who would see the next message."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from candidly.models import AgencyThread, AgencyUser, Application, Member, Person
from candidly.rules.agencies import Audience, Talk, audience_of, private_partners_of, stage_owners_of
from candidly.rules.agency_access import agency_threads_of, submitted_by
from candidly.web.talk.timeline import Timeline, before, latest
from candidly.web.writing.paging import key_in


@dataclass(frozen=True, slots=True)
class Choice:
    """To whom the next message goes: to all, or privately to the member `to`, who is None while it must be chosen."""

    is_private: bool = False
    to: int | None = None


class Opened:
    """Each property asks the database once, when it is needed.

    `asked` may name the message `before` which the timeline ends, or the one `since` which it is shown.
    """

    def __init__(self, agency_user: AgencyUser, person: Person, asked: Mapping[str, str]) -> None:
        self.agency_user = agency_user
        self.person = person
        self.before, self._since = key_in(asked, "before"), key_in(asked, "since")

    @cached_property
    def applications(self) -> list[Application]:
        """Those that the agency user sees, the newest first."""
        found = submitted_by(self.agency_user).filter(person=self.person).order_by("-pk")
        return list(found.select_related("opening").prefetch_related("attachments"))

    @cached_property
    def threads(self) -> list[AgencyThread]:
        found = agency_threads_of(self.agency_user).filter(person=self.person)
        return list(found.select_related("agency_user", "private_with__user"))

    @cached_property
    def timeline(self) -> Timeline:
        if self.before:
            return before(self.agency_user, self.threads, self.before)
        return latest(self.agency_user, self.threads, self._since)

    @cached_property
    def coordinators(self) -> list[Member]:
        return stage_owners_of(self.agency_user, self.person)

    @cached_property
    def partners(self) -> list[Member]:
        """To whom they may write privately."""
        return private_partners_of(self.agency_user, self.person)

    @cached_property
    def audience(self) -> Audience:
        """Who sees what is written to all."""
        return audience_of(self.talk(None))

    def partner(self, pk: int | None) -> Member | None:
        return next((partner for partner in self.partners if partner.pk == pk), None)

    def talk(self, private_with: Member | None) -> Talk:
        return Talk(self.person, self.agency_user, private_with)

    def usual_choice(self) -> Choice:
        """To go on as the last word was said."""
        last = self.timeline.private_with
        return self.choice(is_private=last is not None, to=last.pk if last else None)

    def choice(self, *, is_private: bool, to: int | None) -> Choice:
        """That one, as far as it can be made: who can no longer be written to is not exchanged for somebody else."""
        if not self.partners:
            return Choice()
        is_offered = self.partner(to) is not None
        return Choice(is_private, to if is_offered else None if is_private else self.partners[0].pk)
