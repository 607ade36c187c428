"""What an operator is told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from io import StringIO
from pathlib import Path

import dns.resolver
import pytest
from django.core.management import call_command
from django.utils import timezone

from candidly.config import Config, config
from candidly.management.checkup import check_all, inbound_port
from candidly.management.finding import Finding
from candidly.management.mail_domain import inbound_domain, return_path
from candidly.models import Mailbox, Member, Sealed
from tests.peers.name_server import name_server_running
from tests.peers.provider import faulty_provider_running
from tests.support.ports import free_port

pytestmark = pytest.mark.django_db

REAL = Config(relay_host="relay.example.org", inbound_domain="reply.example.org")
GOOD_ZONE = """
reply.example.org. 60 IN MX 20 mx2.example.org.
reply.example.org. 60 IN MX 10 mx1.example.org.
reply.example.org. 60 IN TXT "v=spf1 include:relay.example.org" " -all"
mx1.example.org. 60 IN A 203.0.113.5
mx1.example.org. 60 IN AAAA 2001:db8::5
mx2.example.org. 60 IN A 203.0.113.6
"""


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Starts the name server that knows one zone: it is the only one that is asked from then on."""
    with ExitStack() as running:

        def start(zone: str) -> None:
            resolver = running.enter_context(name_server_running(zone))
            monkeypatch.setattr(dns.resolver, "default_resolver", resolver)

        yield start


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


def test_answers_and_what_cannot_be_delivered_come_back_where_dns_leads_to_us(
    name_server: Callable[[str], None],
) -> None:
    name_server(GOOD_ZONE)
    assert inbound_domain(REAL) == Finding(
        "Answers to reply.example.org come in at mx1.example.org (203.0.113.5, 2001:db8::5), "
        "mx2.example.org (203.0.113.6)."
    )
    assert return_path(REAL) == Finding(
        "What cannot be delivered comes back to reply.example.org; "
        "see that relay.example.org is among “v=spf1 include:relay.example.org -all”."
    )


@pytest.mark.parametrize(
    ("zone", "fault"),
    [
        ("other.example.org. 60 IN A 203.0.113.5", "reply.example.org has neither an MX record nor an address."),
        ("reply.example.org. 60 IN MX 0 .", "the MX record of reply.example.org says that it takes no mail."),
        ("reply.example.org. 60 IN MX 10 mx.example.org.", "names mx.example.org, which has no address."),
    ],
)
def test_a_domain_to_which_no_mail_finds_its_way_is_a_fault(
    name_server: Callable[[str], None], zone: str, fault: str
) -> None:
    name_server(f"{zone}\n")
    assert inbound_domain(REAL).says.startswith("Nobody can answer: ")
    assert inbound_domain(REAL).says.endswith(fault)
    assert "MX record" in inbound_domain(REAL).fix
    assert return_path(REAL).fix == "Mend the domain for answers first."


def test_a_domain_without_an_mx_record_takes_mail_at_its_own_address(name_server: Callable[[str], None]) -> None:
    name_server("reply.example.org. 60 IN A 203.0.113.5\n")
    assert inbound_domain(REAL) == Finding("Answers to reply.example.org come in at reply.example.org (203.0.113.5).")


@pytest.mark.parametrize(
    ("policies", "fault"),
    [
        ([], "has no SPF record."),
        (["google-site-verification=1", "v=spf10 -all"], "has no SPF record."),
        (["v=spf1 mx -all", "v=spf1 a -all"], "has 2 SPF records, not one."),
        (["v=spf1 -all"], "says that nobody sends from it."),
    ],
)
def test_a_return_path_that_the_relay_may_not_use_is_a_fault(
    name_server: Callable[[str], None], policies: list[str], fault: str
) -> None:
    texts = "".join(f'reply.example.org. 60 IN TXT "{text}"\n' for text in policies)
    name_server(f"reply.example.org. 60 IN A 203.0.113.5\n{texts}")
    assert return_path(REAL).says.endswith(fault)
    assert "CANDIDLY_BOUNCE_ADDRESSES=false" in return_path(REAL).fix
    from_address_alone = REAL.model_copy(update={"bounce_addresses": False})
    assert not return_path(from_address_alone).fix


def test_name_servers_that_know_nothing_are_a_fault_of_their_own(name_server: Callable[[str], None]) -> None:
    name_server("")
    assert inbound_domain(REAL).says == "Where mail to reply.example.org goes cannot be seen: no name server answers."
    assert "/etc/resolv.conf" in inbound_domain(REAL).fix


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
