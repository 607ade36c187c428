"""Put a received mail where it belongs: into its conversation, or aside for a member to decide."""

from typing import Any

from candidly.actions import live
from candidly.actions.hearing import Heard, hear
from candidly.actions.writing import snippet_of
from candidly.envelope import Incoming
from candidly.models import Conversation, InboundMail, Message

State = InboundMail.State
UNDECIDED = (State.STORED, State.REVIEW)


#: What lists show of a mail.
SHOWN = ("from_name", "from_address", "subject", "snippet")


def describe(mail: InboundMail, incoming: Incoming) -> None:
    """What lists show of the mail; it is saved when its end is."""
    mail.from_name = incoming.sender.name[:320]
    mail.from_address = incoming.sender.email[:320]
    mail.subject = incoming.subject[:998]
    mail.snippet = snippet_of(incoming.reply)


def end(mail: InboundMail, state: str, **fields: Any) -> bool:
    """Bring an undecided mail to its end state; False when somebody has decided on it already."""
    undecided = InboundMail.objects.filter(pk=mail.pk, state__in=UNDECIDED)
    shown = {name: getattr(mail, name) for name in SHOWN}
    return bool(undecided.update(state=state, lease_until=None, **shown, **fields))


def set_aside(mail: InboundMail, problem: str, suggestion: Conversation | None) -> None:
    """To the review tray, with the reason in plain words and the likeliest conversation."""
    if end(mail, State.REVIEW, problem=problem[:500], suggestion=suggestion):
        live.publish(f"review:{mail.organization_id}", "review")


def file(mail: InboundMail, conversation: Conversation, incoming: Incoming, **decided: Any) -> Message | None:
    """Append the mail to the conversation and tell those who take part; the caller holds the transaction.

    None when it was decided on already, or the conversation holds it: some mailers send a thing twice.
    """
    if incoming.message_id and conversation.messages.filter(rfc_message_id=incoming.message_id[:998]).exists():
        end(mail, State.DUPLICATE, **decided)
        return None
    if not end(mail, State.FILED, **decided):
        return None
    message = hear(conversation, heard(incoming))
    InboundMail.objects.filter(pk=mail.pk).update(message=message)
    return message


def heard(incoming: Incoming, **circumstances: Any) -> Heard:
    """What a mail says; `circumstances` are fields of Heard that it cannot know."""
    return Heard(
        channel=incoming.channel,
        text=incoming.reply,
        subject=incoming.subject,
        quoted=incoming.quoted,
        html=incoming.html,
        from_address=incoming.sender.email,
        rfc_message_id=incoming.message_id,
        in_reply_to=incoming.in_reply_to,
        references=incoming.references,
        automatic=incoming.automatic,
        files=incoming.files,
        **circumstances,
    )
