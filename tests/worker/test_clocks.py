"""A lease outlives a slow server but not a dead worker, and a wrong clock makes nobody send twice."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from candidly.actions import conversations, deliveries, scheduled
from candidly.channels.registry import open_channel
from candidly.config import config
from candidly.envelope import Receipt
from candidly.models import Delivery, Member, Person, ScheduledMessage
from candidly.worker.journal import Journal
from candidly.worker.relay import relay_settings
from candidly.worker.sending import Sending

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=90)
DAY = timedelta(days=1)


@pytest.fixture
def delivery(hannah: Member, amara: Person) -> Delivery:
    return conversations.start(hannah, amara, subject="Hello", text="Hello Amara").deliveries.get()


def let_pass(time: timedelta) -> None:
    """As if the delivery had been leased so much earlier."""
    leased = Delivery.objects.get()
    assert leased.lease_until is not None
    Delivery.objects.update(lease_until=leased.lease_until - time)


def test_a_lease_outlives_a_server_that_takes_its_time(delivery: Delivery) -> None:
    deliveries.claim("w1", 10, LEASE)
    for _ in range(20):
        let_pass(LEASE * 0.9)
        deliveries.renew("w1", LEASE)
        assert deliveries.recover() == 0
    deliveries.record("w1", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.unconfirmed_at) == ("sent", None)


def test_a_worker_rests_after_it_has_renewed_its_leases(delivery: Delivery, tmp_path: Path) -> None:
    """A round that says there was something to do is followed by another at once, and every row by a new version."""
    deliveries.claim("w1", 10, LEASE)
    let_pass(LEASE * 0.9)
    with closing(open_channel("smtp", relay_settings(config()))) as channel, Journal(tmp_path, "w1") as journal:
        has_more_to_do = Sending("w1", "email", channel, journal).renew()
    assert not has_more_to_do
    let_pass(LEASE * 0.9)
    assert deliveries.recover() == 0


def test_a_lease_ends_with_its_worker_and_the_doubt_stays_on_record(delivery: Delivery) -> None:
    deliveries.claim("w1", 10, LEASE)
    let_pass(LEASE)
    assert deliveries.recover() == 1
    Delivery.objects.update(due_at=timezone.now())
    assert deliveries.claim("w2", 10, LEASE) == [delivery.pk]
    deliveries.record("w2", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert delivery.state == "sent"
    assert delivery.unconfirmed_at is not None


def test_a_late_receipt_does_not_end_what_another_worker_sends_meanwhile(delivery: Delivery) -> None:
    deliveries.claim("w1", 10, LEASE)
    let_pass(LEASE)
    deliveries.recover()
    Delivery.objects.update(due_at=timezone.now())
    deliveries.claim("w2", 10, LEASE)
    deliveries.record("w1", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.leased_by) == ("sending", "w2")


def test_a_worker_whose_clock_is_a_day_ahead_sends_nothing_of_another_one(delivery: Delivery) -> None:
    deliveries.claim("w1", 10, LEASE)
    with time_machine.travel(timezone.now() + DAY):
        deliveries.recover()
        assert deliveries.claim("w2", 10, LEASE) == []
    deliveries.record("w1", [Receipt(delivery.pk)])
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_worker_whose_clock_is_a_day_behind_keeps_its_leases(delivery: Delivery) -> None:
    with time_machine.travel(timezone.now() - DAY):
        deliveries.claim("w1", 10, LEASE)
    assert deliveries.recover() == 0


def test_what_a_dead_worker_had_handed_over_is_sent_and_the_rest_unconfirmed(
    delivery: Delivery, hannah: Member, kwame: Person
) -> None:
    other = conversations.start(hannah, kwame, subject="Hello", text="Hello Kwame").deliveries.get()
    deliveries.claim("w1", 10, LEASE)
    assert deliveries.settle("w1", [delivery.pk]) == 1
    delivery.refresh_from_db()
    other.refresh_from_db()
    assert (delivery.state, other.state) == ("sent", "unconfirmed")


def test_what_was_noted_settles_only_what_that_worker_held(delivery: Delivery) -> None:
    deliveries.claim("w2", 10, LEASE)
    assert deliveries.settle("w1", [delivery.pk]) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.leased_by) == ("sending", "w2")


@pytest.mark.parametrize(
    "off", [timedelta(), DAY, -DAY, timedelta(hours=1)], ids=["right", "ahead", "behind", "an hour"]
)
def test_a_scheduled_message_goes_once_whatever_the_clock_of_the_next_worker_says(
    hannah: Member, amara: Person, off: timedelta
) -> None:
    words = scheduled.Words(subject="Tomorrow", text="See you tomorrow.")
    waiting = scheduled.send_later(hannah, amara, words, due_at=timezone.now() + DAY)
    scheduled.send_due()
    assert not amara.conversations.exists()
    ScheduledMessage.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    scheduled.send_due()
    with time_machine.travel(timezone.now() + off):  # as when its hour comes twice, or another machine is wrong
        scheduled.send_due()
    assert amara.conversations.get().messages.count() == 1
