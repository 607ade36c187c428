"""Write a mailing's messages: page after page of its frozen recipients, each a message of their own or a reason."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from candidly.actions import writing
from candidly.mail.house_style import dressed
from candidly.mail.plain import text_of
from candidly.models import Application, Conversation, Mailing, MailingRecipient, Opening, Person
from candidly.models.bulk import update_rows
from candidly.rules.channels import CARRIED, Channel, chosen
from candidly.rules.local_time import moment_where
from candidly.rules.merge_fields import MergeText, compile_text, person_values, sender_values
from candidly.rules.response_links import links_of

State = MailingRecipient.State


def side_by_side() -> int:
    """How many had best write at once. Where the database lets each skip what another has in hand, one puts a page
    together while the database takes the other's."""
    return 2 if connection.features.has_select_for_update_skip_locked else 1


@transaction.atomic
def fan_out(mailing: Mailing, limit: int = 500) -> int:
    """Write the next `limit` recipients' messages in one transaction; returns how many recipients were dealt with.

    Two workers at once take different pages; a crash leaves a page as if it had not begun.
    """
    if not Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SENDING).exists():
        return 0
    page = list(
        mailing.recipients.select_for_update(skip_locked=True, of=("self",))
        .filter(state=State.PENDING)
        .select_related("person")
        .order_by("pk")[:limit]
    )
    content = Content.of(mailing, page)
    drafts = {recipient: draft for recipient in page if (draft := content.draft_or_skip(recipient))}
    for recipient, message in zip(drafts, writing.write(list(drafts.values())), strict=True):
        recipient.state, recipient.message_id = State.WRITTEN, message
    dealt_with = ((str(r.state), r.reason, r.message_id, r.pk) for r in page)
    update_rows(MailingRecipient, ("state", "reason", "message_id"), dealt_with)
    return len(page)


@dataclass(frozen=True)
class Content:
    """A mailing's text, compiled once, and what does not differ from recipient to recipient."""

    mailing: Mailing
    subject: MergeText
    body: MergeText
    text: MergeText
    sender_values: Mapping[str, str]
    zone: str
    ways: Sequence[Channel]
    openings: Mapping[int, Opening]

    @classmethod
    def of(cls, mailing: Mailing, page: Sequence[MailingRecipient]) -> "Content":
        return cls(
            mailing,
            compile_text(mailing.subject),
            compile_text(dressed(mailing.body) if mailing.is_html else mailing.body),
            compile_text(text_of(mailing.body) if mailing.is_html else mailing.body),
            sender_values(mailing.sender),
            mailing.sender.time_zone,
            chosen(mailing.channels),
            _openings({recipient.application_id for recipient in page if recipient.application_id}),
        )

    def draft_or_skip(self, recipient: MailingRecipient) -> writing.Draft | None:
        """The message as this person gets it; or None, and the recipient is marked as skipped with the reason."""
        opening = self.openings.get(recipient.application_id) if recipient.application_id else None
        values = {**self.sender_values, **person_values(recipient.person, opening)}
        if self.mailing.campaign_id:
            values |= links_of(recipient.pk)
        addresses = {way.name: getattr(recipient, way.frozen_in) if way.frozen_in else "" for way in self.ways}
        problems = self.problems(addresses)
        recipient.reason = self.reason_to_skip(problems, values)
        if recipient.reason:
            recipient.state = State.SKIPPED
            return None
        open_ways = [name for name, problem in problems.items() if not problem]
        return self.draft(recipient, values, {name: addresses[name] for name in open_ways})

    def problems(self, addresses: Mapping[str, str]) -> dict[str, str]:
        """By channel, why nothing goes to its address, in plain words; empty where it does."""
        return {way.name: way.problem(addresses.get(way.name, "")) for way in self.ways}

    def reason_to_skip(self, problems: Mapping[str, str], values: Mapping[str, str]) -> str:
        """Why a person with these problems and values gets nothing, in plain words; empty when they do."""
        closed = [problems[way.name] for way in self.ways if way.name in CARRIED]
        if all(closed):
            return " ".join(closed)
        empty = [*self.subject.empty(values), *self.body.empty(values)]
        if empty and "empty" in self.mailing.left_out:
            return f"No value for {', '.join(dict.fromkeys(empty))}."
        return ""

    def draft(
        self, recipient: MailingRecipient, values: Mapping[str, str], addresses: Mapping[str, str]
    ) -> writing.Draft:
        """The message in a conversation of its own, to these addresses by channel."""
        sender = self.mailing.sender
        subject = self.subject.render_header(values)[:998]
        html = self.body.render(values, html=True) if self.mailing.is_html else ""
        conversation = Conversation(
            organization_id=self.mailing.organization_id,
            person=recipient.person,
            application_id=recipient.application_id,
            owner=sender,
            mailing=self.mailing,
            subject=subject,
        )
        return writing.Draft(
            conversation,
            sender,
            subject,
            self.text.render(values),
            html,
            mailing=self.mailing,
            channels=tuple(addresses),
            addresses=addresses,
            due_at=self.due_at(recipient.person),
        )

    def due_at(self, person: Person) -> datetime | None:
        """When it is the mailing's hour where the person is; None for at once."""
        if not self.mailing.is_local_time or self.mailing.starts_at is None:
            return None
        return moment_where(self.mailing.starts_at, self.zone, person.time_zone)


def _openings(applications: Set[int]) -> dict[int, Opening]:
    """The opening of each application; a mailing's many applications are for a few openings."""
    found = dict(Application.objects.filter(pk__in=applications).values_list("pk", "opening"))
    openings = Opening.objects.in_bulk(set(found.values()))
    return {application: openings[opening] for application, opening in found.items()}
