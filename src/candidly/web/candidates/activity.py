"""The Activity tab: each thing that happened with a person, as a sentence with its picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from candidly.models import (
    AgencyMessage,
    Application,
    AuditEvent,
    CampaignMember,
    ConsentEvent,
    Member,
    Person,
    Purpose,
    Reminder,
)
from candidly.rules import audit
from candidly.rules.activity import page
from candidly.rules.channels import channel
from candidly.web.candidates.activity_messages import tell_message
from candidly.web.candidates.activity_parts import (
    Entry,
    Part,
    Reader,
    dotted,
    entry,
    link,
    message_link,
    name,
    short,
)


@dataclass(frozen=True, slots=True)
class Line:
    """`name` tells it from all others."""

    name: str
    at: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of lines; `older` is the key of the next, empty at the end. `is_first`: nothing newer was left out."""

    lines: list[Line]
    older: str
    is_first: bool


def shown(member: Member, person: Person, after: str) -> Shown:
    """The page of the person's activity that `after` names, as the member may see it."""
    reader = Reader(member, person)
    found = page(member, person, after)
    lines = [
        Line(f"happened-{happened.source}-{happened.row.pk}", happened.at, TELLS[happened.source](reader, happened.row))
        for happened in found.happened
    ]
    return Shown(lines, found.older, not after)


def _agency_message(reader: Reader, message: AgencyMessage) -> Entry:
    user, thread = message.thread.agency_user, message.thread
    page_of_talk = f"{reverse('candidate', args=[reader.person.pk])}?agency={user.pk}"
    author = message.author.name if message.author else "Somebody"
    who = name("You" if message.author_id == reader.member.user_id else author)
    to = "" if message.from_agency else f"To {user.name}, "
    private = "private with you" if thread.private_with_id else ""
    said = link("agency messages", page_of_talk)
    return entry("building", who, " wrote in ", said, detail=dotted(f"{to}{user.agency.name}", private))


def _application(reader: Reader, application: Application) -> Entry:
    opening = f" for {application.opening}"
    if not application.is_theirs:  # type: ignore[attr-defined]  # by activity_sources, as what follows
        return entry("briefcase", reader.them, f" applied{opening}")
    if user := application.submitted_by:
        return entry("user", name(user.name), f", {user.agency.name}, submitted ", reader.them, opening)
    if entered_by := application.entered_by:  # type: ignore[attr-defined]
        is_own = application.entered_by_member == reader.member.pk  # type: ignore[attr-defined]
        return entry("briefcase", name("You" if is_own else entered_by), " entered ", reader.them, opening)
    return entry("briefcase", reader.them, f" applied{opening}")


def _move(reader: Reader, event: AuditEvent) -> Entry:
    was, stage = (str(event.details.get(detail, "…")) for detail in ("was", "stage"))
    who = "You" if event.member_id == reader.member.pk else audit.who(event)
    opening = event.opening or ""  # type: ignore[attr-defined]  # by activity_sources
    return entry(
        "check-circle", name(who), " moved ", reader.them, f" to {stage}", detail=dotted(f"From {was}", opening)
    )


def _campaign(reader: Reader, one: CampaignMember) -> Entry:
    by = (" by ", reader.calls(one.added_by, "you")) if one.added_by else ()
    return entry("megaphone", reader.them, " was added to the campaign ", _to_campaign(one), *by)


def _response(reader: Reader, one: CampaignMember) -> Entry:
    how = CampaignMember.Source(one.response_source).label if one.response_source else ""
    return entry("megaphone", "Campaign ", _to_campaign(one), f": {one.answer}", detail=how)


def _to_campaign(one: CampaignMember) -> Part:
    return link(one.campaign.name, reverse("campaign", args=[one.campaign_id]))


def _reminder(reader: Reader, reminder: Reminder) -> Entry:
    days = "1 day" if reminder.days == 1 else f"{reminder.days} days"
    return entry("bell", name("You"), f" asked to be reminded in {days} if nobody answers ", _reminded_of(reminder))


def _reminder_end(reader: Reader, reminder: Reminder) -> Entry:
    return entry("bell", f"{ENDS.get(reminder.state, 'Reminder ended')}: ", _reminded_of(reminder))


ENDS: Mapping[str, str] = {
    Reminder.State.DONE: "Reminder done",
    Reminder.State.ANSWERED: "Reminder over, because an answer came",
}


def _reminded_of(reminder: Reminder) -> Part:
    words = reminder.message.subject or reminder.conversation.subject or "(no subject)"
    return message_link(f"“{short(words)}”", reminder.conversation_id, reminder.message_id)


def _consent(reader: Reader, event: ConsentEvent) -> Entry:
    words = CONSENT[event.agreed, event.purpose].format(channel=channel(event.channel).spoken)
    picture = "check" if event.agreed else "x-circle"
    return entry(picture, reader.them, f" {words}", detail=ConsentEvent.Source(event.source).label)


#: What somebody said by agreeing or objecting, for each purpose.
CONSENT: Mapping[tuple[bool, str], str] = {
    (False, Purpose.ALL): "wants nothing more by {channel}",
    (False, Purpose.CAMPAIGN): "unsubscribed from campaigns",
    (True, Purpose.ALL): "agreed to be written to by {channel}",
    (True, Purpose.CAMPAIGN): "asked for campaigns again",
}


def _person(reader: Reader, person: Person) -> Entry:
    return entry("plus", reader.them, " was added to Candidly", detail=f"Source: {person.source or 'Direct'}")


#: By the names of `rules.activity.SOURCES`.
TELLS: Mapping[str, Callable[[Reader, Any], Entry]] = {
    "message": tell_message,
    "agency_message": _agency_message,
    "application": _application,
    "move": _move,
    "campaign": _campaign,
    "response": _response,
    "reminder": _reminder,
    "reminder_end": _reminder_end,
    "consent": _consent,
    "person": _person,
}
