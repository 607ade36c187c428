"""The composer as a page shows it: in a conversation, to a person, or with a scheduled message to change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from candidly.actions.drafts import OTHER, version_of
from candidly.models import (
    Application,
    Attachment,
    Conversation,
    Delivery,
    KeptDraft,
    Member,
    Message,
    Person,
    ScheduledMessage,
)
from candidly.rules import moments, own_mailboxes, portal_links
from candidly.rules.access import attachments_for, drafts_for
from candidly.rules.channels import CHANNELS, Channel, is_mended_on_profile, obstacles_by_channel
from candidly.rules.numbers import number_in, numbers_in
from candidly.rules.quiet_hours import Quiet, quiet_for
from candidly.rules.subjects import reply_subject
from candidly.rules.texting import room_beside
from candidly.web.writing.when import read_moment
from candidly.web.writing.words import new_send_key

FIRST_CHANNELS = ("email", "app")
REMIND_DAYS = 3


@dataclass(frozen=True)
class Way:
    """A chip of the channel picker; `obstacle` says why it cannot be taken, `is_mended_on_profile` whether other
    contact details could help."""

    channel: Channel
    is_on: bool
    obstacle: str
    is_mended_on_profile: bool = False


@dataclass(frozen=True)
class Composer:
    """Everything that `writing/composer.html` shows. `id` tells it from another one on the page.

    `usual_subject` is what the subject line says by itself. `version` and `other` are of the draft that it shows;
    `scheduled` is what it changes instead of writing anew.
    """

    id: str
    action: str
    member: Member
    person: Person
    conversation: Conversation | None
    channels: Sequence[str]
    usual_subject: str = ""
    subject: str = ""
    text: str = ""
    remind_days: int | None = None
    date: str = ""
    time: str = ""
    files: list[Attachment] = field(default_factory=list)
    version: str = ""
    other: str = ""
    scheduled: ScheduledMessage | None = None
    applications: Sequence[Application] = ()
    application: int | None = None
    stays: bool = False
    is_note: bool = False
    problem: str = ""
    problem_field: str = ""
    send_key: str = field(default_factory=new_send_key)

    @property
    def label(self) -> str:
        return f"{'Answer' if self.conversation else 'Message'} {self.person.full_name}"

    @cached_property
    def ways(self) -> list[Way]:
        obstacles = obstacles_by_channel(self.person)
        possible = {name for name, obstacle in obstacles.items() if not obstacle}
        ticked = possible.intersection(self.channels) or possible.intersection(FIRST_CHANNELS)
        return [
            Way(channel, name in ticked, obstacles[name], is_mended_on_profile(self.person, name))
            for name, channel in CHANNELS.items()
        ]

    @cached_property
    def mailbox_obstacle(self) -> str:
        """Why no e-mail of the member's can go at present, where each writes by their own mailbox."""
        return own_mailboxes.obstacle(self.member)

    @property
    def text_room(self) -> int:
        """How long a text message may be that is not shortened: it carries the portal link too."""
        return room_beside(portal_links.address_of(portal_links.ANY_SEED))

    @cached_property
    def quiet(self) -> Quiet | None:
        """How late it is for the person, where a text that is sent now waits for the morning."""
        return quiet_for(self.person, self.member.organization, timezone.now())

    @property
    def quiet_then(self) -> Quiet | None:
        """The same of the chosen time."""
        return quiet_for(self.person, self.member.organization, self.chosen) if self.chosen else None

    @property
    def choices(self) -> list[tuple[moments.Choice, str]]:
        """The usual times to send at, each with how the person's clock reads then."""
        return [(choice, self.there(choice.at)) for choice in moments.choices(timezone.localtime())]

    @property
    def chosen(self) -> datetime | None:
        """The time in the fields of the schedule line, where there is such a time."""
        read = read_moment(self.date, self.time)
        return read.at if read else None

    @property
    def there_chosen(self) -> str:
        return self.there(self.chosen) if self.chosen else ""

    @property
    def refusal(self) -> dict[str, str]:
        """Why it was not sent, for `writing/problem.html`."""
        return {"sentence": self.problem, "field": self.problem_field}

    def there(self, at: datetime) -> str:
        return moments.there(at, timezone.get_current_timezone(), self.person.time_zone)

    @property
    def zone(self) -> str:
        return moments.place(timezone.get_current_timezone())

    @property
    def may_remind_scheduled(self) -> bool:
        return self.member.organization.reminders_on_scheduled

    @property
    def default_days(self) -> int:
        return self.remind_days or REMIND_DAYS

    @property
    def place(self) -> dict[str, int]:
        """By which field and number requests name where this is written."""
        return {"conversation": self.conversation.pk} if self.conversation else {"person": self.person.pk}

    def with_draft(self, draft: KeptDraft | None) -> "Composer":
        """As the member left it."""
        if draft is None:
            return self
        found = self.with_fields(draft.fields)
        files = list(draft.attachments.order_by("pk"))
        return replace(found, files=files, version=version_of(draft), other=draft.fields.get(OTHER, ""))

    def with_fields(self, fields: Mapping[str, Any]) -> "Composer":
        """With what was written; a field that is not there stays as it is."""
        return replace(
            self,
            channels=fields.get("channels") or self.channels,
            subject=fields.get("subject") or self.subject,
            text=fields.get("text") or "",
            remind_days=fields.get("remind_days") or None,
            date=fields.get("date") or "",
            time=fields.get("time") or "",
            application=fields.get("application") or self.application,
            is_note=bool(fields.get("note")) and self.conversation is not None,
        )


