"""The Previous applications tab: what is listed, and what is open beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from candidly.models import Application, Conversation, Member, Person
from candidly.rules.access import may_answer
from candidly.web.inbox.past import Past, previous_applications
from candidly.web.inbox.timeline import Timeline, latest


@dataclass(frozen=True)
class Shown:
    """`chosen` of `listed` is open, with one of its conversations, if it has any."""

    listed: Sequence[Past]
    chosen: Past | None
    conversation: Conversation | None
    timeline: Timeline | None
    may_answer: bool


def find(member: Member, person: Person, present: Application | None, asked: Mapping[str, str]) -> Shown:
    """What `application=` and `thread=` in `asked` name, else the newest. Http404 for what is not among them."""
    listed = previous_applications(member, person, present.pk if present else None)
    chosen = _named([(past.application.pk, past) for past in listed], asked.get("application", ""))
    threads = [(conversation.pk, conversation) for conversation in chosen.conversations] if chosen else []
    conversation = _named(threads, asked.get("thread", ""))
    if conversation is None:
        return Shown(listed, chosen, None, None, may_answer=False)
    conversation.person = person
    timeline = latest(member, conversation, None)
    return Shown(listed, chosen, conversation, timeline, may_answer(member, conversation))


def _named[Thing](things: Sequence[tuple[int, Thing]], pk: str) -> Thing | None:
    if not pk:
        return things[0][1] if things else None
    found = {str(key): thing for key, thing in things}
    if pk not in found:
        raise Http404
    return found[pk]
