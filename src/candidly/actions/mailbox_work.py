"""A mailbox in a worker's hands: taken under a lease, looked at, and given back with when to look again."""

import json
import random
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from candidly.actions import mailboxes
from candidly.config import config
from candidly.envelope import Label, MailboxAccount
from candidly.models import Mailbox, SealBroken, Sealed, clock

#: How long a worker that died holds a mailbox up; a living one renews it with each page.
LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(minutes=15)
#: What cannot be withdrawn at the provider after so many attempts is forgotten all the same.
WITHDRAWALS = 8
KEY_IS_GONE = "What opened it was encrypted with a key that this server no longer has."


def claim(worker: str) -> Mailbox | None:
    """The mailbox that is due longest and that nobody has in hand, leased to `worker`; None when there is none."""
    now = clock.now()
    due = Mailbox.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), due_at__lte=now)
    if not due.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return None
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        if row is None:
            return None
        Mailbox.objects.filter(pk=row.pk).update(lease_until=now + LEASE, leased_by=worker)
    return Mailbox.objects.select_related("member__user", "organization__plan").get(pk=row.pk)


def held(mailbox: Mailbox, worker: str) -> QuerySet[Mailbox]:
    """Its row, while `worker` has it in hand and it is what it was when it was taken."""
    return Mailbox.objects.filter(pk=mailbox.pk, leased_by=worker, state=mailbox.state, since=mailbox.since)


def renew(mailbox: Mailbox, worker: str) -> bool:
    """False when it is another's by now, or was disconnected: then nothing more is to be done with it."""
    return bool(held(mailbox, worker).update(lease_until=clock.now() + LEASE))


def account_of(mailbox: Mailbox) -> MailboxAccount:
    """With what opens it. Raises SealBroken."""
    return MailboxAccount(mailbox.pk, mailbox.address, json.loads(mailbox.credentials.open() or "{}"))


def keep_account(mailbox: Mailbox, account: MailboxAccount) -> None:
    """What opens it was renewed while it was open."""
    mine = Mailbox.objects.filter(pk=mailbox.pk, credentials=mailbox.credentials)
    mailbox.credentials = Sealed.of(json.dumps(dict(account.credentials)))
    mine.update(credentials=mailbox.credentials)


def attempt_of(mailbox: Mailbox) -> Mapping[str, str]:
    """What it is to be connected with; nothing where its key is gone, which will be said like any other failure."""
    try:
        return dict(json.loads(mailbox.attempt.open() or "{}"))
    except SealBroken:
        return {}


def discarded_of(mailbox: Mailbox) -> MailboxAccount | None:
    """What is still to be withdrawn at the provider."""
    try:
        kept = mailbox.discarded.open()
    except SealBroken:
        kept = ""
    return MailboxAccount(mailbox.pk, mailbox.address, json.loads(kept)) if kept else None


def withdrawn(mailbox: Mailbox) -> None:
    """Our access is withdrawn, or cannot be; what opened the mailbox is forgotten."""
    Mailbox.objects.filter(pk=mailbox.pk, discarded=mailbox.discarded).update(discarded=Sealed(), failures=0)
    mailbox.discarded = Sealed()


def keep_label(mailbox: Mailbox, label: Label) -> None:
    """By which id and name the mailbox knows our label."""
    if (mailbox.label_id, mailbox.label_name) != (label.id, label.name):
        mailbox.label_id, mailbox.label_name = label.id, label.name
        Mailbox.objects.filter(pk=mailbox.pk, since=mailbox.since).update(label_id=label.id, label_name=label.name)


def keep_aliases(mailbox: Mailbox, addresses: Collection[str]) -> None:
    """Under which further addresses its owner writes."""
    mailbox.aliases = " ".join(sorted(set(addresses) - {mailbox.address}))
    Mailbox.objects.filter(pk=mailbox.pk, since=mailbox.since).update(aliases=mailbox.aliases)


def keep_watch(mailbox: Mailbox, until: datetime) -> None:
    """Until then the provider calls us."""
    Mailbox.objects.filter(pk=mailbox.pk, since=mailbox.since).update(watched_until=until)


def keep_cursor(mailbox: Mailbox, worker: str, cursor: str) -> None:
    """Everything up to there was dealt with."""
    held(mailbox, worker).update(cursor=cursor, lease_until=clock.now() + LEASE)


@transaction.atomic
def keep_progress(mailbox: Mailbox, worker: str, done: int, total: int) -> None:
    """How far the look at everything has come, in threads."""
    if held(mailbox, worker).update(first_done=done, first_total=total):
        mailboxes.tell(mailbox)


@transaction.atomic
def done(mailbox: Mailbox, worker: str, new: int = 0) -> None:
    """Looked at without a fault; `new` mails came in. The next look is due a little later."""
    now = clock.now()
    again = now + timedelta(seconds=config().mailbox_poll)
    news = {"last_new": new} if new else {}
    looked = held(mailbox, worker).filter(state=Mailbox.State.CONNECTED, attempt=mailbox.attempt)
    was_otherwise = mailbox.failures or not mailbox.synced_at or mailbox.first_total is not None
    is_done = looked.update(synced_at=now, due_at=again, failures=0, error="", first_total=None, first_done=0, **news)
    if is_done and (new or was_otherwise):
        mailboxes.tell(mailbox)
    let_go(mailbox, worker)


@transaction.atomic
def let_go(mailbox: Mailbox, worker: str) -> None:
    """Give it back as it is; what nothing is to be done with any more is not looked at."""
    ours = Mailbox.objects.filter(pk=mailbox.pk, leased_by=worker)
    idle = ours.filter(attempt=Sealed(), discarded=Sealed()).exclude(state=Mailbox.State.CONNECTED)
    idle.update(due_at=None)
    ours.update(lease_until=None, leased_by="")


@transaction.atomic
def put_off(mailbox: Mailbox, worker: str, reason: str, wait: float = 0) -> None:
    """It could not be looked at, for this reason: the next look is after `wait` seconds, or later with each failure."""
    now = clock.now()
    ours = Mailbox.objects.filter(pk=mailbox.pk, leased_by=worker)
    again = now + max(timedelta(seconds=wait), patience(mailbox.failures + 1))
    ours.update(failures=F("failures") + 1, error=reason[:500], due_at=again, lease_until=None, leased_by="")
    if mailbox.error != reason[:500]:
        mailboxes.tell(mailbox)


def patience(failures: int) -> timedelta:
    """The usual pause, twice as long with each failure, with a fifth of jitter either way."""
    seconds = min(config().mailbox_poll * 2 ** min(failures, 20), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing


@transaction.atomic
def rest(mailbox: Mailbox, worker: str) -> None:
    """Its organization does not send by mailboxes at present, because its plan has ended that: look again later."""
    Mailbox.objects.filter(pk=mailbox.pk, leased_by=worker).update(due_at=clock.now() + LONGEST_WAIT)
    let_go(mailbox, worker)
