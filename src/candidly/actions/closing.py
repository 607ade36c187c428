"""Answer who writes after their application was declined: once, and politely."""

from candidly.actions import notices
from candidly.models import Conversation, Message, Notice
from candidly.rules.automatic import may_answer_automatically
from candidly.rules.subjects import reply_subject

CLOSED = """\
Dear {name},

thank you for your message. Your application with {organization} is closed, so nobody answers here any more; what you
wrote has been kept with your application.

We wish you all the best.
{organization}
"""


def tell_closed(conversation: Conversation, message: Message) -> None:
    """Once in a conversation, and only to a person who wrote by mail: the portal says it on its page."""
    person = conversation.person
    told = Notice.objects.filter(conversation=conversation, kind=Notice.Kind.CLOSED)
    if told.exists() or not may_answer_automatically(message, person):
        return
    notices.enqueue(
        kind=Notice.Kind.CLOSED,
        organization=conversation.organization,
        person=person,
        conversation=conversation,
        to_address=message.from_address,
        from_name=conversation.organization.name,
        subject=reply_subject(message.subject or conversation.subject),
        text=CLOSED.format(name=person.first_name or person.full_name, organization=conversation.organization.name),
        message=message,
    )
