"""No big mailing, and no slow domain, holds up a single message: a real worker before a relay that takes its time."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import pytest

from candidly.actions import conversations, mailings, people
from candidly.models import Delivery, Member
from tests.peers.faulty import FaultyServer
from tests.peers.fixtures import faulty_server, peers
from tests.peers.processes import wait_until
from tests.support.processes import running

__all__ = ["faulty_server", "peers"]


type StartWorker = Callable[[FaultyServer], None]
type StartRelay = Callable[..., FaultyServer]


@pytest.fixture
def work_for(transactional_db: None, environment: Mapping[str, str], peers: ExitStack) -> StartWorker:
    """Starts a worker whose relay is the given server."""

    def start(relay: FaultyServer) -> None:
        own = {"HOST": "127.0.0.1", "PORT": str(relay.port), "SECURITY": "none", "DOMAIN_CONNECTIONS": "2"}
        settings = {f"CANDIDLY_RELAY_{name}": value for name, value in own.items()}
        peers.enter_context(running("worker", environment={**environment, **settings}))

    return start


def mail_to_many(sender: Member, number: int, domain: str) -> None:
    organization = sender.organization
    nurses = [
        people.add_candidate(organization, first_name="Nurse", last_name=str(n), private_email=f"nurse{n}@{domain}")
        for n in range(number)
    ]
    audience = {"ids": [nurse.pk for nurse in nurses]}
    mailings.send(sender, mailings.Order(subject="Ward visit", body="Come and see us.", audience=audience))


def write_to(sender: Member, first_name: str, email: str) -> Delivery:
    person = people.add_candidate(sender.organization, first_name=first_name, private_email=email)
    message = conversations.start(sender, person, subject="Interview", text="Would Tuesday suit you?")
    return message.deliveries.get()


def recipients(relay: FaultyServer) -> list[str]:
    """In the order of arrival."""
    return [mail.recipients[0] for mail in list(relay.mails)]


def test_single_messages_pass_by_a_big_mailing_even_to_the_same_domain(
    work_for: StartWorker, faulty_server: StartRelay, hannah: Member
) -> None:
    mail_to_many(hannah, 300, "crowd.example")
    relay = faulty_server(dot="slow")
    work_for(relay)
    wait_until(lambda: len(relay.mails) > 5, "the mailing is on its way", 60)
    singles = [write_to(hannah, "Amara", "amara@mail.example"), write_to(hannah, "Kwame", "kwame@crowd.example")]
    before = len(relay.mails)
    wait_until(lambda: {one.address for one in singles} <= set(recipients(relay)), "both single messages arrive", 60)
    assert max(recipients(relay).index(one.address) for one in singles) < before + 100


def test_a_domain_that_does_not_answer_holds_up_no_other(
    work_for: StartWorker, faulty_server: StartRelay, hannah: Member
) -> None:
    mail_to_many(hannah, 5, "slow.example")
    slow_single = write_to(hannah, "Kwame", "kwame@slow.example")
    relay = faulty_server(silent_domains=["slow.example"])
    work_for(relay)
    wait_until(lambda: "<kwame@slow.example>" in str(relay.arguments["RCPT"]), "the slow ones are on their way", 60)
    single = write_to(hannah, "Amara", "amara@mail.example")
    wait_until(lambda: Delivery.objects.get(pk=single.pk).state == Delivery.State.SENT, "the single one is sent")
    assert recipients(relay) == [single.address]
    relay.speak.set()
    wait_until(lambda: len(relay.mails) == 7, "the slow ones have gone too", 60)
    assert slow_single.address in recipients(relay)
