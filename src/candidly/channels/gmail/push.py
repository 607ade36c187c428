"""Google's Pub/Sub calls us when something changed in a mailbox (cloud.google.com/pubsub/docs/authenticate-push)."""

import base64
import binascii
import json
from functools import cache
from typing import Any

import jwt

from candidly.channels.gmail.settings import GmailSettings
from candidly.envelope import PermanentFailure, TemporaryFailure

NOT_GOOGLE = "It was not Google's Pub/Sub that called, or it did not call for us."
UNREADABLE = "What was said names no mailbox."
KEYS_AWAY = "Google's keys could not be read, so that nobody knows whether it was Google."
_BEARER = "Bearer "
_CLAIMS = ["exp", "iat", "iss", "aud", "email"]


def address_in(settings: GmailSettings, authorization: str, body: bytes) -> str:
    """The mailbox in which something changed, lower case. `authorization` is the field of that name.

    Raises PermanentFailure when it was not the service account of the settings that called, or it named no mailbox;
    TemporaryFailure when that cannot be known at present.
    """
    _check(settings, authorization.removeprefix(_BEARER) if authorization.startswith(_BEARER) else "")
    try:
        told = json.loads(base64.b64decode(json.loads(body)["message"]["data"]))
        return str(told["emailAddress"]).lower()
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise PermanentFailure(UNREADABLE) from error


def _check(settings: GmailSettings, token: str) -> None:
    if not settings.push_account or not token:
        raise PermanentFailure(NOT_GOOGLE)
    who = _claims(settings, token)
    if who.get("email") != settings.push_account or who.get("email_verified") is not True:
        raise PermanentFailure(NOT_GOOGLE)


def _claims(settings: GmailSettings, token: str) -> dict[str, Any]:
    try:
        key = _keys(settings.certs_url).get_signing_key_from_jwt(token)
        return jwt.decode(
            token, key, ["RS256"], {"require": _CLAIMS},
            audience=settings.push_url, issuer=[settings.issuer, settings.issuer.removeprefix("https://")], leeway=60,
        )  # fmt: skip
    except jwt.PyJWKClientConnectionError as error:
        raise TemporaryFailure(KEYS_AWAY) from error
    except jwt.PyJWTError as error:
        raise PermanentFailure(NOT_GOOGLE, type(error).__name__) from error


@cache
def _keys(url: str) -> jwt.PyJWKClient:
    """They change every few weeks, and are asked for again when a new one appears."""
    return jwt.PyJWKClient(url, lifespan=3600, timeout=10)
