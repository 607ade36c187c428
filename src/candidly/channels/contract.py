"""What every channel promises, whatever it speaks to outside."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from candidly.envelope import (
    Failed,
    Label,
    MailboxAccount,
    MailboxMail,
    MailHead,
    Receipt,
    Result,
    SeenMail,
    SyncPage,
    Untouched,
)

__all__ = ["Channel", "Failed", "Mailboxes", "OpenMailbox", "Receipt", "Result", "Untouched"]


def nobody(delivery: int) -> None:
    """Who does not want to know."""


class Channel[M = Any](Protocol):
    """One kind of outside, which takes messages of the form `M`. Used by one thread at a time, except for `stop`.

    `send` yields exactly one result for each message of the batch, in any order, as soon as it is known,
    and raises nothing of its own. A caller that leaves the iteration early loses the results of what was
    under way then; nothing further is begun. After a failure with `gateway_down` the rest of the batch
    fails alike, without being tried. A message once begun is seen through.

    `batch` may grow while it is being sent. None in it means that there is nothing more at the moment: it is asked
    again, in the caller's thread, whenever results are known, and every fifth of a second, until it ends.

    `taken` is called with a delivery's id the moment the other side took it, before anything else is done and in
    whatever thread that happens: what it notes survives when this process does not. It must be quick.

    `stop` makes a running `send`, and every later one, begin nothing more. It only sets a mark, so a
    signal handler may call it. `close` lets go of all connections.
    """

    name: str

    def send(self, batch: Iterable[M | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


class OpenMailbox(Protocol):
    """A member's own mailbox, open to be read. One thread at a time; used as a context manager, which lets go of it.

    Every method raises DeliveryFailure, and of these: ReconnectNeeded when the mailbox does not let us in any more;
    Withheld when it is not to be asked for `wait` seconds; TemporaryFailure for what may pass by itself, with
    `gateway_down` when the provider cannot be reached at all, by any mailbox. Drafts, spam and what is in the bin are
    never told of. Nothing is marked as read.

    `account` is the one that was given or, where opening it renewed the credentials, the one to keep from now on.
    """

    @property
    def account(self) -> MailboxAccount: ...

    def own_addresses(self) -> frozenset[str]:
        """Under which addresses its owner writes, lower case: `account.address` and, where known, others."""
        ...

    def label(self, name: str) -> Label | None:
        """The label that is called so, whatever the case of its letters, if there is one."""
        ...

    def ensure_label(self, name: str, known_id: str = "") -> Label:
        """The label to use from now on: that with the id `known_id`, however it is called by now; if there is none (it
        was deleted), the one called `name`; otherwise a new one of that name."""
        ...

    def changes(self, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
        """What has changed since `cursor`, page by page; the last page's cursor is where the next call goes on, and a
        call yields one page at least.

        Told are mails that came into the inbox, or were sent by the owner, or came into any thread; and mails that got
        one of the `labels` (ids). Which of them are of concern the caller decides, by label and thread, before a word
        of them is read. Raises FullResyncNeeded.
        """
        ...

    def everything(self, labels: Collection[str], since: datetime | None) -> Iterator[SyncPage]:
        """What to look at when there is no cursor, or it does not hold any more: all mails with one of the `labels`,
        and those that came into the inbox or were sent since the moment `since` (none of these when it is None). All
        pages have the same cursor, taken before anything was looked at, so that nothing is missed; it is to be saved
        when the last page was dealt with. A call yields one page at least.
        """
        ...

    def heads(self, external_ids: Iterable[str]) -> Iterator[MailHead]:
        """What stands on the outside of these mails, in any order, without those that are gone."""
        ...

    def mails(self, external_ids: Iterable[str]) -> Iterator[MailboxMail]:
        """These mails whole, in any order, without those that are gone."""
        ...

    def thread(self, thread_id: str) -> tuple[SeenMail, ...]:
        """Every mail of the thread, oldest first; none when it is gone."""
        ...

    def watch(self) -> datetime | None:
        """Ask the provider to call us when something changes; returns until when it will, None when it does not do
        such a thing or is not set up for it. To be renewed a day before."""
        ...

    def listen(self, seconds: float) -> bool:
        """Wait until something changes, and `seconds` at most; says whether something did. False at once where no such
        mailbox can be listened to (`Mailboxes.can_listen`); PermanentFailure where this one's server does not do it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Mailboxes(Protocol):
    """All mailboxes of one kind of provider, as far as they are read; what goes out is the Channel of the same `name`,
    which takes MailboxOutgoing. Used by many threads at once.

    `can_listen`: OpenMailbox.listen waits for news, so that somebody may keep the mailbox open for it.
    """

    name: str
    can_listen: bool

    def open(self, account: MailboxAccount) -> OpenMailbox:
        """Asks nothing of the outside before the first method does."""
        ...

    def close(self) -> None: ...
