"""What is true: the tables and their constraints."""

from candidly.models.agencies import Agency, AgencyInvitation, AgencyUser
from candidly.models.agency_talk import AgencyMessage, AgencyReadMark, AgencyReplyAddress, AgencyThread
from candidly.models.among import Among
from candidly.models.audit import AuditEvent
from candidly.models.campaigns import Campaign, CampaignIntake, CampaignMember
from candidly.models.consent import ConsentEvent, Purpose, Suppression
from candidly.models.conversations import Attachment, Conversation, Message, Participation, ReplyAddress
from candidly.models.deliveries import Delivery, Gateway, Notice, Pace
from candidly.models.imports import ImportProblem, PeopleImport
from candidly.models.inbound import InboundMail, LiveEvent, SandboxMail, SandboxText
from candidly.models.installation import Installation, Witness
from candidly.models.mailboxes import KnownMail, KnownThread, Mailbox
from candidly.models.mailings import AddressRule, Mailing, MailingRecipient, Place, Template, TemplateVersion
from candidly.models.organizations import Alerts, Member, Organization, Role, User
from candidly.models.people import Application, CustomField, Opening, Person, PersonSearch, Stage, Tag
from candidly.models.plans import Plan
from candidly.models.portal import PortalLink
from candidly.models.presence import Viewer
from candidly.models.reminders import Reminder
from candidly.models.scheduled import KeptDraft, ScheduledMessage
from candidly.models.sealed import SealBroken, Sealed
from candidly.models.search import MessageDocument, Unindexed

__all__ = [
    "AddressRule",
    "Agency",
    "AgencyInvitation",
    "AgencyMessage",
    "AgencyReadMark",
    "AgencyReplyAddress",
    "AgencyThread",
    "AgencyUser",
    "Alerts",
    "Among",
    "Application",
    "Attachment",
    "AuditEvent",
    "Campaign",
    "CampaignIntake",
    "CampaignMember",
    "ConsentEvent",
    "Conversation",
    "CustomField",
    "Delivery",
    "Gateway",
    "ImportProblem",
    "InboundMail",
    "Installation",
    "KeptDraft",
    "KnownMail",
    "KnownThread",
    "LiveEvent",
    "Mailbox",
    "Mailing",
    "MailingRecipient",
    "Member",
    "Message",
    "MessageDocument",
    "Notice",
    "Opening",
    "Organization",
    "Pace",
    "Participation",
    "PeopleImport",
    "Person",
    "PersonSearch",
    "Place",
    "Plan",
    "PortalLink",
    "Purpose",
    "Reminder",
    "ReplyAddress",
    "Role",
    "SandboxMail",
    "SandboxText",
    "ScheduledMessage",
    "SealBroken",
    "Sealed",
    "Stage",
    "Suppression",
    "Tag",
    "Template",
    "TemplateVersion",
    "Unindexed",
    "User",
    "Viewer",
    "Witness",
]
