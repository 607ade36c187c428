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
        f"{conversation_url(conversation)}",
    )


def tell_of_mention(member: Member, conversation: Conversation, message: Message) -> None:
    """That a note names the member. Nothing is answered by this mail: it must not reach the candidate."""
    author = message.member.name if message.member else "A colleague"
    person = conversation.person.full_name
    _write_at_once(
        member, conversation, Notice.Kind.MENTION, f"{author} mentioned you: {person}", f"{author} wrote a note in the "
        f"conversation with {person}, which only your team sees:\n\n{message.text}",
    )  # fmt: skip


def tell_of_assignment(member: Member, by: Member, conversation: Conversation) -> None:
    """That the member leads the conversation from now on."""
    person = conversation.person.full_name
    _write_at_once(
        member, conversation, Notice.Kind.ASSIGNED, f"{by.name} assigned you the conversation with {person}",
        f"{by.name} assigned you the conversation with {person}. From now on you are told of each answer.",
    )  # fmt: skip


def _write_at_once(member: Member, conversation: Conversation, kind: Notice.Kind, subject: str, text: str) -> None:
    """To who wants each alert; a digest tells the others, if they want one. It names no address to answer to."""
    if member.alerts != Alerts.EACH:
        return
    notices.enqueue(
        kind=kind,
        organization=conversation.organization,
        user=member.user,
        conversation=conversation,
        to_address=member.email,
        subject=subject[:300],
        text=f"{text}\n\nOpen the conversation in Candidly to go on; answers to this mail reach nobody there:\n"
        f"{conversation_url(conversation)}",
    )


def conversation_url(conversation: Conversation) -> str:
    return f"{config().base_url}/conversations/{conversation.pk}/"


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
