"""The text message provider as the settings describe it: a real one, or the sandbox phone on this installation."""

from candidly.channels.sms.settings import SmsSettings
from candidly.config import Config

STATUS_PATH = "/webhooks/sms/status/"
SANDBOX_PATH = "/sandbox/twilio"


def text_settings(config: Config) -> SmsSettings:
    account, token = config.text_account()
    return SmsSettings(
        account=account,
        token=token,
        number=config.text_number,
        status_url=f"{config.base_url}{STATUS_PATH}",
        api_url=f"{config.base_url}{SANDBOX_PATH}" if config.sms_sandbox else config.sms_api_url,
        timeout=config.sms_timeout,
        connections=config.sms_connections,
    )
