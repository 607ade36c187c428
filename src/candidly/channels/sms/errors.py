"""What the provider's error codes mean for people (https://www.twilio.com/docs/api/errors)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from requests import RequestException
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, SSLError
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from candidly.envelope import Bars, DeliveryFailure, PermanentFailure, TemporaryFailure, Unconfirmed

OPTED_OUT = 21610

REASONS = {
    20003: "The text message provider does not accept the account and token. Check CANDIDLY_SMS_ACCOUNT and "
    "CANDIDLY_SMS_TOKEN.",
    20005: "The account at the text message provider is not active. Sign in there to see why.",
    20404: "The text message provider does not know the account. Check CANDIDLY_SMS_ACCOUNT.",
    21201: "There is no phone number to send it to. Add one on the profile, then send again.",
    21211: "This is not a phone number that exists. Correct it on the profile, then send again.",
    21212: "The number that texts are sent from is not valid. Correct it in the settings.",
    21214: "This phone number cannot be reached. Check it on the profile, or choose another channel.",
    21217: "This phone number is not written as it should be. Correct it on the profile, then send again.",
    21408: "Texts to this country are not switched on at the provider. Allow the country there, then send again.",
    21603: "No number is set to send texts from. Set one in the settings, then send again.",
    21606: "The number that texts are sent from does not belong to the account, or cannot send texts. Choose another.",
    21609: "The provider cannot reach this installation at its address. Check CANDIDLY_BASE_URL.",
    OPTED_OUT: "This person answered STOP, so the provider takes no texts to them. They can text START to change that.",
    21611: "Too many texts wait at the provider already.",
    21612: "The provider cannot reach this phone number from ours. Choose another channel.",
    21614: "This is not a mobile phone number, so it takes no texts. Choose another channel.",
    21617: "The text is too long for a text message. Shorten it, then send again.",
    30001: "Too many texts waited at the provider, and this one was dropped. Send it again.",
    30002: "The account at the text message provider is suspended. Sign in there to see why.",
    30003: "The phone could not be reached: it is switched off, or out of coverage for long. Try again later.",
    30004: "The person or their phone company blocks texts from this number. Choose another channel.",
    30005: "This phone number is not in use. Check it on the profile.",
    30006: "This is a landline, or its phone company takes no texts. Choose another channel.",
    30007: "The phone company took it for spam and dropped it. Say it in other words, or choose another channel.",
    30008: "The phone company did not say why it was not delivered. Try again, or choose another channel.",
    30009: "A part of the text was lost on the way. Send it again.",
    30032: "The number that texts are sent from is not verified yet. Finish that with the provider.",
    30034: "The number that texts are sent from is not registered with the phone companies. Finish that with the "
    "provider.",
}
#: Nothing at all can be sent until somebody sees to it, so that no message must pay with an attempt.
ABOUT_US = {20003, 20005, 20404, 21609, 30002}
#: After these the number goes on the suppression list: no text will arrive there, or the person wants none.
BARS = {OPTED_OUT: Bars.OPTED_OUT, **dict.fromkeys((21211, 21614, 30005, 30006), Bars.BOUNCED)}
NOT_NOW = {20429, 21611, 14107}
NOT_A_NUMBER = "“{number}” is not a phone number with its country code. Correct it on the profile, then send again."
AWAY = "The text message provider does not answer. Nothing was lost; it is tried again."
SILENT = "The text was handed over, but the provider did not say whether it took it. It may have gone."
BUSY = "The text message provider is busy. It is tried again."


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever the SDK raises of what the provider said, or did not say, leaves as a DeliveryFailure."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise refusal(error) from error
    except RequestException as error:
        raise broken_line(error) from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:  # a yes, but not in the provider's words
        raise Unconfirmed(SILENT, type(error).__name__) from error


def reason_for(code: int) -> str:
    """A sentence for people on one of the provider's codes."""
    return REASONS.get(code) or f"The text message provider refused it with error {code}. Its documentation says more."


def refusal(error: TwilioRestException | TwilioServiceException) -> DeliveryFailure:
    """What an answer that is not a yes means."""
    said = error.msg if isinstance(error, TwilioRestException) else error.detail
    code, reply = error.code or error.status, f"{error.status} {error.code}: {said}"
    if error.status in (401, 403) or code in ABOUT_US:
        return TemporaryFailure(reason_for(code if code in ABOUT_US else 20003), reply, gateway_down=True)
    if error.status == 504:  # somebody between us and the provider: it may have heard us
        return Unconfirmed(SILENT, reply)
    if error.status == 429 or error.status >= 500 or code in NOT_NOW:
        return TemporaryFailure(REASONS.get(code, BUSY), reply)
    return PermanentFailure(reason_for(code), reply, BARS.get(code))


def broken_line(error: RequestException) -> DeliveryFailure:
    """What it means that no answer came: before the request had left, or after."""
    if isinstance(error, ConnectTimeout | SSLError) or _never_connected(error):
        return TemporaryFailure(AWAY, type(error).__name__, gateway_down=True)
    return Unconfirmed(SILENT, type(error).__name__)


def _never_connected(error: RequestException) -> bool:
    cause = error.args[0] if isinstance(error, NoConnection) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
