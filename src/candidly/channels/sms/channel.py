"""Text messages through one provider."""

import re
from collections.abc import Callable

from twilio.rest import Client

from candidly.channels.pooled import PooledChannel
from candidly.channels.sms.errors import NOT_A_NUMBER, SILENT, in_our_words
from candidly.channels.sms.requests import ProviderClient
from candidly.channels.sms.settings import SmsSettings
from candidly.envelope import OutgoingText, PermanentFailure, Receipt, Unconfirmed

E164 = re.compile(r"\+[1-9]\d{6,14}")


class SmsChannel(PooledChannel[OutgoingText]):
    """The SMS channel; see Channel for its promises."""

    name = "sms"

    def __init__(self, settings: SmsSettings) -> None:
        super().__init__(settings.connections, settings.connections, lambda _: settings.account)
        self._settings = settings
        self._http = ProviderClient(settings)
        self._client = Client(settings.account, settings.token, http_client=self._http)

    def close(self) -> None:
        super().close()
        self._http.close()

    def hand_over(self, message: OutgoingText, taken: Callable[[], None]) -> Receipt:
        name = self._request(message)
        taken()
        return Receipt(message.delivery_id, name)

    def _request(self, message: OutgoingText) -> str:
        """The provider's name for what it took. Raises DeliveryFailure."""
        if not E164.fullmatch(message.recipient):
            raise PermanentFailure(NOT_A_NUMBER.format(number=message.recipient[:40].replace("@", "·")))
        with in_our_words():
            kept = self._client.messages.create(
                to=message.recipient,
                from_=message.sender or self._settings.number,
                body=message.text,
                status_callback=f"{self._settings.status_url}?delivery={message.delivery_id}",
            )
        if not kept.sid:
            raise Unconfirmed(SILENT)
        return str(kept.sid)
