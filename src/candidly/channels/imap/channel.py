"""Mail through members' own mailboxes at any provider: SMTP takes it, IMAP keeps it among what was sent."""

from collections.abc import Callable, Hashable
from time import monotonic
from typing import NamedTuple

from candidly.channels.imap.errors import PAUSE
from candidly.channels.imap.sending import Habits, Sending
from candidly.channels.imap.sessions import Sessions, key_of
from candidly.channels.imap.settings import ImapSettings
from candidly.channels.imap.submission import Submission
from candidly.channels.pooled import PooledChannel
from candidly.envelope import MailboxOutgoing, Receipt, Withheld

_MOST = 1000


class _Rest(NamedTuple):
    until: float
    why: Withheld


class ImapChannel(PooledChannel[MailboxOutgoing]):
    """The IMAP channel; see Channel for its promises. From one mailbox one mail leaves after the other.

    Each mailbox has a server of its own: one that does not answer keeps back its own mail, and no other.
    """

    name = "imap"

    def __init__(self, settings: ImapSettings) -> None:
        super().__init__(settings.connections, 1, lambda message: message.account.mailbox_id)
        self._sessions = Sessions(settings)
        self._submission = Submission(settings)
        self._habits = Habits(settings.patience)
        self._resting: dict[Hashable, _Rest] = {}

    def close(self) -> None:
        super().close()
        self._submission.close()
        self._sessions.close()

    def hand_over(self, message: MailboxOutgoing, taken: Callable[[], None]) -> Receipt:
        key = key_of(message.account)
        self._let_rest(key)
        try:
            return Sending(self._sessions, self._submission, self._habits, message, taken).run()
        except Withheld as why:
            self._resting[key] = _Rest(monotonic() + (why.wait or PAUSE), why)
            raise

    def _let_rest(self, key: Hashable) -> None:
        """A mailbox that did not let us in is not asked again by each mail of a mailing: servers lock out who tries a
        wrong password often."""
        now = monotonic()
        if len(self._resting) > _MOST:
            self._resting = {other: rest for other, rest in self._resting.items() if rest.until > now}
        rest = self._resting.get(key)
        if rest and rest.until > now:
            wait = rest.until - now if rest.why.wait else 0
            raise type(rest.why)(rest.why.reason, rest.why.reply, wait=wait)
