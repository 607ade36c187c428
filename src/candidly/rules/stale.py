"""What was said in a conversation while a member was writing: they should see it before they send."""

from django.db.models import Q

from candidly.models import Conversation, Member, Message, ScheduledMessage

Direction = Message.Direction


def said_since(member: Member, conversation: Conversation, seen: int) -> Message | None:
    """The newest message after message `seen` that somebody else said. What a machine said does not count,
    nor who leads the conversation by now."""
    newer = conversation.messages.filter(pk__gt=seen, automatic="").exclude(channel="event")
    others = newer.filter(Q(direction=Direction.IN) | ~Q(member=member))
    return others.select_related("member__user", "conversation__person").order_by("-pk").first()


def being_said(member: Member, conversation: Conversation) -> ScheduledMessage | None:
    """What somebody else has pressed Send for, and can still undo."""
    waiting = conversation.scheduled.filter(state=ScheduledMessage.State.WAITING, is_chosen=False)
    return waiting.exclude(member=member).select_related("member__user").first()


def sentence(message: Message) -> str:
    """What has happened, in words."""
    if message.direction == Direction.IN:
        who = message.conversation.person.full_name if message.person_id else message.from_address
        return f"A new message from {who} arrived since you opened this."
    writer = message.member.name if message.member else "A colleague"
    if message.direction == Direction.OWN:
        return f"{writer} left a note since you opened this."
    return f"{writer} answered since you opened this."
