"""Whether the provider would take our texts, without sending one."""

from twilio.rest import Client

from candidly.channels.sms.errors import in_our_words
from candidly.channels.sms.requests import ProviderClient
from candidly.channels.sms.settings import SmsSettings


def try_out(settings: SmsSettings) -> None:
    """As far as a text would go before it leaves: connection, account and token. Raises DeliveryFailure."""
    http = ProviderClient(settings)
    try:
        with in_our_words():
            Client(settings.account, settings.token, http_client=http).api.accounts(settings.account).fetch()
    finally:
        http.close()
