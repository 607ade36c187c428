"""Hannah's own mailbox, connected, and what a worker does with it."""

from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

from candidly.actions import deliveries, hand_off, mailboxes, own_mailboxes
from candidly.config import config
from candidly.models import Delivery, Mailbox, Member, clock
from candidly.worker.mailboxes import Reading
from tests.support.mailboxes import Box, MemoryChannel, MemoryMailboxes, MemoryProvider

LEASE = timedelta(minutes=1)


@dataclass
class Post:
    """All own mailboxes of a test. `look` and `send` do what a worker does, once."""

    provider: MemoryProvider
    channel: MemoryChannel

    def of(self, member: Member) -> Box:
        return self.provider.mailboxes.of(member.email)

    def connect(self, member: Member) -> Mailbox:
        """As the member does; and the first look, which finds nothing."""
        mailboxes.begin(member, "gmail", {"address": member.email, "token": f"token of {member.name}"})
        self.look()
        self.look()
        return Mailbox.objects.get(member=member)

    def look(self, worker: str = "r1") -> bool:
        """At every mailbox, whether its time has come or not."""
        Mailbox.objects.filter(due_at__isnull=False).update(due_at=clock.now())
        reading = Reading(worker, {"gmail": self.provider})
        looked = False
        for _ in range(Mailbox.objects.count()):
            looked |= reading.round()
        return looked

    def send(self, worker: str = "w1") -> None:
        """Everything that is due and goes by mailboxes."""
        items = hand_off.ready("gmail", deliveries.claim(worker, 100, LEASE, "gmail"))
        known = [item for item in items if not hasattr(item, "account")]
        results = self.channel.send(item for item in items if hasattr(item, "account"))
        deliveries.record(worker, [*known, *results], "gmail")


def new_post() -> Post:
    boxes = MemoryMailboxes()
    return Post(MemoryProvider(boxes), MemoryChannel(boxes))


def turn_on(sofia: Member, *others: Member) -> None:
    """On a server where mailboxes can be connected. Members that a test holds know of it, as a page's request would."""
    with patch.object(config(), "imap", new=True):
        own_mailboxes.turn_on(sofia)
    for member in (sofia, *others):
        member.organization.refresh_from_db()


def due_now() -> None:
    Delivery.objects.filter(state__in=("queued", "unconfirmed")).update(due_at=clock.now())
