"""HTTP to the provider: connections that stay open, and an address that is a setting."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from candidly.channels.sms.settings import SmsSettings


class ProviderClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's client, which sends to `settings.api_url` what it would send to Twilio, and logs nothing of it."""

    def __init__(self, settings: SmsSettings) -> None:
        super().__init__(timeout=settings.timeout)
        self._place = urlsplit(settings.api_url)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=settings.connections))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return super().request(method, self._placed(url), *args, **kwargs)

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """An address names the account."""

    def log_response(self, status_code: int, response: object) -> None:
        """Nor this."""

    def close(self) -> None:
        self.session.close()

    def _placed(self, url: str) -> str:
        if not self._place.netloc:
            return url
        asked = urlsplit(url)
        path = f"{self._place.path.rstrip('/')}{asked.path}"
        return urlunsplit((self._place.scheme, self._place.netloc, path, asked.query, ""))
