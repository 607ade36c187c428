"""Who provides members' mailboxes: how each lets us in, and what it takes back.

Each is loaded only where the installation is set up for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Protocol

from candidly.channels.contract import Mailboxes
from candidly.config import Config
from candidly.envelope import MailboxAccount


@dataclass(frozen=True, slots=True)
class Let:
    """A mailbox lets us in: its `address`, and the `credentials` to keep."""

    address: str
    credentials: Mapping[str, str] = field(repr=False)


class Provider(Protocol):
    """One kind of mailbox, beside what its `mailboxes` promise."""

    @property
    def mailboxes(self) -> Mailboxes: ...

    def connect(self, attempt: Mapping[str, str]) -> Let:
        """What an attempt leads to. Raises DeliveryFailure with a sentence for the member."""
        ...

    def withdraw(self, account: MailboxAccount) -> None:
        """Give our access back, as far as the provider knows such a thing. Raises DeliveryFailure when it did not hear
        it."""
        ...


#: By the setting that switches it on.
PROVIDERS: Mapping[str, str] = {
    "gmail": "candidly.worker.providers.gmail:provided",
    "imap": "candidly.worker.providers.imap:provided",
}


def providers_of(config: Config) -> dict[str, Provider]:
    """By name, those that this installation is set up for."""
    return {name: resolve_name(place)(config) for name, place in PROVIDERS.items() if getattr(config, name)}
