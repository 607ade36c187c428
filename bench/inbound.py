"""Inbound: mails acknowledged once they are in the database, over ten connections to ten real reply addresses."""

import time
from collections.abc import Iterator

from django.db import connection

from bench import cast, meter, programs
from bench.figures import Figure, middle
from candidly.actions import conversations
from candidly.models import InboundMail, Member, Person, ReplyAddress
from candidly.rules import mail_identity
from tests.peers.processes import wait_until
from tests.support.ports import free_port

PART = "Inbound"
UNIT = "mails/s"
CONNECTIONS = 10
REPEATS = 3
#: Mails that a worker reads, and what it says when it begins.
READ = 1_000
READY = "worker started"

#: Sender and recipient of one connection.
type Route = tuple[str, str]


def measure(*, quick: bool) -> Iterator[Figure]:
    """The sender is the same for the reference and for us; ours must be there once each at the end."""
    number = 500 if quick else 5_000
    member = cast.recruiter()
    cast.add_candidates(member, CONNECTIONS)
    routes = [_route(member, person) for person in Person.objects.order_by("pk")]
    port = free_port()
    with programs.sink() as sink, programs.candidly("inbound", port=port, settings={"inbound_port": port}) as door:
        rounds = [_round(number, routes, sink, port, door) for _ in range(1 if quick else REPEATS)]
    reference, ours = (middle(list(same)) for same in zip(*rounds, strict=True))
    yield reference
    yield ours.beside(reference)
    yield _reading().beside(reference)


def _route(member: Member, person: Person) -> Route:
    """From the candidate to the reply address of a conversation that a member began with them."""
    conversation = conversations.start(member, person, subject="Your application", text="A question.").conversation
    token = ReplyAddress.objects.get(conversation=conversation, person=person).token
    return person.email, mail_identity.reply_address(token)


def _round(number: int, routes: list[Route], sink: int, port: int, door: int) -> list[Figure]:
    taken = programs.smtp_sources(sink, number, routes)
    reference = Figure(PART, connection.vendor, "smtp-sink", number / taken.seconds, UNIT)
    stored, before = InboundMail.objects.count(), meter.use_of([door])
    run = programs.smtp_sources(port, number, routes)
    used = meter.use_of([door]) - before
    if InboundMail.objects.count() - stored != number:
        raise SystemExit(f"{InboundMail.objects.count() - stored} of {number} mails were kept.")
    ours = Figure(
        PART,
        connection.vendor,
        "Acknowledged, in the database",
        number / run.seconds,
        UNIT,
        cpu=used.ours * 1000 / number,
        database_cpu=used.database * 1000 / number,
        memory=meter.highest_memory([door]),
    )
    return [reference, ours]


def _reading() -> Figure:
    """What a worker then does with them: parse, match, file, and queue the copy for the member's own inbox."""
    stored = InboundMail.objects.filter(state=InboundMail.State.STORED)
    InboundMail.objects.filter(pk__in=list(stored.order_by("pk").values_list("pk", flat=True)[READ:])).delete()
    with programs.sink() as sink, programs.candidly("worker", says=READY, settings=programs.relay(sink)) as pid:
        left, began, before = stored.count(), time.perf_counter(), meter.use_of([pid])
        wait_until(lambda: not stored.exists(), "every mail is read", 600)
        seconds, used = time.perf_counter() - began, meter.use_of([pid]) - before
        memory = meter.highest_memory([pid])
    if wrong := InboundMail.objects.exclude(state=InboundMail.State.FILED).count():
        raise SystemExit(f"{wrong} mails were not filed.")
    return Figure(
        PART,
        connection.vendor,
        "Read and filed, 1 worker",
        left / seconds,
        UNIT,
        cpu=used.ours * 1000 / left,
        database_cpu=used.database * 1000 / left,
        memory=memory,
    )
