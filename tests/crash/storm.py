"""What befalls a run: processes killed, the database stopped, and a person who cannot leave the mailings alone."""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import connection

from candidly.actions import conversations, mailings
from candidly.models import Mailing, Member, Person
from tests.crash.cast import insist, send_mailing
from tests.crash.ground import Ground
from tests.crash.house import House
from tests.crash.log import count_taken
from tests.crash.options import Options

#: Seconds after which a fault comes even where the traffic has not moved on.
LONGEST_WAIT = 4.0


class Storm:
    """Kills and stops, spread over the traffic, in an order and at moments that the seed decides.

    `mailings` grows while it rages: Hannah sends one after the other.
    """

    def __init__(self, options: Options, ground: Ground, house: House, hannah: Member, mailings: list[Mailing]) -> None:
        self.options = options
        self.ground = ground
        self.house = house
        self.hannah = hannah
        self.mailings = mailings
        self.chance = random.Random(options.seed)
        self.stopped = 0

    def rage(self, expected: int) -> None:
        """Until all faults have happened; `expected` is how many mails are to go out."""
        faults = ["kill"] * self.options.kills + ["stop"] * self.options.stops
        self.chance.shuffle(faults)
        for number, fault in enumerate(faults, 1):
            self._send_up_to(math.ceil(self.options.mailings * number / len(faults)))
            self._wait_for(expected * 0.9 * number / len(faults))
            if fault == "kill":
                self.house.kill_one(self.chance)
            else:
                self._stop_database()

    def _send_up_to(self, number: int) -> None:
        while len(self.mailings) < number:
            self.mailings.append(insist(lambda: send_mailing(self.hannah, len(self.mailings) + 1)))

    def _wait_for(self, mails: float) -> None:
        """Until so many mails have gone, though not for long, and never at the same moment of a round."""
        time.sleep(self.chance.uniform(0.2, 1.8) * self.options.pause)
        give_up = time.monotonic() + LONGEST_WAIT * self.options.pause
        while self.house.runs() and count_taken(self.ground.relay_log) < mails and time.monotonic() < give_up:
            time.sleep(0.1)

    def _stop_database(self) -> None:
        assert self.ground.postgresql is not None
        self.ground.postgresql.halt()
        time.sleep(self.chance.uniform(0.0, 1.5))
        self.ground.postgresql.resume()
        self.stopped += 1


class Meddler:
    """Pauses, resumes, paces, retries and cancels mailings, and writes to single candidates in between.

    `cancelled`: mailings that were; `retried`: how often a mailing's failed ones were asked to go again.
    """

    def __init__(self, options: Options, hannah: Member, sent: Sequence[Mailing]) -> None:
        self.options = options
        self.hannah = hannah
        self.mailings = sent
        self.chance = random.Random(options.seed + 1)
        self.done: Counter[str] = Counter()
        self.cancelled: set[int] = set()
        self.retried: Counter[int] = Counter()
        self.singles: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._meddle, name="meddler")

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Everything that was held up may go on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        for mailing in self.mailings:
            insist(lambda mailing=mailing: mailings.resume(mailing))  # type: ignore[misc]
        insist(lambda: Mailing.objects.update(per_minute=0))

    def _meddle(self) -> None:
        verbs: list[Callable[[Mailing], None]] = [
            *[self._pause] * 3,
            *[self._resume] * 4,
            *[self._pace] * 3,
            *[self._retry] * 2,
            *[self._single] * 4,
            self._cancel,
        ]
        while not self._over.wait(self.chance.uniform(0.1, 0.6) * self.options.pause):
            verb = self.chance.choice(verbs)
            mailing = self.chance.choice(self.mailings)
            insist(lambda verb=verb, mailing=mailing: verb(mailing))  # type: ignore[misc]
            self.done[verb.__name__.strip("_")] += 1
        connection.close()

    def _pause(self, mailing: Mailing) -> None:
        mailings.pause(mailing)

    def _resume(self, mailing: Mailing) -> None:
        mailings.resume(mailing)

    def _pace(self, mailing: Mailing) -> None:
        rate = self.chance.choice([0, 0, 600, 6_000, 60_000])
        Mailing.objects.filter(pk=mailing.pk).update(per_minute=rate)

    def _retry(self, mailing: Mailing) -> None:
        self.retried[mailing.pk] += 1
        mailings.retry_failed(mailing)

    def _single(self, mailing: Mailing) -> None:
        """The key comes first: a transaction whose end nobody heard of is asked for again under the same one."""
        key = f"single-{len(self.singles)}"
        person = Person.objects.exclude(private_email="").order_by("?").first()
        assert person is not None
        conversations.start(self.hannah, person, subject="One more thing", text="A word in private.", send_key=key)
        self.singles.append(key)

    def _cancel(self, mailing: Mailing) -> None:
        """One of four at most, and never the first, whose candidates answer."""
        if mailing != self.mailings[0] and len(self.cancelled) < self.options.mailings // 4:
            mailings.cancel(mailing)
            if Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.CANCELLED).exists():
                self.cancelled.add(mailing.pk)
