"""What is true: the tables and their constraints."""

from candidly.models.consent import ConsentEvent, Purpose, Suppression
from candidly.models.conversations import Attachment, Conversation, Message, Participation, ReplyAddress
from candidly.models.deliveries import Delivery, Gateway, Notice
from candidly.models.inbound import InboundMail, LiveEvent, SandboxMail, SandboxText
from candidly.models.installation import Installation, Witness
from candidly.models.mailings import Mailing, MailingRecipient, Template
from candidly.models.organizations import Alerts, Member, Organization, Role, User
from candidly.models.people import Application, Opening, Person, Stage, Tag
from candidly.models.portal import PortalLink
from candidly.models.presence import Viewer
from candidly.models.reminders import Reminder
from candidly.models.scheduled import KeptDraft, ScheduledMessage
from candidly.models.search import MessageDocument, Unindexed

__all__ = [
    "Alerts",
    "Application",
    "Attachment",
    "ConsentEvent",
    "Conversation",
    "Delivery",
    "Gateway",
    "InboundMail",
    "Installation",
    "KeptDraft",
    "LiveEvent",
    "Mailing",
    "MailingRecipient",
    "Member",
    "Message",
    "MessageDocument",
    "Notice",
    "Opening",
    "Organization",
    "Participation",
    "Person",
    "PortalLink",
    "Purpose",
    "Reminder",
    "ReplyAddress",
    "Role",
    "SandboxMail",
    "SandboxText",
    "ScheduledMessage",
    "Stage",
    "Suppression",
    "Tag",
    "Template",
    "Unindexed",
    "User",
    "Viewer",
    "Witness",
]
