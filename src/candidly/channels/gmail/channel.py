"""Mail through members' own Gmail mailboxes."""

from collections.abc import Callable

from candidly.channels.gmail.requests import Requests, connections
from candidly.channels.gmail.sending import Sending
from candidly.channels.gmail.settings import GmailSettings
from candidly.channels.pooled import PooledChannel
from candidly.envelope import MailboxOutgoing, Receipt


class GmailChannel(PooledChannel[MailboxOutgoing]):
    """The Gmail channel; see Channel for its promises. From one mailbox one mail leaves after the other."""

    name = "gmail"

    def __init__(self, settings: GmailSettings) -> None:
        super().__init__(settings.connections, 1, lambda message: message.account.mailbox_id)
        self._settings = settings
        self._http = connections(settings, settings.connections)

    def close(self) -> None:
        super().close()
        self._http.close()

    def hand_over(self, message: MailboxOutgoing, taken: Callable[[], None]) -> Receipt:
        return Sending(Requests(self._settings, self._http, message.account), message, taken).run()
