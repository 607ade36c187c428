"""What the provider calls us with: whether it was the provider, and what it says."""

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from candidly.channels.sms.errors import BARS, reason_for
from candidly.envelope import Became, TextStatus

SIGNATURE = "X-Twilio-Signature"
#: Its words for how far a text came, as far as they tell us more than that it was taken.
BECAME = {
    "sent": Became.SENT,
    "delivered": Became.DELIVERED,
    "read": Became.READ,
    "failed": Became.FAILED,
    "undelivered": Became.BOUNCED,
}
NO_REASON = "The provider did not say why it was not delivered. Try again, or choose another channel."


def is_signed(token: str, url: str, fields: Any, signature: str) -> bool:
    """Whether the provider made this request: `url` as it called it, `fields` of its form (a dict or a QueryDict)."""
    return bool(token) and bool(RequestValidator(token).validate(url, fields, signature))


def signature_of(token: str, url: str, fields: Mapping[str, str]) -> str:
    """What the provider would sign this request with."""
    return str(RequestValidator(token).compute_signature(url, fields))


def read_status(delivery: str, fields: Mapping[str, str]) -> TextStatus | None:
    """What the status callback of our delivery says; None when that is nothing that changes anything."""
    became = BECAME.get(fields.get("MessageStatus", ""))
    is_id = delivery.isascii() and delivery.isdigit() and len(delivery) < 19
    if became is None or not is_id:
        return None
    name = fields.get("MessageSid", "").replace("\x00", "")
    if became not in (Became.FAILED, Became.BOUNCED):
        return TextStatus(int(delivery), name, became)
    code = fields.get("ErrorCode", "")
    is_code = code.isascii() and code.isdigit() and len(code) < 10
    reason = reason_for(int(code)) if is_code else NO_REASON
    bars = BARS.get(int(code)) if is_code else None
    return TextStatus(int(delivery), name, became, reason, f"{fields['MessageStatus']} {code}".strip(), bars)
