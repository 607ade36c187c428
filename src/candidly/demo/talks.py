"""Three hundred conversations of the past weeks, written and answered through the same actions as any other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from candidly.actions import conversations, participations, receive
from candidly.demo.candidates import is_gone
from candidly.demo.team import Team
from candidly.demo.texts import GREETINGS, OUT, SCRIPTS, Script
from candidly.envelope import Address, Outgoing
from candidly.mail.compose import compose
from candidly.models import Application, Member, Message, ReplyAddress
from candidly.rules import mail_identity
from candidly.rules.subjects import reply_subject

#: So many are with the candidates that the story knows by name, and so many with people whose address is no more.
LATEST, MOVED = 12, 6
#: Conversations that end with an answer younger than this are still unread.
UNREAD_SINCE = timedelta(days=2)
AUTOMATIC = {"Auto-Submitted": "auto-replied"}


@dataclass
class Past:
    """When each message was really said: actions only know the present."""

    now: datetime
    said_at: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Talk:
    """One conversation to be; `ago` is when it began."""

    member: Member
    application: Application
    script: Script
    ago: timedelta


def tell(team: Team, applications: list[Application], rng: Random, past: Past, number: int) -> Iterator[Talk]:
    """Write `number` conversations, and yield each when it is written."""
    able = [application for application in applications if application.person.email]
    gone = [application for application in able if is_gone(application.person)][:MOVED]
    chosen = able[:LATEST] + rng.sample(able[LATEST:], number - LATEST - len(gone)) + gone
    for place, application in enumerate(chosen):
        member = team.owner_of(application.opening, place)
        talk = Talk(member, application, SCRIPTS[place % len(SCRIPTS)], _begin(rng, place))
        _talk(talk, rng, past)
        yield talk


def _begin(rng: Random, number: int) -> timedelta:
    """How long ago it began: the first ones lately, so that something is new."""
    return timedelta(days=rng.uniform(0.3, 3) if number < 2 * LATEST else rng.uniform(2, 60))


def _talk(talk: Talk, rng: Random, past: Past) -> None:
    words = _words(talk.member, talk.application)
    said_at = past.now - talk.ago
    message = None
    for direction, text in _turns(talk, rng):
        said_at += talk.ago / (len(talk.script.turns) + 1) * rng.uniform(0.2, 0.9)
        message = _say(talk, message, direction, text, words)
        message.created_at = past.said_at[message.pk] = said_at
    if message and past.now - said_at > UNREAD_SINCE:
        participations.mark_read(talk.member, [message.conversation_id])


def _turns(talk: Talk, rng: Random) -> tuple[tuple[str, str], ...]:
    """As far as this talk has come; nobody answers where nothing arrives."""
    turns = talk.script.turns
    return turns[:1] if is_gone(talk.application.person) else turns[: rng.randint(1, len(turns))]


def _say(talk: Talk, before: Message | None, direction: str, text: str, words: dict[str, str]) -> Message:
    said = text.format(**words)
    if before is None:
        subject = talk.script.subject.format(**words)
        person = talk.application.person
        return conversations.start(talk.member, person, subject=subject, text=said, application=talk.application)
    if direction == OUT:
        return conversations.answer(talk.member, before.conversation, text=said)
    return hear(before, f"{words['greeting']}{said}")


def _words(member: Member, application: Application) -> dict[str, str]:
    person = application.person
    greeting = GREETINGS.get(person.language, "")
    return {
        "first": person.first_name,
        "last": person.last_name,
        "me": member.name.partition(" ")[0],
        "opening": str(application.opening),
        "place": application.opening.location,
        "greeting": f"{greeting}\n\n" if greeting else "",
    }


def hear(to: Message, text: str, *, automatic: bool = False, sender: str = "") -> Message:
    """The candidate answers `to` from their mail program; the mail comes in by the door that every mail takes.

    Returns the newest message of the conversation: the answer, unless it went to the review tray.
    """
    conversation = to.conversation
    token = ReplyAddress.objects.get(conversation=conversation, person=conversation.person).token
    sender = sender or conversation.person.email
    deliver(_answer(to, text, Address(sender, conversation.person.full_name), token, automatic))
    return conversation.messages.order_by("-pk")[0]


def deliver(mail: Outgoing) -> None:
    """Hand a mail from outside to our door, and have it read."""
    recipients = [mail.recipient.email]
    stored = receive.store(door="smtp", envelope_from=mail.sender.email, recipients=recipients, raw=compose(mail))
    for received in stored:
        receive.process(received)


def _answer(to: Message, text: str, sender: Address, token: str, automatic: bool) -> Outgoing:
    quoted = "\n".join(f"> {line}" for line in to.text.splitlines())
    name = to.member.name if to.member else "Northlane Care"
    return Outgoing(
        delivery_id=0,
        sender=sender,
        recipient=Address(mail_identity.reply_address(token), name),
        subject=reply_subject(to.subject),
        text=f"{text}\n\nOn {to.created_at:%a, %d %b %Y at %H:%M}, {name} wrote:\n{quoted}\n",
        message_id=f"<{mail_identity.new_token()}@mail-program.example>",
        in_reply_to=to.rfc_message_id,
        references=(to.rfc_message_id,),
        date=to.created_at,
        headers=AUTOMATIC if automatic else {},
    )
