"""To whom an incoming mail belongs: its reply token, then the mails that it answers; and when to ask a person."""

from dataclasses import dataclass

from candidly.envelope import Incoming
from candidly.mail.addresses import normalise
from candidly.models import Conversation, Member, Message, Person, ReplyAddress
from candidly.rules.returned import known_as

#: Of the References, the newest are looked up.
MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class FromPerson:
    """The person of the conversation wrote."""

    conversation: Conversation
    person: Person


@dataclass(frozen=True, slots=True)
class FromMember:
    """A member answered, from their own mail program, the copy that they got."""

    conversation: Conversation
    member: Member


@dataclass(frozen=True, slots=True)
class Machine:
    """A member's own mail system answered the copy: nobody needs to see that."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A member must decide. `reason` says why; `suggestion` is the likeliest conversation, if there is one."""

    reason: str
    suggestion: Conversation | None


type Match = FromPerson | FromMember | Machine | Doubt


def match(organization_id: int, address: ReplyAddress | None, incoming: Incoming) -> Match:
    """Whose mail this is. `address` is the reply address that it was sent to, None for the organization's own."""
    if address is None:
        return _by_references(organization_id, incoming)
    if address.member:
        return _from_member(address.conversation, address.member, incoming)
    return _from_person(address.conversation, incoming)


def _from_person(conversation: Conversation, incoming: Incoming) -> Match:
    if _wrote(conversation.person, incoming) or incoming.automatic:
        return FromPerson(conversation, conversation.person)
    return Doubt(
        f"It was sent to the reply address of {conversation.person.full_name}, but from {_sender(incoming)}.",
        conversation,
    )


def _from_member(conversation: Conversation, member: Member, incoming: Incoming) -> Match:
    if incoming.automatic:
        return Machine(f"An automatic reply to {member.name}’s copy ({incoming.automatic}).")
    if normalise(incoming.sender.email) == normalise(member.email):
        return FromMember(conversation, member)
    return Doubt(
        f"It was sent to {member.name}’s own reply address, but from {_sender(incoming)}. "
        f"Only mail from {member.email} is passed on as {member.name}’s.",
        conversation,
    )


def _by_references(organization_id: int, incoming: Incoming) -> Match:
    conversation = _answered(organization_id, incoming)
    if conversation and _wrote(conversation.person, incoming):
        return FromPerson(conversation, conversation.person)
    if conversation:
        return Doubt(
            f"It answers a message to {conversation.person.full_name}, but came from {_sender(incoming)}.",
            conversation,
        )
    return Doubt(
        f"It answers no message that was sent from here. It came from {_sender(incoming)}.",
        _latest(organization_id, incoming),
    )


def _answered(organization_id: int, incoming: Incoming) -> Conversation | None:
    """The conversation of the newest message that the mail's In-Reply-To or References name."""
    ids = [*incoming.references[-MAX_REFERENCES:], incoming.in_reply_to]
    messages = Message.objects.filter(known_as([name for name in ids if name]), organization=organization_id)
    message = messages.select_related("conversation__person").order_by("-id").first()
    return message.conversation if message else None


def _latest(organization_id: int, incoming: Incoming) -> Conversation | None:
    """The newest conversation with somebody who has this address."""
    email = normalise(incoming.sender.email)
    if not email:
        return None
    conversations = Conversation.objects.filter(organization=organization_id).order_by("-last_message_at")
    return (
        conversations.filter(person__private_email__iexact=email).first()
        or conversations.filter(person__work_email__iexact=email).first()
    )


def _wrote(person: Person, incoming: Incoming) -> bool:
    return normalise(incoming.sender.email) in {normalise(email) for email in person.emails}


def _sender(incoming: Incoming) -> str:
    return incoming.sender.email or "an address that cannot be read"
