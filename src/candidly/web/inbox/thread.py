"""One conversation, opened: what the inbox and the profile both show of it."""

from dataclasses import dataclass

from candidly.actions import participations
from candidly.models import Conversation, Member, Message, Participation, PortalLink, Reminder, Tag
from candidly.rules import consent
from candidly.rules.access import may_answer, may_write, open_portal_links
from candidly.web.inbox import timeline
from candidly.web.inbox.past import Past, previous_applications
from candidly.web.inbox.team import reminders_in
from candidly.web.inbox.team_forms import CallForm
from candidly.web.shell.request import MemberRequest
from candidly.web.writing import composer
from candidly.web.writing.composer import Composer
from candidly.web.writing.waiting import Waiting, waiting_in


@dataclass(frozen=True)
class Thread:
    """`closed` says why nothing can be sent; empty where it can. `waiting` has not gone yet. `participation` is None
    for a mere reader."""

    conversation: Conversation
    timeline: timeline.Timeline
    composer: Composer | None
    closed: str
    waiting: list[Waiting]
    participation: Participation | None = None


def open_thread(request: MemberRequest, conversation: Conversation, at: int = 0) -> Thread:
    """Show the conversation's end, or the surroundings of message `at`, and listen to its events.

    It is read from now on, for this member, if its end is shown.
    """
    member = request.member
    participation = conversation.participations.filter(member=member).first()
    shown = timeline.opened(member, conversation, participation, at)
    if participation and not shown.later and not _has_read(participation, shown.newest):
        participations.mark_read(member, [conversation.pk])
    request.live_topics = [f"conversation:{conversation.pk}", f"person:{conversation.person_id}"]
    closed = _why_closed(member, conversation)
    return Thread(
        conversation=conversation,
        timeline=shown,
        composer=None if closed else _composer(member, conversation, shown),
        closed=closed,
        waiting=[] if closed else waiting_in(member, conversation),
        participation=participation,
    )


@dataclass(frozen=True)
class About:
    """Who the conversation is with: their tags, what else they applied for, the member's reminders here, the link by
    which the person opens the conversation, if one still does, and where they stand about texts."""

    tags: list[Tag]
    previous: list[Past]
    reminders: list[Reminder]
    call_form: CallForm | None
    portal_link: PortalLink | None
    texting: consent.Standing | None


def about(member: Member, conversation: Conversation, *, may_log_calls: bool = False) -> About:
    person = conversation.person
    return About(
        tags=list(person.tags.order_by("name")),
        previous=previous_applications(member, person, conversation.application_id),
        reminders=list(reminders_in(member, conversation)),
        call_form=CallForm(person) if may_log_calls else None,
        portal_link=open_portal_links().filter(conversation=conversation).order_by("-pk").first(),
        texting=consent.texting(person),
    )


def _composer(member: Member, conversation: Conversation, shown: timeline.Timeline) -> Composer:
    """For an answer: what the page shows of the newest messages need not be asked for again."""
    entries = [] if shown.later else shown.entries[::-1]
    subjects = (entry.message.subject for entry in entries if entry.message.direction != Message.Direction.OWN)
    channels = ([way.channel for way in entry.deliveries] for entry in entries if entry.deliveries)
    return composer.in_conversation(member, conversation, next(channels, []), next(subjects, ""))


def _has_read(participation: Participation, newest: int) -> bool:
    return not participation.is_unread and participation.read_up_to >= newest


def _why_closed(member: Member, conversation: Conversation) -> str:
    """Why the member cannot answer here, in a sentence that says what would help."""
    if not may_write(member):
        return "Your role is read-only: you can read this conversation, but not answer. Ask a super admin to change it."
    if not may_answer(member, conversation):
        return "You can read this conversation. Only those who lead it, or hire for its opening, can answer."
    return ""
