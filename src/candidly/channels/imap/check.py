"""Whether what a member entered opens their mailbox, to be read and to send by it."""

from collections.abc import Mapping
from functools import partial

from candidly.channels.imap.folders import folders_of
from candidly.channels.imap.session import Session
from candidly.channels.imap.settings import ImapSettings, allow, read_access
from candidly.channels.imap.submission import try_to_sign_in
from candidly.channels.imap.tokens import tokens_of
from candidly.envelope import MailboxAccount


def check(settings: ImapSettings, credentials: Mapping[str, str]) -> None:
    """Signs in to both servers, and takes leave; nothing is sent or changed. `credentials` as in `read_access`.

    Raises DeliveryFailure with a sentence on what is wrong and what to do about it.
    """
    access = read_access(credentials)
    allow(access, settings)
    account = MailboxAccount(0, access.username, credentials)
    session = tokens_of(settings).letting_in(account, partial(Session, access, settings))
    try:
        folders_of(session)
    finally:
        session.leave()
    try_to_sign_in(account, settings)
