"""Texts as the provider hands them in: a signed form to our address."""

from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from twilio.request_validator import RequestValidator

from candidly.actions import receive
from candidly.config import config

AMARAS = "+447700900101"
NUMBERS = count(100)
INBOUND = "/webhooks/sms/inbound/"
STATUS = "/webhooks/sms/status/"


def form(text: str = "Yes, I can come.", sender: str = AMARAS, sid: str = "SM1", **fields: str) -> dict[str, str]:
    """What it says of a text that came in."""
    known = {"MessageSid": sid, "From": sender, "To": config().text_number, "Body": text, "NumMedia": "0"}
    return {**known, **fields}


def call(path: str, fields: dict[str, str], signed: str | None = None) -> Any:
    """As the provider calls us; `signed` replaces its signature."""
    signature = RequestValidator(config().text_account()[1]).compute_signature(f"{config().base_url}{path}", fields)
    return Client(enforce_csrf_checks=True).post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature if signed is None else signed},
    )


def text_in(text: str, sender: str = AMARAS, sid: str = "", **fields: str) -> None:
    """Somebody texts us, and the worker reads it."""
    assert call(INBOUND, form(text, sender, sid or f"SM{next(NUMBERS)}", **fields)).status_code == 200
    read_all()


def read_all() -> None:
    """What the worker does with what came in."""
    while receive.read_some():
        pass
