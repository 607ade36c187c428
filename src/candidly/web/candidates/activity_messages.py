"""The Activity tab's sentences about what was said in conversations: messages, notes, calls, and who leads."""

from collections.abc import Callable, Mapping, Sequence

from candidly.models import Delivery, Message
from candidly.rules.access import LEFT
from candidly.rules.channels import channel
from candidly.web.candidates.activity_parts import Entry, Part, Reader, at, dotted, entry, message_link, name, short

QUOTED = 160


def tell_message(reader: Reader, message: Message) -> Entry:
    tell = INTERNAL.get(message.channel) or (_came if message.direction == Message.Direction.IN else _went)
    return tell(reader, message)


def _went(reader: Reader, message: Message) -> Entry:
    deliveries = list(message.deliveries.all())
    has_left = not deliveries or any(delivery.state in LEFT for delivery in deliveries)
    bulk = "Bulk message" if message.mailing_id else ""
    return entry(
        channel(message.channel).icon,
        *(reader.calls(message.member), " sent " if has_left else " wrote ", _title(message)),
        detail=dotted(bulk, *_progress(deliveries)),
    )


def _came(reader: Reader, message: Message) -> Entry:
    who = reader.them if message.person_id else name(message.from_address)
    said = " answered " if message.in_reply_to else " wrote "
    way = "" if channel(message.channel).has_subject else channel(message.channel).label
    automatic = "Automatic reply" if message.automatic else ""
    return entry(channel(message.channel).icon, who, said, _title(message), detail=dotted(way, automatic))


def _note(reader: Reader, message: Message) -> Entry:
    note = _link("an internal note", message)
    return entry("note", reader.calls(message.member), " wrote ", note, detail=_beginning(message))


def _call(reader: Reader, message: Message) -> Entry:
    if message.person_id:
        caller, called = reader.them, reader.calls(message.member, "you")
    else:
        caller, called = reader.calls(message.member), reader.them
    outcome = Message.CallOutcome(message.call_outcome).label if message.call_outcome else ""
    words = caller, " ", _link("called", message), " ", called
    return entry("phone", *words, detail=dotted(outcome, _beginning(message)))


def _event(reader: Reader, message: Message) -> Entry:
    """Its text is what the member did with the conversation, said of somebody else: leads this conversation now."""
    who = message.member.name if message.member else reader.member.organization.name
    words = _link(short(message.beginning), message)  # type: ignore[attr-defined]  # by activity_sources
    return entry("user", name(who), " ", words, detail=short(message.conversation.subject))


INTERNAL: Mapping[str, Callable[[Reader, Message], Entry]] = {"note": _note, "call": _call, "event": _event}


def _title(message: Message) -> Part:
    """Its subject; of what has none, its words."""
    words = message.subject if channel(message.channel).has_subject else ""
    return _link(f"“{short(words or _beginning(message) or '(no text)')}”", message)


def _link(words: str, message: Message) -> Part:
    return message_link(words, message.conversation_id, message.pk)


def _beginning(message: Message) -> str:
    return short(message.beginning, QUOTED)  # type: ignore[attr-defined]  # by activity_sources


def _progress(deliveries: Sequence[Delivery]) -> list[str]:
    """How far each has come, and by which channel where that is not mail alone. That a mail was sent is said before."""
    if any(delivery.channel != "email" for delivery in deliveries):
        return [f"{channel(delivery.channel).label}: {_state(delivery)}" for delivery in deliveries]
    return [_state(delivery) for delivery in deliveries if delivery.state != Delivery.State.SENT or delivery.reason]


def _state(delivery: Delivery) -> str:
    """As beneath the message: Read 08:41, Failed: the mailbox is full."""
    since = delivery.arrived_at or delivery.sent_at
    words = f"{Delivery.State(delivery.state).label} {at(since)}" if since else Delivery.State(delivery.state).label
    return f"{words}: {delivery.reason}" if delivery.reason else words