def in_conversation(
    member: Member, conversation: Conversation, channels: Sequence[str] = (), last_subject: str = ""
) -> Composer:
    """For an answer, with the draft of one; `channels` are those to begin with, else those we used last."""
    subject = reply_subject(last_subject or _last_subject(conversation) or conversation.subject)
    composer = Composer(
        id="answer",
        action=reverse("conversation_messages", args=[conversation.pk]),
        member=member,
        person=conversation.person,
        conversation=conversation,
        channels=channels or _last_channels(conversation) or FIRST_CHANNELS,
        usual_subject=subject,
        subject=subject,
    )
    return composer.with_draft(drafts_for(member).filter(conversation=conversation).first())


def to_person(
    member: Member, person: Person, applications: Sequence[Application], application: int | None = None
) -> Composer:
    """For the first message of a conversation, with the draft of one."""
    composer = Composer(
        id="message",
        action=reverse("person_conversations", args=[person.pk]),
        member=member,
        person=person,
        conversation=None,
        channels=FIRST_CHANNELS,
        applications=applications,
        application=application or _present(applications),
    )
    found = composer.with_draft(drafts_for(member).filter(person=person).first())
    return replace(found, application=application) if application else found


def of_scheduled(member: Member, scheduled: ScheduledMessage) -> Composer:
    """To change what waits for its time."""
    local = timezone.localtime(scheduled.due_at)
    return Composer(
        id="answer" if scheduled.conversation else "message",
        action=reverse("scheduled_change", args=[scheduled.pk]),
        member=member,
        person=scheduled.person,
        conversation=scheduled.conversation,
        channels=scheduled.channels,
        usual_subject=scheduled.subject,
        subject=scheduled.subject,
        text=scheduled.text,
        remind_days=scheduled.remind_days,
        date=f"{local:%Y-%m-%d}",
        time=f"{local:%H:%M}",
        files=list(scheduled.attachments.order_by("pk")),
        scheduled=scheduled,
    )


def as_posted(composer: Composer, data: QueryDict, problem: str, problem_field: str = "") -> Composer:
    """With what was posted and why it was not sent: for a browser that loads whole pages."""
    fields = {name: data.get(name, "") for name in ("subject", "text", "date", "time", "note")}
    numbers = {name: number_in(data.get(name, "")) or None for name in ("remind_days", "application")}
    found = composer.with_fields({**fields, **numbers, "channels": data.getlist("channels")})
    named = numbers_in(data.getlist("attachments"))
    files = list(attachments_for(composer.member).filter(uploaded_by=composer.member, message=None, pk__in=named))
    return replace(found, files=files, problem=problem, problem_field=problem_field)


def _last_subject(conversation: Conversation) -> str:
    said = conversation.messages.exclude(direction=Message.Direction.OWN)
    return said.order_by("-pk").values_list("subject", flat=True).first() or ""


def _last_channels(conversation: Conversation) -> list[str]:
    """Those of the last message of ours."""
    ours = conversation.messages.filter(direction=Message.Direction.OUT).order_by("-pk").values("pk")[:1]
    return list(Delivery.objects.filter(message__in=ours).order_by("pk").values_list("channel", flat=True))


def _present(applications: Sequence[Application]) -> int | None:
    """The one that is under way, else the newest."""
    active = [one for one in applications if one.status == Application.Status.ACTIVE]
    return next((one.pk for one in [*active, *applications]), None)
