"""The channels there are: a new one is one folder and one line here."""

from collections.abc import Callable, Mapping
from typing import Any

from candidly.channels.contract import Channel
from candidly.channels.sms.channel import SmsChannel
from candidly.channels.smtp.channel import SmtpChannel

FACTORIES: Mapping[str, Callable[[Any], Channel]] = {
    SmtpChannel.name: SmtpChannel,
    SmsChannel.name: SmsChannel,
}


def open_channel(name: str, settings: object) -> Channel:
    """The channel called `name`, with its own kind of settings (for "smtp": RelaySettings, for "sms": SmsSettings).

    Connects to nothing yet. Raises LookupError for a name that no channel has.
    """
    factory = FACTORIES.get(name)
    if factory is None:
        raise LookupError(f"There is no channel called “{name}”. Use one of: {', '.join(sorted(FACTORIES))}.")
    return factory(settings)
