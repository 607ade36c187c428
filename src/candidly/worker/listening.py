"""Listen to members' mailboxes where their provider tells of news by itself (IMAP IDLE), each in a thread of its own.

There may be more mailboxes than listeners: the others are looked at every few seconds as any mailbox is.
"""

from collections.abc import Callable, Mapping

import structlog

from candidly.actions import listening, mailbox_work
from candidly.channels.contract import OpenMailbox
from candidly.envelope import DeliveryFailure
from candidly.models import Mailbox, SealBroken
from candidly.worker.providers import Provider

log = structlog.get_logger()

#: Seconds: how soon a listener notices that it is to stop, or that the mailbox was disconnected.
AT_A_TIME = 10.0


class Listening:
    """One listener. `is_stopping` ends its round."""

    def __init__(self, providers: Mapping[str, Provider], is_stopping: Callable[[], bool]) -> None:
        self._providers = {name: one for name, one in providers.items() if one.mailboxes.can_listen}
        self._is_stopping = is_stopping

    def round(self) -> bool:
        """Listen to one mailbox for as long as it goes; False when there is none that nobody listens to."""
        mailbox = listening.claim(self._providers) if self._providers else None
        if mailbox is None:
            return False
        try:
            with self._providers[mailbox.provider].mailboxes.open(mailbox_work.account_of(mailbox)) as box:
                self._listen(mailbox, box)
        except (DeliveryFailure, SealBroken) as failure:
            log.info("a mailbox could not be listened to", mailbox=mailbox.pk, error=type(failure).__name__)
            listening.end(mailbox, failed=True)
        return True

    def _listen(self, mailbox: Mailbox, box: OpenMailbox) -> None:
        while not self._is_stopping():
            if box.listen(AT_A_TIME):
                listening.heard(mailbox)
            if not listening.go_on(mailbox):
                return
        listening.end(mailbox)
