"""Mail between the cast: written by the actions, and received as it comes from outside."""

from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from candidly.actions import arrivals, conversations, receive
from candidly.models import Conversation, Member, Message, Person
from candidly.rules.mail_identity import reply_address

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def write_to(
    person: Person, member: Member, subject: str = "Your application", text: str = "Hello", **more: Any
) -> Message:
    """A first e-mail from the member."""
    return conversations.start(member, person, subject=subject, text=text, **more)


def hears_from(
    person: Person, conversation: Conversation, text: str, mail: EmailMessage | None = None, **headers: str
) -> Message:
    """The person answers by mail: `text`, or a whole `mail` of which the text is a part."""
    mail = mail or plain(text)
    mail["From"] = f"{person.full_name} <{person.email}>"
    mail["To"] = _address(conversation)
    mail["Subject"] = headers.pop("subject", f"Re: {conversation.subject}")
    mail["Message-ID"] = make_msgid(domain="mail.example")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    (stored,) = arrivals.store(envelope_from=person.email, recipients=[_address(conversation)], raw=mail.as_bytes())
    receive.process(stored)
    stored.refresh_from_db()
    assert stored.message is not None, stored.problem
    return stored.message


def plain(text: str) -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(text)
    return mail


def formatted(html: str, text: str = "See the formatted part") -> EmailMessage:
    mail = plain(text)
    mail.add_alternative(html, subtype="html")
    return mail


def _address(conversation: Conversation) -> str:
    return reply_address(conversation.reply_addresses.get(person=conversation.person).token)
