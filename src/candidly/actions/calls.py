"""Log a telephone call: who called whom, what came of it, and what was said."""

from candidly.actions import internal, writing
from candidly.actions.errors import Refused
from candidly.actions.once import once
from candidly.models import Application, Conversation, Member, Message, Person
from candidly.rules import access

Outcome = Message.CallOutcome
LONGEST = 20_000


def log(
    member: Member,
    person: Person,
    *,
    outcome: Outcome,
    note: str = "",
    they_called: bool = False,
    conversation: Conversation | None = None,
    send_key: str = "",
) -> Message:
    """Write it into `conversation`, else into the member's newest one with the person, else into a new one.

    Raises Refused where the member may not write. It answers nobody: whoever waits on us waits on. A `send_key` seen
    before returns the call that it logged then.
    """
    _check(member, person, conversation, note)

    def write() -> Message:
        place = conversation or _newest(member, person) or _new(member, person)
        caller = person if they_called else None
        return internal.add(
            place, member, "call", note.strip(), call_outcome=outcome, person=caller, send_key=send_key,
            snippet=_in_short(outcome, note),
        )  # fmt: skip

    return once(member, send_key, write)


def _check(member: Member, person: Person, conversation: Conversation | None, note: str) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to log calls.")
    if not access.people_for(member).filter(pk=person.pk).exists():
        raise Refused("You cannot see this candidate any more, so the call was not logged.")
    if conversation and not access.answerable_for(member).filter(pk=conversation.pk, person=person).exists():
        raise Refused("You can read this conversation, but only those who may answer in it can log calls.")
    if len(note) > LONGEST:
        raise Refused(f"A note holds {LONGEST:,} characters. Shorten it.", field="note")


def _in_short(outcome: Outcome, note: str) -> str:
    return f"{outcome.label}: {note.strip()}" if note.strip() else outcome.label


def _newest(member: Member, person: Person) -> Conversation | None:
    theirs = access.answerable_for(member).filter(person=person, participations__member=member)
    return theirs.order_by("-last_message_at", "-pk").first()


def _new(member: Member, person: Person) -> Conversation:
    """A conversation in which nothing was said yet; the person can be written to in it."""
    application = _present_application(member, person)
    subject = str(application.opening) if application else f"Call with {person.full_name}"
    conversation = Conversation(
        organization_id=person.organization_id, person=person, application=application, owner=member, subject=subject
    )
    writing.begin([(0, writing.Draft(conversation, member, subject, ""))])
    return conversation


def _present_application(member: Member, person: Person) -> Application | None:
    applications = access.applications_for(member).filter(person=person).select_related("opening")
    active = applications.filter(status=Application.Status.ACTIVE)
    return active.order_by("-applied_at", "-pk").first()
