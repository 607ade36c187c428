"""The sandbox as the text message provider: as much of Twilio's API as it takes to send, and to call back.

Nothing leaves the machine: texts wait on the page that plays the candidate's phone.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import requests
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from candidly.channels.sms.webhooks import SIGNATURE, signature_of
from candidly.config import config
from candidly.models import SandboxText

#: A text to a number that ends so is refused, to see what that looks like.
NO_MOBILE = "000"
INBOUND_PATH = "/webhooks/sms/inbound/"
LONGEST = 1600
SECONDS = 10

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


@csrf_exempt
@login_not_required
@require_POST
def messages(request: HttpRequest, account: str) -> JsonResponse:
    """Takes a text, as `POST …/Messages.json` does (https://www.twilio.com/docs/messaging/api/message-resource)."""
    if not _is_ours(request, account):
        return _error(HTTPStatus.UNAUTHORIZED, 20003, "Authenticate")
    form = QueryDict(request.body)
    if code := _problem(form):
        return _error(HTTPStatus.BAD_REQUEST, code, "See the code")
    text = SandboxText.objects.create(
        sender=form["From"][:20],
        recipient=form["To"],
        text=form["Body"],
        status_url=form.get("StatusCallback", "")[:500],
    )
    said = {"sid": name_of(text), "status": "queued", "to": text.recipient, "from": text.sender, "body": text.text}
    return JsonResponse({**said, "account_sid": account}, status=HTTPStatus.CREATED)


def _is_ours(request: HttpRequest, account: str) -> bool:
    """Whether it signs in as the worker does (RFC 7617)."""
    _, _, given = request.headers.get("Authorization", "").partition("Basic ")
    ours, token = config().text_account()
    try:
        said = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return account == ours and constant_time_compare(said, f"{ours}:{token}")


def _problem(form: Mapping[str, str]) -> int:
    """The provider's code for what is wrong with it; 0 when nothing is."""
    to, body = form.get("To", ""), form.get("Body", "").replace("\0", "")
    checks = {
        21211: not _NUMBER.fullmatch(to),
        21614: to.endswith(NO_MOBILE),
        21603: not form.get("From"),
        21602: not body.strip(),
        21617: len(body) > LONGEST,
    }
    return next((code for code, is_wrong in checks.items() if is_wrong), 0)


def _error(status: int, code: int, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message, "status": status}, status=status)


def name_of(text: SandboxText) -> str:
    """What the provider calls it."""
    return f"SM{text.pk:032x}"


@dataclass(frozen=True)
class Outcome:
    """Whether Candidly took a call, and if not why, in plain words."""

    taken: bool
    sentence: str = ""


def hand_in(number: str, to: str, text: str) -> Outcome:
    """The owner of `number` texts `to`: calls our inbound address as the provider would."""
    fields = {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "AccountSid": config().text_account()[0],
        "From": number,
        "To": to,
        "Body": text,
        "NumMedia": "0",
    }
    return _call(f"{config().base_url}{INBOUND_PATH}", fields)


def report(text: SandboxText, status: str, code: str = "") -> Outcome:
    """Tells Candidly what became of one of its texts, at the address that came with it."""
    fields = {"MessageSid": name_of(text), "MessageStatus": status, "To": text.recipient, "From": text.sender}
    return _call(text.status_url, {**fields, **({"ErrorCode": code} if code else {})})


def _call(url: str, fields: dict[str, str]) -> Outcome:
    signature = signature_of(config().text_account()[1], url, fields)
    try:
        answer = requests.post(url, fields, headers={SIGNATURE: signature}, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException:
        return Outcome(False, f"Nothing answers at {config().base_url}. Check CANDIDLY_BASE_URL, then try again.")
    if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(False, f"Not taken. Candidly said {answer.status_code}: {answer.text[:200].strip()}")
    return Outcome(True)
