"""One conversation, opened: what the inbox and the profile both show of it."""

from dataclasses import dataclass

from candidly.actions import participations
from candidly.models import Application, Conversation, Member, Participation, PortalLink, Tag
from candidly.rules import consent
from candidly.rules.access import answerable_for, applications_for, may_write, open_portal_links
from candidly.web.inbox import timeline
from candidly.web.shell.request import MemberRequest
from candidly.web.writing import composer
from candidly.web.writing.composer import Composer
from candidly.web.writing.waiting import Waiting, waiting_in


@dataclass(frozen=True)
class Thread:
    """`closed` says why the member cannot answer; empty where they can. `waiting` has not gone yet. `participation` is
    None for a mere reader."""

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
    request.live_topics = [f"conversation:{conversation.pk}"]
    closed = _why_closed(member, conversation)
    return Thread(
        conversation=conversation,
        timeline=shown,
        composer=None if closed else composer.in_conversation(member, conversation),
        closed=closed,
        waiting=[] if closed else waiting_in(member, conversation),
        participation=participation,
    )


@dataclass(frozen=True)
class About:
    """Who the conversation is with: their tags, what else they applied for that the member may see, the link by which
    they open the conversation, if one still does, and where they stand about texts."""

    tags: list[Tag]
    others: list[Application]
    portal_link: PortalLink | None
    texting: consent.Standing | None


def about(member: Member, conversation: Conversation) -> About:
    applications = applications_for(member).filter(person=conversation.person_id)
    applications = applications.select_related("opening").order_by("-applied_at", "-pk")
    others = [application for application in applications if application.pk != conversation.application_id]
    link = open_portal_links().filter(conversation=conversation).order_by("-pk").first()
    tags = list(conversation.person.tags.order_by("name"))
    return About(tags, others, link, consent.texting(conversation.person))


def _has_read(participation: Participation, newest: int) -> bool:
    return not participation.is_unread and participation.read_up_to >= newest


def _why_closed(member: Member, conversation: Conversation) -> str:
    """Why the member cannot answer here, in a sentence that says what would help."""
    if not may_write(member):
        return "Your role is read-only: you can read this conversation, but not answer. Ask a super admin to change it."
    if not answerable_for(member).filter(pk=conversation.pk).exists():
        return "You can read this conversation. Only those who lead it, or hire for its opening, can answer."
    return ""
