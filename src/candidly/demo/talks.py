"""Three hundred conversations of the past weeks, written and answered through the same actions as any other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from candidly.actions import arrivals, conversations, participations, receive
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


@dataclass
class Talk:
    """One conversation to be; `ago` is when it began. `newest` is what was said last, as far as it has been told."""

    member: Member
    application: Application
    script: Script
    ago: timedelta
    newest: Message | None = None


@dataclass(frozen=True)
class Turn:
    """Something to be said in a talk, by one of the two."""

    talk: Talk
    said_at: datetime
    direction: str
    text: str
    is_last: bool


def plan(team: Team, applications: list[Application], rng: Random, past: Past, number: int) -> list[Turn]:
    """What is said in `number` conversations, in the order in which it was, so that newer messages have higher ids."""
    able = [application for application in applications if application.person.email]
    gone = [application for application in able if is_gone(application.person)][:MOVED]
    chosen = able[:LATEST] + rng.sample(able[LATEST:], number - LATEST - len(gone)) + gone
    turns: list[Turn] = []
    for place, application in enumerate(chosen):
        member = team.owner_of(application.opening, place)
        turns += _turns(Talk(member, application, SCRIPTS[place % len(SCRIPTS)], _begin(rng, place)), rng, past)
    return sorted(turns, key=lambda turn: turn.said_at)


def tell(turns: Iterable[Turn], past: Past) -> Iterator[Talk]:
    """Let all of it be said, and yield each conversation when its last word is."""
    for turn in turns:
        talk = turn.talk
        talk.newest = _say(talk, turn.direction, turn.text)
        talk.newest.created_at = past.said_at[talk.newest.pk] = turn.said_at
        if turn.is_last:
            if past.now - turn.said_at > UNREAD_SINCE:
                participations.mark_read(talk.member, [talk.newest.conversation_id])
            yield talk


def _begin(rng: Random, number: int) -> timedelta:
    """How long ago it began: the first ones lately, so that something is new."""
    return timedelta(days=rng.uniform(0.3, 3) if number < 2 * LATEST else rng.uniform(2, 60))


def _turns(talk: Talk, rng: Random, past: Past) -> Iterator[Turn]:
    """As far as this talk has come; nobody answers where nothing arrives."""
    number = 1 if is_gone(talk.application.person) else rng.randint(1, len(talk.script.turns))
    said_at = past.now - talk.ago
    for place, (direction, text) in enumerate(talk.script.turns[:number], start=1):
        said_at += talk.ago / (len(talk.script.turns) + 1) * rng.uniform(0.2, 0.9)
        yield Turn(talk, said_at, direction, text, is_last=place == number)


def _say(talk: Talk, direction: str, text: str) -> Message:
    words = _words(talk.member, talk.application)
    said = text.format(**words)
    if talk.newest is None:
        subject = talk.script.subject.format(**words)
        person = talk.application.person
        return conversations.start(talk.member, person, subject=subject, text=said, application=talk.application)
    if direction == OUT:
        return conversations.answer(talk.member, talk.newest.conversation, text=said)
    return hear(talk.newest, f"{words['greeting']}{said}")


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
    stored = arrivals.store(envelope_from=mail.sender.email, recipients=recipients, raw=compose(mail))
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
