"""What is true: the tables and their constraints."""

from candidly.models.conversations import Attachment, Conversation, Message, Participation, ReplyAddress
from candidly.models.deliveries import Delivery, Gateway, Notice
from candidly.models.inbound import InboundMail, LiveEvent, SandboxMail
from candidly.models.installation import Installation, Witness
from candidly.models.mailings import Mailing, MailingRecipient, Template
from candidly.models.organizations import Member, Organization, Role, User
from candidly.models.people import Application, Opening, Person, Stage, Tag

__all__ = [
    "Application",
    "Attachment",
    "Conversation",
    "Delivery",
    "Gateway",
    "InboundMail",
    "Installation",
    "LiveEvent",
    "Mailing",
    "MailingRecipient",
    "Member",
    "Message",
    "Notice",
    "Opening",
    "Organization",
    "Participation",
    "Person",
    "ReplyAddress",
    "Role",
    "SandboxMail",
    "Stage",
    "Tag",
    "Template",
    "User",
    "Witness",
]
