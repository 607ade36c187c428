"""The channels there are: a new one is one folder and one line here.

Each is loaded when it is first opened: who sends no texts need not keep the library for them in memory.
"""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

from candidly.channels.contract import Channel, Mailboxes

CHANNELS: Mapping[str, str] = {
    "smtp": "candidly.channels.smtp.channel:SmtpChannel",
    "sms": "candidly.channels.sms.channel:SmsChannel",
    "gmail": "candidly.channels.gmail.channel:GmailChannel",
    "imap": "candidly.channels.imap.channel:ImapChannel",
}
#: Those of the channels that members' own mailboxes go by, as far as they are read.
MAILBOXES: Mapping[str, str] = {
    "gmail": "candidly.channels.gmail.mailboxes:GmailMailboxes",
    "imap": "candidly.channels.imap.mailboxes:ImapMailboxes",
}


def open_channel(name: str, settings: object) -> Channel:
    """The channel called `name`, with its own kind of settings (for "smtp": RelaySettings, for "sms": SmsSettings, for
    "gmail": GmailSettings, for "imap": ImapSettings).

    Connects to nothing yet. Raises LookupError for a name that no channel has.
    """
    if name not in CHANNELS:
        raise LookupError(f"There is no channel called “{name}”. Use one of: {', '.join(sorted(CHANNELS))}.")
    channel: Channel = _made(CHANNELS[name], settings)
    return channel


def open_mailboxes(name: str, settings: object) -> Mailboxes:
    """Members' mailboxes at the kind of provider called `name`, with its channel's kind of settings.

    Connects to nothing yet. Raises LookupError for a name that no kind of provider has.
    """
    if name not in MAILBOXES:
        raise LookupError(f"There are no mailboxes called “{name}”. Use one of: {', '.join(sorted(MAILBOXES))}.")
    mailboxes: Mailboxes = _made(MAILBOXES[name], settings)
    return mailboxes


def _made(place: str, settings: object) -> Any:
    return resolve_name(place)(settings)
