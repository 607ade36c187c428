"""Hundreds of schedules of faults: whatever interrupts a mailing, nobody is skipped, and nobody written to twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from candidly.actions import completion, deliveries, fan_out, mailings, people
from candidly.config import config
from candidly.envelope import Failed, PermanentFailure, Receipt, Result, TemporaryFailure, Unconfirmed
from candidly.models import Delivery, Mailing, MailingRecipient, Member, Organization, Person, clock

pytestmark = pytest.mark.django_db

NUMBER = 9
SCHEDULES = 60 if config().database_url else 200
LEASE = timedelta(minutes=1)
EVENTS = (
    *("write", "send", "send", "refuse for now", "refuse for good", "lose the answer"),
    *("die before handing over", "die after handing over", "lease runs out"),
    *("pause", "resume", "slow down", "hurry", "retry the failed", "cancel"),
)


@pytest.fixture
def crowd(northlane: Organization) -> list[Person]:
    return [
        people.add_candidate(northlane, first_name=f"Ana{n}", private_email=f"a{n}@mail.example") for n in range(NUMBER)
    ]


class House:
    """A mailing, workers that come and go, and the world outside, which counts what it was handed."""

    def __init__(self, sender: Member) -> None:
        order = mailings.Order(subject="Hello", body="Dear {{first_name}}", audience={"filter": {}})
        self.mailing = mailings.send(sender, order)
        self.handed: Counter[int] = Counter()
        self.in_doubt: set[int] = set()
        self.workers = 0
        self.was_cancelled = False

    def happen(self, event: str) -> None:
        acts: dict[str, Callable[[], object]] = {
            "write": lambda: fan_out.fan_out(self._fresh(), limit=4),
            "send": lambda: self._work(Receipt, is_taken=True),
            "refuse for now": lambda: self._work(lambda pk: Failed(pk, TemporaryFailure("Later."))),
            "refuse for good": lambda: self._work(lambda pk: Failed(pk, PermanentFailure("Never."))),
            "lose the answer": self._lose_the_answer,
            "die before handing over": lambda: self._die(handed=()),
            "die after handing over": lambda: self._die(handed=None),
            "lease runs out": self._run_out,
            "pause": lambda: mailings.pause(self._fresh()),
            "resume": lambda: mailings.resume(self._fresh()),
            "slow down": lambda: mailings.set_pace(self._fresh(), 2),
            "hurry": lambda: mailings.set_pace(self._fresh(), 0),
            "retry the failed": lambda: mailings.retry_failed(self._fresh()),
            "cancel": self._cancel,
        }
        acts[event]()

    def end(self) -> None:
        """Time passes, people resume what they paused, and workers live."""
        self.happen("resume")
        self.happen("hurry")
        while self._fresh().state == Mailing.State.SENDING:
            self.happen("write")
            self.happen("lease runs out")
            Delivery.objects.waiting().update(due_at=clock.now())
            self.happen("send")
            completion.finish(self._fresh())

    def _fresh(self) -> Mailing:
        return Mailing.objects.select_related("sender__user", "sender__organization").get(pk=self.mailing.pk)

    def _claim(self) -> tuple[str, list[int]]:
        self.workers += 1
        worker = f"worker-{self.workers}"
        return worker, deliveries.claim(worker, 3, LEASE)

    def _work(self, answer: Callable[[int], Result], *, is_taken: bool = False) -> None:
        worker, claimed = self._claim()
        if is_taken:
            self.handed.update(claimed)
        deliveries.record(worker, [answer(pk) for pk in claimed])

    def _lose_the_answer(self) -> None:
        """The content went over, and no answer came."""
        worker, claimed = self._claim()
        self.handed.update(claimed)
        self.in_doubt.update(claimed)
        deliveries.record(worker, [Failed(pk, Unconfirmed("No answer.")) for pk in claimed])

    def _die(self, handed: Sequence[int] | None) -> None:
        """A worker is killed: what it noted as taken is known, of the rest nobody knows."""
        worker, claimed = self._claim()
        taken = claimed[:1] if handed is None else []
        self.handed.update(claimed if handed is None else [])
        self.in_doubt.update(claimed[len(taken) :])
        deliveries.settle(worker, taken)

    def _cancel(self) -> None:
        """For good: to retry the failed afterwards brings those back, and none of the others."""
        self.was_cancelled |= bool(mailings.cancel(self._fresh()))

    def _run_out(self) -> None:
        leased = Delivery.objects.leased()
        self.in_doubt.update(leased.values_list("pk", flat=True))
        leased.update(lease_until=clock.now() - LEASE)
        deliveries.recover()


@pytest.mark.timeout(900)
@settings(max_examples=SCHEDULES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=st.lists(st.sampled_from(EVENTS), max_size=25))
@example(events=["write", "refuse for good", "cancel", "retry the failed"])
def test_nobody_is_skipped_and_nobody_is_written_to_twice(
    hannah: Member, crowd: list[Person], events: list[str]
) -> None:
    with transaction.atomic():
        house = House(hannah)
        for event in events:
            house.happen(event)
        house.end()
        _holds(house)
        transaction.set_rollback(True)


def _holds(house: House) -> None:
    recipients = house.mailing.recipients
    written = recipients.filter(state=MailingRecipient.State.WRITTEN)
    rows = Delivery.objects.filter(mailing=house.mailing)
    assert recipients.count() == NUMBER
    assert rows.count() == written.count() == rows.values("message__conversation__person").distinct().count()
    assert not rows.filter(state__in=Delivery.OPEN).exists()
    assert house.was_cancelled or written.count() == NUMBER
    for delivery in rows:
        times = house.handed[delivery.pk]
        assert times <= 1 or delivery.pk in house.in_doubt, "twice, and nothing had been in doubt"
        if delivery.state == Delivery.State.SENT:
            assert times >= 1, "never handed over, and counted as sent"
        if delivery.state == Delivery.State.CANCELLED:
            assert house.was_cancelled
