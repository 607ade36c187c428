"""Google's Pub/Sub calls: a mailbox is looked at before its turn, and nobody else may say so."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from candidly.config import config
from candidly.models import Mailbox, Member
from tests.support.own_mail import new_post, turn_on

pytestmark = pytest.mark.django_db

ACCOUNT = "push@hub.iam.gserviceaccount.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ANOTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who publishes the keys that Google signs with."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k1", "use": "sig"}

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [public]}).encode())

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(config(), "google_certs_url", f"http://127.0.0.1:{server.server_port}/certs")
        monkeypatch.setattr(config(), "gmail_push_account", ACCOUNT)
        yield
        server.shutdown()


def token(key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:
    now = int(time.time())
    said = {
        "iss": "https://accounts.google.com",
        "aud": f"{config().base_url}/webhooks/gmail/",
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(said | claims, key, "RS256", headers={"kid": "k1"})


def call(bearer: str, address: str = "Hannah@northlane.example", body: bytes = b"") -> int:
    told = base64.b64encode(json.dumps({"emailAddress": address, "historyId": 7}).encode()).decode()
    return (
        Client(enforce_csrf_checks=True)
        .post(
            "/webhooks/gmail/",
            body or json.dumps({"message": {"data": told}}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {bearer}"},
        )
        .status_code
    )


@pytest.fixture
def mailbox(sofia: Member, hannah: Member) -> Mailbox:
    """Hannah's, connected, and not due for an hour."""
    turn_on(sofia, hannah)
    found = new_post().connect(hannah)
    Mailbox.objects.filter(pk=found.pk).update(due_at=timezone.now() + timedelta(hours=1))
    return found


def is_due(mailbox: Mailbox) -> bool:
    mailbox.refresh_from_db()
    return mailbox.due_at is not None and mailbox.due_at <= timezone.now()


def test_a_mailbox_in_which_something_changed_is_looked_at_at_once(google: None, mailbox: Mailbox) -> None:
    assert not is_due(mailbox)
    assert call(token()) == 204
    assert is_due(mailbox)


def test_one_that_nobody_here_has_is_taken_and_does_nothing(google: None, mailbox: Mailbox) -> None:
    assert call(token(), "somebody@else.example") == 204
    assert not is_due(mailbox)


@pytest.mark.parametrize(
    "forged",
    [
        lambda: "",
        lambda: "no.token.atall",
        lambda: token(ANOTHER),
        lambda: token(email="somebody@hub.iam.gserviceaccount.com"),
        lambda: token(email_verified=False),
        lambda: token(aud="https://elsewhere.example/"),
        lambda: token(iss="https://elsewhere.example"),
        lambda: token(exp=int(time.time()) - 3600),
    ],
)
def test_whoever_is_not_googles_pub_sub_for_us_is_refused(
    google: None, mailbox: Mailbox, forged: Callable[[], str]
) -> None:
    assert call(forged()) == 403
    assert not is_due(mailbox)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"not json", b'{"message": {"data": "e30="}}'])
def test_what_names_no_mailbox_is_refused(google: None, mailbox: Mailbox, body: bytes) -> None:
    assert call(token(), body=body) == 403


def test_while_googles_keys_cannot_be_read_it_is_to_be_said_again(
    google: None, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "google_certs_url", "http://127.0.0.1:9/certs")
    assert call(token()) == 503


def test_where_nobody_is_expected_to_call_nobody_is_heard(mailbox: Mailbox) -> None:
    assert call(token()) == 403
