"""The channels there are: a new one is one folder and one line here."""

from collections.abc import Callable, Mapping
from typing import Any

from candidly.channels.contract import Channel, Mailboxes
from candidly.channels.gmail.channel import GmailChannel
from candidly.channels.gmail.mailboxes import GmailMailboxes
from candidly.channels.imap.channel import ImapChannel
from candidly.channels.imap.mailboxes import ImapMailboxes
from candidly.channels.sms.channel import SmsChannel
from candidly.channels.smtp.channel import SmtpChannel

FACTORIES: Mapping[str, Callable[[Any], Channel]] = {
    SmtpChannel.name: SmtpChannel,
    SmsChannel.name: SmsChannel,
    GmailChannel.name: GmailChannel,
    ImapChannel.name: ImapChannel,
}
#: Those of the channels that members' own mailboxes go by, as far as they are read.
MAILBOXES: Mapping[str, Callable[[Any], Mailboxes]] = {
    GmailMailboxes.name: GmailMailboxes,
    ImapMailboxes.name: ImapMailboxes,
}


def open_channel(name: str, settings: object) -> Channel:
    """The channel called `name`, with its own kind of settings (for "smtp": RelaySettings, for "sms": SmsSettings, for
    "gmail": GmailSettings, for "imap": ImapSettings).

    Connects to nothing yet. Raises LookupError for a name that no channel has.
    """
    factory = FACTORIES.get(name)
    if factory is None:
        raise LookupError(f"There is no channel called “{name}”. Use one of: {', '.join(sorted(FACTORIES))}.")
    return factory(settings)


def open_mailboxes(name: str, settings: object) -> Mailboxes:
    """Members' mailboxes at the kind of provider called `name`, with its channel's kind of settings.

    Connects to nothing yet. Raises LookupError for a name that no kind of provider has.
    """
    factory = MAILBOXES.get(name)
    if factory is None:
        raise LookupError(f"There are no mailboxes called “{name}”. Use one of: {', '.join(sorted(MAILBOXES))}.")
    return factory(settings)
