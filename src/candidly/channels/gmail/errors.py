"""What Google's answers mean for people (https://developers.google.com/workspace/gmail/api/guides/handle-errors)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from candidly.envelope import DeliveryFailure, PermanentFailure, ReconnectNeeded, TemporaryFailure, Withheld

AWAY = "Google does not answer. Nothing was lost; it is tried again."
SILENT = "The mail was handed to Gmail, but no answer came. It may have gone."
BUSY = "Gmail could not do it just now. It is tried again."
ENOUGH = "Gmail takes no more from this mailbox for a while. It goes on by itself."
WITHDRAWN = "Google no longer lets Candidly into this mailbox. Connect it again in the settings."
NOT_ALLOWED = "This mailbox was connected without all permissions. Connect it again, and leave all of them ticked."
NO_GMAIL = "Google says that this account has no Gmail, or that its administrator has barred it. Ask them."
CLIENT = "Google does not accept the client. Check CANDIDLY_GOOGLE_CLIENT_ID and CANDIDLY_GOOGLE_CLIENT_SECRET."
NOT_SWITCHED_ON = "The Gmail API is not switched on for the client. Enable it in the Google Cloud console."
CODE = "Google does not accept the answer that you came back with: it may be too old. Connect again."
REFUSED = "Gmail refuses the mail. It said why in its answer."
TOO_LARGE = "The mail is too large for Gmail. Send it with smaller files."
ADDRESS = "Gmail says that the recipient's address is not valid. Correct it on the profile, then send again."

_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED"}
_PERMISSIONS = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_SWITCHED_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_CLIENT = {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "redirect_uri_mismatch"}
_UNTIL = re.compile(r"retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)", re.IGNORECASE)
_ADDRESS = re.compile(r"invalid (to|cc|bcc) header|recipient address", re.IGNORECASE)
_LONGEST_WAIT = 24 * 3600.0


class Unanswered(TemporaryFailure):
    """The request left, and no answer came that says whether it was done."""


class NotThere(PermanentFailure):
    """What was asked for is not (or no longer) there."""


class Conflict(PermanentFailure):
    """What was to be made is there already, or may not be."""


@contextmanager
def reaching_google() -> Iterator[None]:
    """Whatever HTTP raises leaves as a DeliveryFailure: an address is never in its words."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise TemporaryFailure(AWAY, type(error).__name__, gateway_down=True) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise TemporaryFailure(AWAY, type(error).__name__, gateway_down=True) from error
    except (httpx.RequestError, ValueError) as error:
        raise Unanswered(BUSY, type(error).__name__) from error


def told(answer: httpx.Response) -> dict[str, Any]:
    """What a yes says. Raises Unanswered where it is somebody else's."""
    with reaching_google():
        said = answer.json()
    if not isinstance(said, dict):
        raise Unanswered(BUSY, "not an answer of Google's")
    return said


def refused_grant(answer: httpx.Response) -> DeliveryFailure:
    """What a token endpoint's answer means that is not a yes (RFC 6749, 5.2)."""
    said = str(_object(answer).get("error", ""))[:100]
    reply = f"{answer.status_code} {said}"
    if said == "invalid_grant":
        return ReconnectNeeded(WITHDRAWN, reply)
    if said in _CLIENT:
        return TemporaryFailure(CLIENT, reply, gateway_down=True)
    if answer.status_code == 429 or answer.status_code >= 500:
        return TemporaryFailure(BUSY, reply, wait=asked_wait(answer))
    return ReconnectNeeded(WITHDRAWN, reply)


def refusal(answer: httpx.Response) -> DeliveryFailure:
    """What an answer of the Gmail API means that is not a yes."""
    error = _object(answer).get("error")
    error = error if isinstance(error, dict) else {}
    message, reasons = str(error.get("message", ""))[:300], _reasons(error)
    reply, status = f"{answer.status_code} {message}".strip(), answer.status_code
    if status == 429 or (status == 403 and reasons & _LIMITS):
        return Withheld(ENOUGH, reply, wait=asked_wait(answer, message))
    if status in (401, 403):
        return _not_let_in(reasons, reply)
    if status >= 500 or status < 400:
        return Unanswered(BUSY, reply)
    return _refused(status, message, reply)


def _not_let_in(reasons: set[str], reply: str) -> DeliveryFailure:
    if reasons & _SWITCHED_OFF:
        return TemporaryFailure(NOT_SWITCHED_ON, reply, gateway_down=True)
    if reasons & _PERMISSIONS:
        return ReconnectNeeded(NOT_ALLOWED, reply)
    return ReconnectNeeded(WITHDRAWN if reply.startswith("401") else NO_GMAIL, reply)


def _refused(status: int, message: str, reply: str) -> DeliveryFailure:
    match status:
        case 404 | 410:
            return NotThere(REFUSED, reply)
        case 409:
            return Conflict(REFUSED, reply)
        case 413:
            return PermanentFailure(TOO_LARGE, reply)
    if "service not enabled" in message.lower():
        return ReconnectNeeded(NO_GMAIL, reply)
    if _ADDRESS.search(message):
        return PermanentFailure(ADDRESS, reply)
    return Conflict(REFUSED, reply)


def asked_wait(answer: httpx.Response, message: str = "") -> float:
    """How many seconds the other side wants to be left alone, by its field or its words; 0 where it does not say."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), _LONGEST_WAIT)
    until = _moment(asked) or _moment_in(message)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0), _LONGEST_WAIT) if until else 0


def _moment(asked: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(asked)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment_in(message: str) -> datetime | None:
    found = _UNTIL.search(message)
    try:
        return datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _reasons(error: dict[str, Any]) -> set[str]:
    details = [*_list(error.get("errors")), *_list(error.get("details"))]
    return {str(detail.get("reason", "")) for detail in details} | {str(error.get("status", ""))}


def _list(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
