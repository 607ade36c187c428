"""One look at a mailbox: what has come in since the last one, and of that what concerns us."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from itertools import batched

from candidly.actions import mailbox_work, own_mail, receive, synced
from candidly.channels.contract import OpenMailbox
from candidly.envelope import FullResyncNeeded, MailboxMail, SeenMail
from candidly.models import Mailbox, clock
from candidly.rules import gathering

#: A label of this name, where there is one, is heeded like ours: mailboxes have it from another product.
ALSO = "Recruiterbox"
#: So many mails are held in memory at once, so many judged by one pair of queries.
AT_ONCE, JUDGED = 10, 100
#: Where the cursor was lost, everything since so long before the last look is looked at again.
MARGIN = timedelta(days=1)


class LookedEnough(Exception):
    """The mailbox was disconnected meanwhile, another worker has it, or this one is stopping: whoever looks next goes
    on where nothing was dealt with yet."""


class Look:
    """At one mailbox, which `worker` has in hand, unless it `is_stopping`."""

    def __init__(self, worker: str, mailbox: Mailbox, box: OpenMailbox, is_stopping: Callable[[], bool]) -> None:
        self._worker = worker
        self._is_stopping = is_stopping
        self._mailbox = mailbox
        self._box = box
        self._new = 0

    def at_news(self) -> int:
        """How many mails came in. Raises DeliveryFailure, and LookedEnough."""
        labels = self._labels()
        self._ask_to_be_called()
        if not self._mailbox.cursor:
            self._at_everything(labels)
            return self._new
        try:
            self._at_changes(labels)
        except FullResyncNeeded:
            self._at_everything(labels)
        return self._new

    def _labels(self) -> frozenset[str]:
        """The ids of those that bring a thread in."""
        name = self._mailbox.organization.mailbox_label
        ours = self._box.ensure_label(name, self._mailbox.label_id)
        mailbox_work.keep_label(self._mailbox, ours)
        also = self._box.label(ALSO)
        return frozenset({ours.id, also.id} if also else {ours.id})

    def _ask_to_be_called(self) -> None:
        """Where the provider does such a thing: anew, a day before it ends."""
        until = self._mailbox.watched_until
        if (until is None or until < clock.now() + MARGIN) and (longer := self._box.watch()):
            mailbox_work.keep_watch(self._mailbox, longer)

    def _at_changes(self, labels: Collection[str]) -> None:
        for page in self._box.changes(self._mailbox.cursor, labels):
            for mails in batched(page.mails, JUDGED, strict=False):
                self._deal_with(mails, labels)
            mailbox_work.keep_cursor(self._mailbox, self._worker, page.cursor)

    def _at_everything(self, labels: Collection[str]) -> None:
        """Thread by thread, so that the page can tell how far it is. The cursor counts when all was dealt with."""
        mailbox_work.keep_aliases(self._mailbox, self._box.own_addresses())
        seen_at = self._mailbox.synced_at
        pages = list(self._box.everything(labels, seen_at - MARGIN if seen_at else None))
        threads: dict[str, list[SeenMail]] = {}
        for page in pages:
            for seen in page.mails:
                threads.setdefault(seen.thread_id, []).append(seen)
        for done, some in enumerate(batched(threads.values(), AT_ONCE, strict=False)):
            mailbox_work.keep_progress(self._mailbox, self._worker, done * AT_ONCE, len(threads))
            self._deal_with([seen for mails in some for seen in mails], labels)
        mailbox_work.keep_cursor(self._mailbox, self._worker, pages[-1].cursor)

    def _deal_with(self, mails: Sequence[SeenMail], labels: Collection[str]) -> None:
        found = gathering.sort_out(self._mailbox, mails, labels)
        self._take(found.followed)
        for thread in found.labelled:
            self._adopt(thread)
        self._look_outside(found.outside, found.sent)
        if found.sent and gathering.has_unlearnt(self._mailbox):
            self._recognise(found.sent)

    def _take(self, mails: Sequence[SeenMail]) -> None:
        """These belong to threads that are followed."""
        for some in batched(mails, AT_ONCE, strict=False):
            self._file(self._box.mails([seen.external_id for seen in some]))

    def _file(self, mails: Iterable[MailboxMail]) -> None:
        """All are stored before any is read; they are read in the order in which they came."""
        self._renew()
        found = sorted(mails, key=lambda mail: mail.received_at)
        stored = [mail for mail in (synced.keep(self._mailbox, one) for one in found) if mail]
        for mail in stored:
            receive.process(mail)
        self._new += len(stored)

    def _adopt(self, thread: str) -> None:
        """The thread has the label: the whole of it, if somebody on it is a person of ours."""
        seen = self._box.thread(thread)
        place = {mail.external_id: number for number, mail in enumerate(seen)}
        heads = sorted(self._box.heads(place), key=lambda head: place.get(head.seen.external_id, len(place)))
        if synced.adopt(self._mailbox, thread, heads):
            self._take(gathering.unknown(self._mailbox, seen))

    def _look_outside(self, mails: Sequence[SeenMail], sent: Sequence[SeenMail]) -> None:
        """New in the inbox, in threads that nobody follows: answers in a thread of their own, with what was `sent`
        there since, and mail that came back. Of the others only the outside is looked at, and nothing is kept."""
        if not mails:
            return
        heads = list(self._box.heads([seen.external_id for seen in mails]))
        answers = gathering.answered_by(self._mailbox, heads)
        for head in heads:
            if conversation := answers.get(head.seen.external_id):
                own_mail.follow(self._mailbox.pk, head.seen.thread_id, conversation.pk)
                here = [seen for seen in (*mails, *sent) if seen.thread_id == head.seen.thread_id]
                self._take(gathering.unknown(self._mailbox, here))
            elif gathering.may_be_report(head):
                found = self._box.mails([head.seen.external_id])
                self._file([mail for mail in found if gathering.is_report(self._mailbox, mail.raw)])

    def _recognise(self, mails: Sequence[SeenMail]) -> None:
        """Sent in threads that nobody follows: ours are those of which a worker that died could not tell."""
        for seen in mails:
            found = self._box.mails([seen.external_id])
            self._file([mail for mail in found if synced.sent_as(self._mailbox, mail.raw)])

    def _renew(self) -> None:
        if self._is_stopping() or not mailbox_work.renew(self._mailbox, self._worker):
            raise LookedEnough
