"""Mail handed in at its sender's own mail server (RFC 6409), by our own SMTP client."""

from collections.abc import Callable
from functools import partial

from candidly.channels.imap.errors import NOT_LET_IN, PAUSE
from candidly.channels.imap.kept import Kept
from candidly.channels.imap.sessions import key_of
from candidly.channels.imap.settings import Access, ImapSettings, access_to
from candidly.channels.imap.tokens import tokens_of
from candidly.channels.smtp.channel import SmtpChannel
from candidly.channels.smtp.connect import try_out
from candidly.channels.smtp.settings import RelaySettings
from candidly.channels.smtp.sign_in import SignInFailed
from candidly.envelope import (
    DeliveryFailure,
    Failed,
    MailboxAccount,
    Outgoing,
    Receipt,
    ReconnectNeeded,
    TemporaryFailure,
    Withheld,
)

_MOST = 20  # each has a thread of its own
# Asked for a sign-in once more, or told that ours does not do (RFC 4954, 6).
_SIGN_IN_CODES = ("530", "534", "535", "538")


class Submission:
    """By many threads at once, for each mailbox by one."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._tokens = tokens_of(settings)
        self._kept = Kept(_MOST, SmtpChannel.close)

    def hand_in(self, account: MailboxAccount, mail: Outgoing, taken: Callable[[], None]) -> Receipt:
        """Calls `taken` the moment the server took it. Raises DeliveryFailure: Withheld while it cannot be reached."""
        return self._tokens.letting_in(account, partial(self._hand_in, account, mail, taken))

    def close(self) -> None:
        self._kept.close()

    def _hand_in(self, account: MailboxAccount, mail: Outgoing, taken: Callable[[], None], token: str) -> Receipt:
        access = access_to(account)
        key = key_of(account), token
        channel = self._kept.take(key) or SmtpChannel(relay(access, self._settings, token))
        (result,) = channel.send([mail], taken=lambda _: taken())
        if isinstance(result, Receipt):
            self._kept.give_back(key, channel)
            return result
        channel.close()
        assert isinstance(result, Failed)  # nobody stops it
        raise in_our_words(result.failure, access)


def relay(access: Access, settings: ImapSettings, token: str) -> RelaySettings:
    """The mailbox's server as our SMTP client has it."""
    return RelaySettings(
        host=access.smtp.host,
        port=access.smtp.port,
        security=access.smtp.security,
        username=access.username,
        password=access.password,
        access_token=token,
        connections=1,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
    )


def try_to_sign_in(account: MailboxAccount, settings: ImapSettings) -> None:
    """As far as a mail would go before it leaves. Raises DeliveryFailure."""
    access = access_to(account)

    def there_and_back(token: str) -> None:
        try:
            try_out(relay(access, settings, token))
        except TemporaryFailure as failure:
            raise in_our_words(failure, access) from failure

    tokens_of(settings).letting_in(account, there_and_back)


def in_our_words(failure: DeliveryFailure, access: Access) -> DeliveryFailure:
    """What keeps all mail of this mailbox back concerns no other."""
    if not (isinstance(failure, TemporaryFailure) and failure.gateway_down):
        return failure
    if (isinstance(failure, SignInFailed) and failure.reply.startswith("5")) or failure.reply[:3] in _SIGN_IN_CODES:
        return ReconnectNeeded(NOT_LET_IN.format(place=access.smtp.place), failure.reply)
    return Withheld(failure.reason, failure.reply, wait=PAUSE)
