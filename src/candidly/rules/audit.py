"""What the audit log says in plain English, and how it is narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from candidly.models import AuditEvent
from candidly.rules.moments import day_in
from candidly.rules.numbers import number_in

SYSTEM = "Candidly"
#: By the first word of a verb: what the acts are about.
GROUPS = {
    "mailing": "Mailings",
    "campaign": "Campaigns",
    "template": "Templates",
    "suppression": "Suppression list",
    "person": "Candidates and contacts",
    "opening": "Openings",
    "import": "Imports",
    "export": "Exports",
    "member": "Members and roles",
    "organization": "Organization",
    "mailbox": "Own mailboxes",
    "agency": "Agencies",
}
#: By verb: the sentence behind the member's name. What stands in braces comes from the details.
SENTENCES = {
    "mailing.sent": "sent the mailing “{name}” to {total} people.",
    "mailing.scheduled": "scheduled the mailing “{name}” to {total} people.",
    "mailing.changed": "changed the scheduled mailing “{name}”.",
    "mailing.paused": "paused the mailing “{name}”.",
    "mailing.resumed": "resumed the mailing “{name}”.",
    "mailing.cancelled": "cancelled the mailing “{name}”.",
    "mailing.paced": "set the mailing “{name}” to {per_minute} mails a minute.",
    "mailing.unpaced": "took the limit of mails a minute off the mailing “{name}”.",
    "mailing.retried": "tried the mailing “{name}” again for {total} people.",
    "campaign.created": "began the campaign “{name}”.",
    "campaign.changed": "changed the campaign “{name}”.",
    "campaign.deleted": "deleted the campaign “{name}”.",
    "campaign.added": "added {total} people to the campaign “{name}”.",
    "campaign.removed": "took {total} people out of the campaign “{name}”.",
    "campaign.generated": "generated {total} e-mails in the campaign “{name}”.",
    "campaign.responded": "entered a response by hand in the campaign “{name}”.",
    "template.created": "wrote the template “{name}”.",
    "template.saved": "changed the template “{name}”.",
    "template.deleted": "deleted the template “{name}”.",
    "template.restored": "brought the template “{name}” back.",
    "suppression.added": "put {address} on the suppression list.",
    "suppression.released": "took {address} off the suppression list.",
    "person.created": "added {name}.",
    "person.changed": "changed the data of {name}.",
    "person.moved": "brought {name} from {was} to {stage}.",
    "person.coordinator": "made {owner} the coordinator of {name}.",
    "person.applied": "entered {name} for {opening}.",
    "person.link_withdrawn": "withdrew the portal link of {name}.",
    "person.deleted": "deleted {name}.",
    "opening.added": "added the opening {name}.",
    "opening.changed": "changed the opening {name}.",
    "opening.closed": "closed the opening {name}.",
    "opening.reopened": "opened {name} again.",
    "import.started": "began to import the file “{name}”.",
    "import.done": "imported {total} rows of the file “{name}”.",
    "export.candidates": "exported {total} candidates.",
    "export.contacts": "exported {total} contacts.",
    "export.applications": "exported {total} applications.",
    "export.members": "exported the list of members.",
    "export.mailing": "exported the recipients of the mailing “{name}”.",
    "export.audit": "exported the audit log.",
    "member.invited": "invited {name} as {role}.",
    "member.role_changed": "made {name} {role}; before: {before}.",
    "member.deactivated": "ended the access of {name}.",
    "member.reactivated": "gave {name} access again.",
    "mailbox.turned_on": "turned on sending from each member’s own mailbox.",
    "mailbox.turned_off": "turned off sending from each member’s own mailbox.",
    "mailbox.label": "set the label of members’ mailboxes to “{name}”.",
    "mailbox.reminded": "reminded {total} people to connect their e-mail account.",
    "mailbox.connected": "connected the mailbox {address}.",
    "mailbox.disconnected": "disconnected the mailbox {address}.",
    "mailbox.lost": "lost access to the mailbox {address}.",
    "agency.added": "added the agency {name}.",
    "agency.renamed": "renamed the agency {before} to {name}.",
    "agency.closed": "ended the access of the agency {name}.",
    "agency.reopened": "gave the agency {name} access again.",
    "agency.colleagues_on": "let users of {name} see each other’s candidates.",
    "agency.colleagues_off": "let users of {name} see their own candidates only.",
    "agency.invited": "invited {name} of {agency}.",
    "agency.withdrawn": "withdrew the invitation of {name} of {agency}.",
    "agency.joined": "accepted their invitation.",
    "agency.deactivated": "ended the access of {name} of {agency}.",
    "agency.reactivated": "gave {name} of {agency} access again.",
    "agency.submitted": "submitted {name} for {opening}.",
    "agency.message_deleted": "deleted a message of theirs about {name}.",
    "organization.plan": "gave the organization the plan {name}.",
    "organization.changed": "changed the organization’s settings: {settings}.",
}
#: A number is one or many of these.
_ONE = {
    "1 people": "1 person",
    "1 e-mails": "1 e-mail",
    "1 mails": "1 mail",
    "1 rows": "1 row",
    "1 candidates": "1 candidate",
    "1 contacts": "1 contact",
}


class _Said(dict[str, str]):
    """A detail that was not kept is an ellipsis: an old line must not break the page."""

    def __missing__(self, name: str) -> str:
        return "…"


def who(event: AuditEvent) -> str:
    """The member's name as it was then, or Candidly itself."""
    return event.member_name or SYSTEM


def sentence(event: AuditEvent) -> str:
    """What was done, without who: “sent the mailing “Ward visit” to 1,204 people.”"""
    pattern = SENTENCES.get(event.verb)
    if pattern is None:
        return f"{event.verb.replace('.', ' ').replace('_', ' ')} {event.subject}".strip() + "."
    said = pattern.format_map(_Said({name: _shown(value) for name, value in event.details.items()}))
    for many, one in _ONE.items():
        said = said.replace(f" {many}", f" {one}")
    return said


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a reader asks for; empty is everything. Both days belong to it, by the clock of the reader."""

    member: int = 0
    group: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Narrowed":
        """What cannot be read is not asked for."""
        return cls(
            number_in(asked.get("member", "")),
            group if (group := asked.get("group", "")) in GROUPS else "",
            day_in(asked.get("since", "")),
            day_in(asked.get("until", "")),
        )

    def __bool__(self) -> bool:
        return self != Narrowed()

    def params(self) -> dict[str, str]:
        """As `read` takes it."""
        fields = {"member": self.member or "", "group": self.group, "since": self.since, "until": self.until}
        return {name: str(value) for name, value in fields.items() if value}

    def among(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        wanted = Q()
        if self.member:
            wanted &= Q(member=self.member)
        if self.group:
            wanted &= Q(verb__startswith=f"{self.group}.")
        if self.since:
            wanted &= Q(at__gte=_begins(self.since))
        if self.until:
            wanted &= Q(at__lt=_begins(self.until + timedelta(days=1)))
        return events.filter(wanted)


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
