"""A mail server of the past: what was written in the story has long been taken, or has come back."""

import math
from collections.abc import Iterable, Iterator

from candidly.demo.candidates import GONE_PREFIX
from candidly.envelope import Failed, Outgoing, PermanentFailure, Receipt, Result

NO_MAILBOX = PermanentFailure(
    "There is no such mailbox any more. Ask the candidate for their new address and correct it on the profile.",
    reply="550 5.1.1 There is no such mailbox here",
)


class PastRelay:
    """A channel (candidly.channels.contract) that sends nothing."""

    name = "email"

    def send(self, batch: Iterable[Outgoing], *, within: float = math.inf) -> Iterator[Result]:
        for outgoing in batch:
            if outgoing.recipient.email.startswith(GONE_PREFIX):
                yield Failed(outgoing.delivery_id, NO_MAILBOX)
            else:
                yield Receipt(outgoing.delivery_id, reply="250 2.0.0 OK")

    def stop(self) -> None:
        """There is nothing to stop."""

    def close(self) -> None:
        """There is nothing to close."""
