"""A round of each kind of work. Every round is short, and says whether there was anything to do."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import batched

from candidly.actions import (
    attachments,
    completion,
    deliveries,
    fan_out,
    hand_off,
    live,
    mailings,
    outgoing,
    receive,
    reminders,
    scheduled,
)
from candidly.actions.upkeep import refresh_statistics
from candidly.channels.contract import Channel
from candidly.envelope import Failed, Outgoing, OutgoingText, Result
from candidly.worker.journal import Journal

CLAIM = 200
RECORD_EVERY = 50
LEASE = timedelta(seconds=90)


class Sending:
    """Claim, hand to the channel, record: the outbox's way out."""

    def __init__(self, worker: str, serves: str, channel: Channel, journal: Journal) -> None:
        """`serves` is the name by which the rows call the channel ("email")."""
        self.worker = worker
        self.serves = serves
        self.channel = channel
        self.journal = journal
        self._under_way = False

    def round(self) -> bool:
        self.settle()
        self._under_way = True
        claimed = deliveries.claim(self.worker, CLAIM, LEASE, self.serves)
        built = outgoing.BUILDERS[self.serves](hand_off.allowed(self.serves, claimed))
        for results in batched(self._send(built), RECORD_EVERY, strict=False):
            deliveries.record(self.worker, results, self.serves)
        self.journal.clear()
        self._under_way = False
        return bool(claimed)

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

    def _send(self, built: Iterable[Outgoing | OutgoingText | Failed]) -> Iterator[Result]:
        ready = []
        for item in built:
            if isinstance(item, Failed):
                yield item
            else:
                ready.append(item)
        yield from self.channel.send(ready, taken=self.journal.note)

    def renew(self) -> bool:
        return bool(deliveries.renew(self.worker, LEASE))


def write_mailings() -> bool:
    """A page of each running mailing; then end those of which nothing is left."""
    running = list(mailings.running())
    wrote = [fan_out.fan_out(mailing) for mailing in running]
    finished = [completion.finish(mailing) for mailing, number in zip(running, wrote, strict=True) if not number]
    return any(wrote) or any(finished)


def send_scheduled() -> bool:
    """What is due by now."""
    return scheduled.send_due()


def remind() -> bool:
    """Those whose reminders are due."""
    return reminders.fall_due()


def read_mail() -> bool:
    """The oldest stored mail."""
    mail = receive.claim_next()
    if mail is not None:
        receive.process(mail)
    return mail is not None


def keep_statistics() -> bool:
    """Let the database know what its tables hold by now."""
    refresh_statistics()
    return False


def keep_house() -> bool:
    """Recover what dead workers held; forget live events that every page has had, and files that nobody sent."""
    deliveries.recover()
    live.prune_live_events()
    attachments.discard_forgotten()
    return False
