"""Decide who leads a conversation: whoever does is told of each answer."""

from django.db import transaction

from candidly.actions import alerts, internal, live
from candidly.actions.errors import Refused
from candidly.models import Conversation, Member, Participation
from candidly.rules import access

Role = Participation.Role


def assign(by: Member, conversation: Conversation, to: Member) -> bool:
    """`to` leads it from now on; whoever did follows. False when they lead it already.

    Raises Refused where either may not write there, and when somebody else assigned it meanwhile.
    """
    _check(by, conversation, to)
    if conversation.owner_id == to.pk:
        return False
    with transaction.atomic():
        unchanged = Conversation.objects.filter(pk=conversation.pk, owner=conversation.owner_id)
        if not unchanged.update(owner=to):
            raise Refused("Somebody else assigned this conversation meanwhile. Look who leads it now, then assign it.")
        _hand_over(by, conversation, to)
    return True


def _check(by: Member, conversation: Conversation, to: Member) -> None:
    if not access.answerable_for(by).filter(pk=conversation.pk).exists():
        raise Refused("You can read this conversation, but only those who may answer in it can assign it.")
    if not access.may_write(to):
        raise Refused(f"{to.name} has a read-only role and could not answer. Choose somebody else.")
    if not access.leaders_of(conversation).filter(pk=to.pk).exists():
        raise Refused(f"{to.name} cannot see this conversation. Choose somebody else.")


def _hand_over(by: Member, conversation: Conversation, to: Member) -> None:
    conversation.participations.filter(role=Role.OWNER).exclude(member=to).update(role=Role.FOLLOWER)
    if by == to:
        message = internal.remark(conversation, by, "leads this conversation now")
        internal.bring_in(conversation, to, message, Role.OWNER)
        conversation.participations.filter(member=to).update(is_unread=False, read_up_to=message.pk)
    else:
        message = internal.remark(conversation, by, f"assigned this to {to.name}", [to])
        internal.bring_in(conversation, to, message, Role.OWNER)
        alerts.tell_of_assignment(to, by, conversation)
    live.publish(f"conversation:{conversation.pk}", "assigned")
