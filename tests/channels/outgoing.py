"""Mails from Hannah the recruiter to Amara, Kwame and the others."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from candidly.envelope import Address, Failed, MailboxAccount, MailboxOutgoing, Outgoing, OutgoingText, Receipt, Result

HANNAH = Address("hannah@northlane.example", "Hannah Whitlock")


def mail(to: str = "amara@mail.example", delivery_id: int = 1, **changes: Any) -> Outgoing:
    values: dict[str, Any] = {
        "delivery_id": delivery_id,
        "sender": HANNAH,
        "recipient": Address(to),
        "subject": "Your application",
        "text": "Dear candidate,\n.a line with a leading dot\n",
        "message_id": f"<{delivery_id}@northlane.example>",
        "date": datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    }
    return Outgoing(**{**values, **changes})


def mails(count: int, domains: int = 1) -> list[Outgoing]:
    return [mail(f"candidate{n}@mail{n % domains}.example", delivery_id=n) for n in range(1, count + 1)]


def from_mailbox(
    account: MailboxAccount, thread_id: str = "", *, in_doubt: bool = False, **changes: Any
) -> MailboxOutgoing:
    """Out through Hannah's own mailbox."""
    values = {"sender": Address(account.address, HANNAH.name), "date": datetime.now(UTC), **changes}
    return MailboxOutgoing(mail(**values), account, thread_id, in_doubt)


def text(to: str = "+447700900101", delivery_id: int = 1, **changes: Any) -> OutgoingText:
    return OutgoingText(**{"delivery_id": delivery_id, "recipient": to, "text": "See you at nine.", **changes})


def the_one(results: Iterable[Result]) -> Result:
    """The only result of a batch of one."""
    (result,) = results
    return result


def failure(results: Iterable[Result], kind: type) -> Any:
    """The failure, which must be of this kind, of a batch of one."""
    result = the_one(results)
    assert isinstance(result, Failed), result
    assert isinstance(result.failure, kind), repr(result.failure)
    return result.failure


def receipts(results: Iterable[Result]) -> list[int]:
    """The ids of the deliveries that were taken, in order."""
    return sorted(result.delivery_id for result in results if isinstance(result, Receipt))
