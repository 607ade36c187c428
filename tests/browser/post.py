"""Mail as it comes from outside: handed to the listening door by SMTP, as any mail server does."""

import smtplib
from email.message import EmailMessage
from email.utils import make_msgid

from candidly.models import Conversation, InboundMail
from candidly.rules.mail_identity import reply_address
from tests.browser.stack import Stack
from tests.peers.processes import wait_until


def reply_address_of(conversation: Conversation) -> str:
    """Where the person's answers go."""
    return reply_address(conversation.reply_addresses.get(person=conversation.person).token)


def hand_in(stack: Stack, conversation: Conversation, mail: EmailMessage, sender: str = "") -> InboundMail:
    """Sends `mail` to the conversation, from its person unless another `sender` is given; returns when it was read."""
    sender = sender or conversation.person.email
    to = reply_address_of(conversation)
    mail["From"] = f"{conversation.person.full_name} <{sender}>"
    mail["To"] = to
    mail["Subject"] = f"Re: {conversation.subject}"
    mail["Message-ID"] = make_msgid(domain="mail.example")
    with smtplib.SMTP("127.0.0.1", stack.inbound_port, timeout=30) as server:
        server.send_message(mail, sender, [to])
    undecided = InboundMail.objects.filter(envelope_to=to, state=InboundMail.State.STORED)
    wait_until(lambda: not undecided.exists(), "the mail was read")
    return InboundMail.objects.filter(envelope_to=to).latest("pk")
