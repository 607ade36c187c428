"""What must hold when it is over, each as a line of a table: what, how many, and how many there may be."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from candidly.models import Conversation, Delivery, InboundMail, Mailing, MailingRecipient, Message, Notice
from tests.crash.ground import CONNECTIONS
from tests.crash.house import House
from tests.crash.log import Taken
from tests.crash.options import Options
from tests.crash.outside import Outside
from tests.crash.storm import Meddler, Storm

GONE = ("sent", "delivered", "read")
ENDED = (*GONE, "failed", "cancelled")


@dataclass(frozen=True)
class Line:
    """`least` and `most` bound the number; `most` None: it is only told."""

    what: str
    number: int
    least: int = 0
    most: int | None = 0

    @property
    def holds(self) -> bool:
        return self.least <= self.number and (self.most is None or self.number <= self.most)

    @property
    def expected(self) -> str:
        if self.most is None:
            return ""
        return f"{self.most:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"


def exactly(what: str, number: int, expected: int) -> Line:
    return Line(what, number, expected, expected)


def told(what: str, number: int) -> Line:
    return Line(what, number, most=None)


@dataclass(frozen=True)
class Run:
    """Everything that a verdict is made from."""

    options: Options
    house: House
    storm: Storm
    meddler: Meddler
    outside: Outside
    taken: Taken
    settled: bool

    @property
    def open_at_faults(self) -> int:
        """Mails that may have been between the relay and the database when something broke."""
        of_workers = self.house.killed["worker"] * CONNECTIONS
        of_stops = self.storm.stopped * CONNECTIONS * self.options.workers
        return of_workers + of_stops + self.taken.unanswered


def judge(run: Run) -> Iterator[Line]:
    yield from _what_happened(run)
    yield from _out(run)
    yield from _doubled(run)
    yield from _mailings(run)
    yield from _in(run)
    yield from _browser(run)


def _what_happened(run: Run) -> Iterator[Line]:
    yield exactly("processes killed", run.house.killed.total(), run.options.kills)
    yield exactly("database stopped at once", run.storm.stopped, run.options.stops)
    yield told("faults of the relay", run.taken.faults.total())
    yield told("pauses, resumptions, paces, retries, cancellations", run.meddler.done.total())
    yield told("processes that ended of themselves", run.house.died.total())


def _out(run: Run) -> Iterator[Line]:
    frozen = run.options.people * run.options.mailings
    recipients = MailingRecipient.objects.filter(mailing__in=run.meddler.mailings)
    deliveries = Delivery.objects.filter(Q(message__direction=Message.Direction.OUT) | Q(notice__isnull=False))
    yield exactly("recipients of mailings", recipients.count(), frozen)
    yield exactly("  pending, or written without a message", _astray(recipients), 0)
    yield exactly("  skipped or failed without a reason", _unexplained(), 0)
    yield exactly("  people with two messages of one mailing", _written_twice(), 0)
    yield exactly("messages out without exactly one delivery", _without_one_delivery(), 0)
    yield exactly("deliveries", Delivery.objects.count(), deliveries.count())
    for state, number in deliveries.values_list("state").annotate(number=Count("pk")).order_by("state"):
        yield told(f"  {state}", number)
    yield exactly("  not in an end state after five minutes", deliveries.exclude(state__in=ENDED).count(), 0)
    yield exactly("  sending under a lease that ran out", deliveries.filter(state="sending").count(), 0)
    yield exactly("  cancelled though their mailing was not", _cancelled_wrongly(run), 0)
    yield exactly("  sent, but the relay never took them", len(_ids(state__in=GONE) - run.taken.times.keys()), 0)
    yield exactly("  taken by the relay, but unknown here", len(run.taken.times.keys() - _ids()), 0)
    untold = run.taken.times.keys() - _ids(Q(state__in=GONE) | Q(unconfirmed_at__isnull=False))
    yield exactly("  taken by the relay, yet neither sent nor shown as unconfirmed", len(untold), 0)


def _ids(*conditions: Q, **states: object) -> set[str]:
    """The Message-IDs of deliveries."""
    found = Delivery.objects.filter(*conditions, **states)
    of_messages = found.filter(message__isnull=False).values_list("message__rfc_message_id", flat=True)
    of_notices = found.filter(notice__isnull=False).values_list("notice__rfc_message_id", flat=True)
    return {*of_messages, *of_notices}


def _astray(recipients: "object") -> int:
    astray = Q(state="pending") | Q(state="written", message__isnull=True)
    return recipients.filter(astray).count()  # type: ignore[attr-defined, no-any-return]


def _unexplained() -> int:
    skipped = MailingRecipient.objects.filter(state="skipped", reason="").count()
    return skipped + Delivery.objects.filter(state="failed", reason="").count()


def _written_twice() -> int:
    out = Message.objects.filter(mailing__isnull=False, direction=Message.Direction.OUT)
    people = out.values("mailing", "conversation__person").annotate(number=Count("pk"))
    return people.filter(number__gt=1).count()


def _without_one_delivery() -> int:
    out = Message.objects.filter(direction=Message.Direction.OUT).annotate(number=Count("deliveries"))
    return out.exclude(number=1).count()


def _cancelled_wrongly(run: Run) -> int:
    return Delivery.objects.filter(state="cancelled").exclude(mailing__in=run.meddler.cancelled).count()


def _doubled(run: Run) -> Iterator[Line]:
    shown = _ids(unconfirmed_at__isnull=False)
    astray = sum(len(recipients) > 1 for recipients in run.taken.recipients.values())
    yield told("taken by the relay without an answer", run.taken.unanswered)
    yield Line("copies too many, all under the same Message-ID", run.taken.extra, 0, run.open_at_faults)
    yield exactly("  of mails never shown as unconfirmed", len(run.taken.doubled.keys() - shown), 0)
    yield exactly("  one Message-ID, two recipients", astray, 0)
    yield told("deliveries shown as unconfirmed at some time", len(shown))


def _mailings(run: Run) -> Iterator[Line]:
    sent = Mailing.objects.filter(pk__in=[mailing.pk for mailing in run.meddler.mailings])
    yield exactly("mailings not done or cancelled", sent.exclude(state__in=("done", "cancelled")).count(), 0)
    yield exactly("mailings without the right number of completion mails", _wrongly_completed(run), 0)


def _wrongly_completed(run: Run) -> int:
    """One a time that it ended; a retry may have made it end again."""
    texts = list(Notice.objects.filter(kind=Notice.Kind.MAILING_DONE).values_list("text", flat=True))
    wrong = 0
    for mailing in Mailing.objects.all():
        told = sum(f"/mailings/{mailing.pk}/" in text for text in texts)
        least = int(mailing.state == Mailing.State.DONE)
        most = run.meddler.retried[mailing.pk] + int(mailing.pk not in run.meddler.cancelled)
        wrong += not least <= told <= most
    return wrong


def _in(run: Run) -> Iterator[Line]:
    answers = run.outside.taken
    stored = Counter(InboundMail.objects.values_list("subject", flat=True))
    filed = Counter(
        Message.objects.filter(direction=Message.Direction.IN).values_list("conversation", "rfc_message_id")
    )
    right = {(answer.conversation, answer.message_id) for answer in answers}
    yield exactly("mails in that got a 250", len(answers), run.options.inbound)
    yield told("  tries that it took", run.outside.tries)
    yield exactly("  refused for good", len(run.outside.refused), 0)
    yield exactly("  not in the database exactly once", sum(stored[answer.subject] != 1 for answer in answers), 0)
    yield exactly("  not in their conversation exactly once", sum(filed[place] != 1 for place in right), 0)
    yield exactly("  in another conversation", len(filed.keys() - right), 0)
    yield exactly("  in the database though nobody said 250", len(stored.keys() - {a.subject for a in answers}), 0)
    yield exactly("  still to be read", InboundMail.objects.exclude(state="filed").count(), 0)
    copies = Notice.objects.filter(kind=Notice.Kind.REPLY_COPY).count()
    yield exactly("  copies for Hannah", copies, len(answers))


def _browser(run: Run) -> Iterator[Line]:
    keys = [*run.outside.said, *run.meddler.singles]
    written = Counter(Message.objects.exclude(send_key="").values_list("send_key", flat=True))
    orphans = Conversation.objects.filter(messages__isnull=True).count()
    yield exactly("messages that Hannah sent in the browser", len(run.outside.said), run.options.from_browser)
    yield told("  clicks on Send that it took", run.outside.clicks)
    yield told("messages that she sent one by one in all", len(keys))
    yield exactly("  not there exactly once", sum(written[key] != 1 for key in keys), 0)
    yield exactly("  conversations without a message", orphans, 0)


def as_table(lines: list[Line], markdown: bool = False) -> str:
    """For a terminal, or for the README."""
    if markdown:
        rows = [f"| {line.what.strip()} | {line.number:,} | {line.expected} |" for line in lines]
        return "\n".join(["| what | count | expected |", "|---|---|---|", *rows])
    width = max(len(line.what) for line in lines)
    marks = {True: " ", False: "✗"}
    return "\n".join(f"{marks[line.holds]} {line.what:<{width}}  {line.number:>9,}  {line.expected}" for line in lines)
