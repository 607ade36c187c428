"""How to reach the provider that takes our text messages."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """An account at Twilio, or at what speaks its API.

    `account` and `token` are its SID and auth token. `number` (E.164) is the sender of texts that name none.
    `api_url` empty means Twilio's own address. `status_url` is where we hear what became of a text. `timeout` is in
    seconds; `connections` is how many requests are under way at once.
    """

    account: str
    token: str = field(repr=False)
    number: str = ""
    status_url: str = ""
    api_url: str = ""
    timeout: float = 15
    connections: int = 4
