"""What members wrote in their own mail programs, kept in its conversation as if it had been written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from candidly.actions.attachments import keep_received
from candidly.actions.hearing import bring_along
from candidly.envelope import Incoming
from candidly.mail.addresses import normalise
from candidly.models import Conversation, Delivery, KnownMail, Member, Message, Participation, Unindexed


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that `member` wrote to others, as the mailbox of `known` has it since `at`. `others` as in Message."""

    conversation: Conversation
    member: Member
    known: KnownMail
    incoming: Incoming
    at: datetime
    others: str


def written(mail: Written) -> Message:
    """Append it as the member's; the caller holds the transaction. Nobody waits on us any more where it is news."""
    message = _append(mail)
    _deliver(mail, message)
    bring_along(mail.conversation, message)
    if mail.known.is_news:
        mail.conversation.participations.filter(is_waiting=True).update(is_waiting=False)
    return message


def _append(mail: Written) -> Message:
    incoming = mail.incoming
    message = Message.objects.create(
        organization_id=mail.conversation.organization_id,
        conversation=mail.conversation,
        direction=Message.Direction.OUT,
        channel=incoming.channel,
        member=mail.member,
        subject=incoming.subject[:998],
        text=incoming.reply,
        quoted=incoming.quoted,
        html=incoming.html,
        from_address=incoming.sender.email[:320],
        rfc_message_id=incoming.message_id[:998],
        in_reply_to=incoming.in_reply_to[:998],
        references=" ".join(incoming.references),
        others=mail.others,
        created_at=mail.at,
    )
    for file in incoming.files:
        keep_received(message, file)
    Unindexed.objects.create(message=message)
    return message


def _deliver(mail: Written, message: Message) -> None:
    """That it went to the person, where it did: then it stands in their portal too."""
    theirs = {normalise(email) for email in mail.conversation.person.emails}
    address = next((to.email for to in mail.incoming.recipients if normalise(to.email) in theirs), "")
    if address:
        Delivery.objects.create(
            organization_id=message.organization_id,
            message=message,
            mailbox=mail.known.mailbox,
            address=address[:254],
            state=Delivery.State.SENT,
            external_id=mail.known.external_id[:200],
            sent_at=mail.at,
            due_at=mail.at,
        )


def bring_in(conversation: Conversation, members: Sequence[Member], message: Message) -> None:
    """Members on a mail take part from now on."""
    rows = [
        Participation(
            conversation=conversation,
            member=member,
            role=Participation.Role.FOLLOWER,
            read_up_to=message.pk,
            last_message_at=message.created_at,
        )
        for member in members
        if member.user.is_active
    ]
    Participation.objects.bulk_create(rows, ignore_conflicts=True)
