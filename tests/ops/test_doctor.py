"""What an operator is told."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from candidly.config import Config, config
from candidly.management.checkup import check_all, inbound_port
from candidly.models import Mailbox, Member, Sealed
from tests.peers.provider import faulty_provider_running
from tests.support.processes import free_port

pytestmark = pytest.mark.django_db


def faults(**settings: object) -> list[str]:
    return [finding.says for finding in check_all(Config(**settings)) if finding.fix]  # type: ignore[arg-type]


def test_a_fresh_installation_is_well(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "inbound_port", free_port())
    said = StringIO()
    call_command("doctor", stdout=said)
    assert said.getvalue().endswith("All is well.\n")


def test_every_fault_is_named_and_the_exit_code_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "base_url", "http://candidly.example.org")
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=said)
    assert ended.value.code == 1
    assert "✗ People would sign in at http://candidly.example.org without encryption." in said.getvalue()
    assert "  → Put a TLS proxy in front" in said.getvalue()


def test_a_relay_that_does_not_answer_is_a_fault_and_so_is_a_domain_nobody_can_write_to() -> None:
    port = free_port()
    found = faults(relay_host="127.0.0.1", relay_port=port)
    assert any(fault.startswith(f"Nothing answers at 127.0.0.1:{port}") for fault in found)
    assert "Nobody can answer: no mail from outside finds reply.candidly.localhost." in found


def test_an_address_that_is_none_is_a_fault() -> None:
    assert "CANDIDLY_MAIL_FROM cannot be used." in " ".join(faults(mail_from="hannah"))


def test_a_port_that_cannot_be_opened_is_a_fault() -> None:
    assert inbound_port(Config(inbound_host="192.0.2.1")).fix


def test_an_account_for_texts_that_nobody_can_use_is_a_fault() -> None:
    account = {"sms_account": "AC1", "sms_token": "guessed", "base_url": "https://candidly.example.org"}
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert "The text message provider does not answer. " in " ".join(faults(**account, sms_api_url=nowhere))
    with faulty_provider_running(status=401, code=20003) as provider:
        found = " ".join(faults(**account, sms_api_url=provider.url))
    assert "does not accept the account and token" in found
    at_home = faults(**{**account, "base_url": "http://127.0.0.1:8000"})
    assert "The text message provider cannot call us at http://127.0.0.1:8000." in at_home


def test_mailboxes_that_nobody_looks_at_and_keys_that_are_gone_are_faults(hannah: Member) -> None:
    long_ago = timezone.now() - timedelta(minutes=20)
    mailbox = Mailbox.objects.create(
        organization=hannah.organization,
        member=hannah,
        state=Mailbox.State.CONNECTED,
        credentials=Sealed.of("{}"),
        due_at=long_ago,
    )
    assert "A mailbox should have been looked at 20 minutes ago." in faults()
    Mailbox.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert "mailbox" not in " ".join(faults()).lower()
    Mailbox.objects.filter(pk=mailbox.pk).update(credentials=Sealed("of another key"))
    assert "What opens 1 of members' own mailboxes was encrypted with a key that is not here." in faults()


def test_keys_that_are_none_are_a_fault(hannah: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    Mailbox.objects.create(organization=hannah.organization, member=hannah, credentials=Sealed.of("{}"))
    monkeypatch.setattr(config(), "encryption_keys", ["too short"])
    assert "CANDIDLY_ENCRYPTION_KEYS holds something that is no Fernet key." in faults()


def test_google_sends_nobody_back_without_encryption() -> None:
    client = {"google_client_id": "hub", "google_client_secret": "s"}
    assert "Google sends nobody back" in " ".join(faults(**client, base_url="http://candidly.example.org"))
    assert "has no secret" in " ".join(faults(google_client_id="hub"))
    assert "Google" not in " ".join(faults(**client))
