"""Tell members by mail of what people answered, as each member wants it."""

from candidly.actions import notices
from candidly.config import config
from candidly.models import Alerts, Conversation, Member, Message, Notice, Participation, ReplyAddress
from candidly.rules import mail_identity
from candidly.rules.subjects import reply_subject


def tell_of_reply(participation: Participation, conversation: Conversation, message: Message) -> None:
    """A copy for who leads the conversation: replies go to the sender alone. Others see it in their inbox."""
    member = participation.member
    if participation.role == Participation.Role.OWNER and member.alerts == Alerts.EACH:
        _copy_to(member, conversation, message)


def _copy_to(member: Member, conversation: Conversation, message: Message) -> None:
    """For the member’s own inbox, with a reply address of their own: answering it answers the person."""
    person = conversation.person.full_name
    notices.enqueue(
        kind=Notice.Kind.REPLY_COPY,
        organization=conversation.organization,
        user=member.user,
        conversation=conversation,
        message=message,
        to_address=member.email,
        from_name=person,
        reply_to=own_reply_address(member, conversation),
        subject=message.subject or reply_subject(conversation.subject),
        text=f"{message.text}\n\n--\nAnswer this mail to write to {person}, or open the conversation in Candidly:\n"
        f"{config().base_url}/conversations/{conversation.pk}/",
    )


def own_reply_address(member: Member, conversation: Conversation) -> str:
    """By which the member answers in this conversation from their own mail program."""
    address, _ = ReplyAddress.objects.get_or_create(
        conversation=conversation,
        member=member,
        defaults={
            "organization_id": conversation.organization_id,
            "token": mail_identity.new_token(),
        },
    )
    return mail_identity.reply_address(address.token)
