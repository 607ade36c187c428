"""Members' own mailboxes: connected, looked at, given up. Each round takes the one that is due longest."""

from collections.abc import Callable, Mapping

from django.db import DatabaseError, InterfaceError

from candidly.actions import mailbox_work, mailboxes
from candidly.envelope import DeliveryFailure, ReconnectNeeded, TemporaryFailure
from candidly.models import Mailbox, SealBroken
from candidly.rules import own_mailboxes
from candidly.worker.look import Look, LookedEnough
from candidly.worker.providers import Provider

NO_PROVIDER = "This server is not set up for such mailboxes. Ask whoever runs it."
BROKE_OFF = "The look at the mailbox broke off. It is tried again; the log of the server says where."


class Reading:
    """One reader among many, on this machine and on others; `worker` is its name, which no other has."""

    def __init__(
        self, worker: str, providers: Mapping[str, Provider], is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """`is_stopping` ends a long look between two mails."""
        self._worker = worker
        self._providers = providers
        self._is_stopping = is_stopping

    def round(self) -> bool:
        """Look after one mailbox; False when none is due."""
        mailbox = mailbox_work.claim(self._worker)
        if mailbox is None:
            return False
        try:
            self._look_after(mailbox)
        except ReconnectNeeded as failure:
            self._lose(mailbox, failure.reason)
        except DeliveryFailure as failure:
            wait = failure.wait if isinstance(failure, TemporaryFailure) else 0
            mailbox_work.put_off(mailbox, self._worker, failure.reason, wait)
        except LookedEnough:
            mailbox_work.let_go(mailbox, self._worker)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            mailbox_work.put_off(mailbox, self._worker, BROKE_OFF)
            raise
        return True

    def _look_after(self, mailbox: Mailbox) -> None:
        if mailbox.discarded:
            self._withdraw(mailbox)
        if mailbox.attempt:
            self._connect(mailbox)
            mailbox_work.let_go(mailbox, self._worker)
        elif mailbox.state != Mailbox.State.CONNECTED:
            mailbox_work.let_go(mailbox, self._worker)
        elif own_mailboxes.are_used(mailbox.organization):
            mailbox_work.done(mailbox, self._worker, self._look_at(mailbox))
        else:
            mailbox_work.rest(mailbox, self._worker)

    def _look_at(self, mailbox: Mailbox) -> int:
        try:
            account = mailbox_work.account_of(mailbox)
        except SealBroken as error:
            raise ReconnectNeeded(mailbox_work.KEY_IS_GONE) from error
        with self._provider(mailbox.provider).mailboxes.open(account) as box:
            try:
                return Look(self._worker, mailbox, box, self._is_stopping).at_news()
            finally:
                if box.account != account:
                    mailbox_work.keep_account(mailbox, box.account)

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise TemporaryFailure(NO_PROVIDER)
        return self._providers[name]

    def _connect(self, mailbox: Mailbox) -> None:
        attempt = mailbox_work.attempt_of(mailbox)
        name = attempt.get("provider", mailbox.provider)
        try:
            let = self._provider(name).connect(attempt)
        except DeliveryFailure as failure:
            is_of_sign_in = isinstance(failure, ReconnectNeeded)
            mailboxes.refuse(mailbox, failure.reason, name, is_of_sign_in=is_of_sign_in)
        else:
            mailboxes.connect(mailbox, name, let.address, let.credentials)

    def _withdraw(self, mailbox: Mailbox) -> None:
        """Once it was tried often enough, or the mailbox is to be connected anew, it is forgotten without."""
        account = mailbox_work.discarded_of(mailbox)
        try:
            if account is not None:
                self._provider(mailbox.provider).withdraw(account)
        except DeliveryFailure:
            if not mailbox.attempt and mailbox.failures < mailbox_work.WITHDRAWALS:
                raise
        mailbox_work.withdrawn(mailbox)

    def _lose(self, mailbox: Mailbox, reason: str) -> None:
        if mailboxes.lose(mailbox.pk, reason):
            mailbox_work.let_go(mailbox, self._worker)
        else:
            mailbox_work.put_off(mailbox, self._worker, reason)
