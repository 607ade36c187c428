"""What opens members' mailboxes is planted as canaries; then everything that leaves or stays is searched for them."""

import io
import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client

from candidly.actions import conversations, mailboxes
from candidly.config import config
from candidly.envelope import MailboxAccount, TemporaryFailure
from candidly.models import AuditEvent, Delivery, Mailbox, Member, Notice, Person
from candidly.worker.mailboxes import Reading
from candidly.worker.providers import Let, providers_of
from tests.support.mailboxes import MemoryBox
from tests.support.own_mail import Post, new_post, turn_on
from tests.support.postgresql import program

CODE, VERIFIER, TOKEN, PASSWORD = (f"canary-{name}-7f3a9c" for name in ("code", "verifier", "token", "password"))
CANARIES = (CODE, VERIFIER, TOKEN, PASSWORD)


class Breaks(Exception):
    """A fault of a program, whose words hold what it was working on."""


@pytest.fixture
def everything_logged(log: io.StringIO) -> Iterator[io.StringIO]:
    """Down to the last word that a library says."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield log
    root.setLevel(before)


@pytest.fixture
def planted(
    transactional_db: None, sofia: Member, hannah: Member, priya: Member, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> Post:
    """Hannah's mailbox is connected, breaks in every way, and has sent; Priya's is on its way to a Google that is not
    there; Sofia's is given up."""
    turn_on(sofia, hannah, priya)
    post = new_post()
    secrets = {"refresh_token": TOKEN, "password": PASSWORD}
    monkeypatch.setattr(post.provider.__class__, "connect", lambda self, attempt: Let(attempt["address"], secrets))
    post.connect(hannah)
    post.connect(sofia)
    post.provider.fault = TemporaryFailure("Google does not answer.", TOKEN)
    mailboxes.disconnect(sofia)
    post.look()
    conversations.start(hannah, amara, subject="Hello", text="Hello")
    post.send()
    _break(post, monkeypatch)
    _ask_an_absent_google(priya, monkeypatch)
    return post


def _break(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def label(self: MemoryBox, name: str) -> None:
        raise Breaks(f"{self.account.credentials}")

    with monkeypatch.context() as broken:
        broken.setattr(MemoryBox, "label", label)
        try:
            post.look()
        except Breaks:
            logging.getLogger("candidly").exception("a round broke off")  # as the worker's loop does


def _ask_an_absent_google(priya: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "google_client_id", "hub")
    monkeypatch.setattr(config(), "google_token_url", "http://127.0.0.1:9/token")
    mailboxes.begin(priya, "gmail", {"code": CODE, "verifier": VERIFIER, "state": "s", "nonce": "n"})
    reading = Reading("g1", providers_of(config()))
    Mailbox.objects.exclude(member=priya).update(due_at=None)
    assert reading.round()
    assert Mailbox.objects.get(member=priya).refusal
    mailboxes.begin(priya, "gmail", {"code": CODE, "verifier": VERIFIER, "state": "s", "nonce": "n"})


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_the_canaries_are_there_to_be_found(planted: Post) -> None:
    kept = [mailbox.credentials.open() + mailbox.attempt.open() + mailbox.discarded.open() for mailbox in all_of_them()]
    assert found_in("".join(kept)) == list(CANARIES)


def all_of_them() -> list[Mailbox]:
    return list(Mailbox.objects.order_by("pk"))


def test_no_log_says_them(everything_logged: io.StringIO, planted: Post) -> None:
    logged = everything_logged.getvalue()
    assert "a round broke off" in logged
    assert "Breaks" in logged
    assert found_in(logged) == []


def test_no_page_and_no_export_says_them(planted: Post, sofia: Member, client_of: Callable[[Member], Client]) -> None:
    client = client_of(sofia)
    for address in (
        *("/settings/emails/", "/settings/mailbox/", "/settings/audit/", "/delivery/", "/metrics"),
        *("/exports/members.csv", "/exports/audit.csv", "/exports/candidates.csv"),
    ):
        response = client.get(address)
        shown = b"".join(response) if response.streaming else response.content
        assert found_in(shown.decode(errors="replace")) == []
    assert found_in(serializers.serialize("json", [*all_of_them(), *AuditEvent.objects.all()])) == []


def test_no_mail_and_no_reason_of_ours_says_them(planted: Post) -> None:
    said = [f"{notice.subject} {notice.text} {notice.html}" for notice in Notice.objects.all()]
    said += [f"{row.reason} {row.reply}" for row in Delivery.objects.all()]
    said += [f"{row.reason} {row.refusal} {row.error}" for row in all_of_them()]
    assert found_in("\n".join(said)) == []


def test_whatever_shows_an_account_shows_no_secret(planted: Post) -> None:
    account = MailboxAccount(7, "hannah@northlane.example", {"refresh_token": TOKEN})
    assert found_in(f"{account!r} {account} {[vars(mailbox) for mailbox in all_of_them()]!r}") == []


def test_a_back_up_holds_them_sealed_and_so_does_the_data_folder(planted: Post, tmp_path: Path, data_dir: Path) -> None:
    saved = dump(tmp_path)
    assert b"hannah@northlane.example" in saved
    assert found_in(saved.decode(errors="replace")) == []
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert [path for path in files if found_in(path.read_bytes().decode(errors="replace"))] == []


def dump(folder: Path) -> bytes:
    """As docs/running.md says that a back-up is made."""
    path = folder / "back-up"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM INTO '{path}'")
    else:
        place = connection.settings_dict
        command = [program("pg_dump"), "-h", place["HOST"], "-U", place["USER"], "-f", str(path), place["NAME"]]
        subprocess.run(command, check=True, env=dict(os.environ))
    return path.read_bytes()
