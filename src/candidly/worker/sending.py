"""The outbox's way out: claim, hand to the channel, record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from candidly.actions import deliveries, hand_off
from candidly.channels.contract import Channel
from candidly.envelope import Failed, Result, Untouched
from candidly.rules.ways import OWN
from candidly.worker.journal import Journal


@dataclass(frozen=True, slots=True)
class Bites:
    """How much is claimed at once, and of one mailing (`each`, 0 for no limit). More of the mailings is claimed when no
    more than `ahead` are in the channel's hands: its connections never wait."""

    claim: int = 500
    ahead: int = 250
    each: int = 0


#: A mailbox takes about one mail a second: of each mailing a few, so that others' mailboxes have something to do too,
#: and that one which is paused soon stops.
SMALL = Bites(claim=60, ahead=30, each=5)
RECORD_EVERY = 200
LEASE = timedelta(seconds=90)
#: Seconds: how often a round looks for what has become due, and how long a result may wait to be recorded with others.
LOOK_EVERY = 0.2
#: A look that found fewer waits so long for the next one: what becomes due one by one leaves a few at a time, because
#: a look costs as much for one as for twenty.
FEW = 20
#: Seconds in which a round takes up new work of mailings, and any new work at all. Each begins with fresh connections
#: where some were lost, and with an empty journal.
ROUND, LONGEST_ROUND = 10.0, 300.0


class Sending:
    """One worker's way out by one channel."""

    def __init__(self, worker: str, serves: str, channel: Channel, journal: Journal) -> None:
        """`serves` is the way by which deliveries leave (rules.ways)."""
        self.bites = SMALL if serves in OWN else Bites()
        self.worker = worker
        self.serves = serves
        self.channel = channel
        self.journal = journal
        self._under_way = False

    def round(self) -> bool:
        """Sends what is due and what becomes due meanwhile; says whether there was anything."""
        self.settle()
        self._under_way = True
        turn = _Round(self.worker, self.serves, self.bites)
        for result in self.channel.send(turn.supply(), taken=self.journal.note):
            turn.hear(result)
        turn.record()
        self.journal.clear()
        self._under_way = False
        return turn.has_claimed

    def settle(self) -> None:
        """What a round had in hand that broke off, as when the database went away."""
        if self._under_way:
            deliveries.settle(self.worker, self.journal.taken())
            self.journal.clear()
            self._under_way = False

    def settle_the_dead(self) -> bool:
        """What workers of this machine had in hand that were killed: their leases need not run out first."""
        lost = [deliveries.settle(worker, taken) for worker, taken in self.journal.left_by_the_dead()]
        return any(lost)

    def renew(self) -> bool:
        """Lengthens the leases of what is in hand. It rests after each time: there is nothing more to do until then."""
        deliveries.renew(self.worker, LEASE)
        return False


class _Round:
    """What a round has claimed and heard. A single message that becomes due joins it, however slow the others are."""

    def __init__(self, worker: str, serves: str, bites: Bites) -> None:
        self._worker = worker
        self._serves = serves
        self._bites = bites
        self._began = monotonic()
        self._in_hand = 0  # given to the channel, and not heard of again
        self._known: list[Result] = []  # heard, and not recorded yet
        self._record_by = self._look_at_singles = self._look_at_mailings = self._gather_until = 0.0
        self._is_over = False
        self.has_claimed = False

    def supply(self) -> Iterator[Any | None]:
        """What the channel is to send. It asks while anything is under way, which is when results are recorded too."""
        while not self._is_over and monotonic() < self._began + LONGEST_ROUND:
            self._record_in_time()
            if not self._in_hand and not self._goes_on():
                return
            if claimed := self._claim():
                yield from self._ready(claimed)
            elif not self._in_hand:
                return
            yield None

    def hear(self, result: Result) -> None:
        self._in_hand -= 1
        self._keep(result)

    def record(self) -> None:
        known, self._known = self._known, []
        if known:
            deliveries.record(self._worker, known, self._serves)
        self._record_by = monotonic() + LOOK_EVERY

    def _record_in_time(self) -> None:
        if not self._in_hand or monotonic() >= self._record_by:
            self.record()

    def _goes_on(self) -> bool:
        """With nothing in hand: once others have come to join the few of the last look; not after the round's time."""
        sleep(max(0.0, self._gather_until - monotonic()))
        return monotonic() < self._began + ROUND

    def _claim(self) -> list[int]:
        """Of the mailings only when there is little in hand; single messages at any time."""
        now = monotonic()
        takes_mailings = self._in_hand <= self._bites.ahead and self._look_at_mailings <= now < self._began + ROUND
        if not takes_mailings and now < self._look_at_singles:
            return []
        bite, each = self._bites.claim, self._bites.each
        claimed = deliveries.claim(self._worker, bite, LEASE, self._serves, singles_only=not takes_mailings, each=each)
        self._look_at_singles = now + LOOK_EVERY
        if takes_mailings and len(claimed) < FEW:
            self._look_at_mailings = now + LOOK_EVERY
        self._gather_until = now + LOOK_EVERY if 0 < len(claimed) < FEW else now
        self.has_claimed |= bool(claimed)
        return claimed

    def _ready(self, claimed: list[int]) -> Iterator[Any]:
        for item in hand_off.ready(self._serves, claimed):
            if isinstance(item, Failed):
                self._keep(item)
            else:
                self._in_hand += 1
                yield item

    def _keep(self, result: Result) -> None:
        """A channel that was stopped, or whose gateway is down, gets no more in this round."""
        self._is_over |= isinstance(result, Untouched) or (isinstance(result, Failed) and result.gateway_down)
        self._known.append(result)
        if len(self._known) >= RECORD_EVERY:
            self.record()
