"""Delivery out: from pressing Send to all rows `sent`, through real workers, to smtp-sink on loopback."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from bench import cast, meter, programs, texts
from bench.figures import Figure, middle
from candidly.actions import fan_out, mailings
from candidly.models import Delivery, Mailing, Member
from candidly.models.planning import keep_plans
from tests.peers.processes import wait_until

PART = "Delivery out"
UNIT = "messages/s"
REPEATS = 3
PATIENCE = 300.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """Reference and workers take turns, so that both see the machine in the same moods."""
    number, plain = (2_000, 100) if quick else (20_000, 500)
    member = cast.recruiter()
    cast.add_candidates(member, number)
    with programs.sink() as port:
        rounds = [_round(member, number, port) for _ in range(1 if quick else REPEATS)]
        reference, *ours = (middle(list(same)) for same in zip(*rounds, strict=True))
        loop = _peer("loop", "Django, one connection, a row per mail", plain, port)
        office = _peer("office", "django-post_office, 2 processes", plain * 2, port)
        stages = list(_stages(member, number, port))
    yield reference
    for figure in ours:
        times = {"times_plain_django": figure.value / loop.value, "times_post_office": figure.value / office.value}
        yield replace(figure, more=figure.more | times).beside(reference)
    for figure in (*stages, loop, office):
        yield figure.beside(reference)


def _round(member: Member, number: int, port: int) -> list[Figure]:
    source = programs.smtp_source(port, number)
    cpu = source.cpu * 1000 / number
    reference = Figure(PART, connection.vendor, "smtp-source -d -s 10", number / source.seconds, UNIT, cpu=cpu)
    ours = []
    for many, name in ((1, "Send to sent, 1 worker"), (2, "Send to sent, 2 workers")):
        with workers(many, port) as pids:
            ours.append(whole(member, pids, name))
    return [reference, *ours]


def whole(member: Member, pids: list[int], name: str) -> Figure:
    """Everything: the frozen audience, conversations, messages, deliveries, claims, hand-overs and marks."""
    before = meter.use_of(pids)
    pressed = timezone.now()
    mailing = _send(member)
    return _delivered(mailing, name, pressed, before, pids)


def _stages(member: Member, number: int, port: int) -> Iterator[Figure]:
    """Each on its own: freeze, write, deliver."""
    began = time.perf_counter()
    mailing = _send(member)
    yield _stage("Freeze alone", number, time.perf_counter() - began)
    keep_plans()  # as a worker does
    connection.close()
    began, cpu = time.perf_counter(), time.process_time()
    while fan_out.fan_out(mailing):
        pass
    seconds = time.perf_counter() - began
    yield replace(_stage("Fan-out alone", number, seconds), cpu=(time.process_time() - cpu) * 1000 / number)
    mailings.pause(mailing)
    with workers(1, port) as pids:
        before = meter.use_of(pids)
        resumed = timezone.now()
        mailings.resume(mailing)
        yield _delivered(mailing, "Deliver alone, 1 worker", resumed, before, pids)


def _stage(name: str, number: int, seconds: float) -> Figure:
    return Figure(PART, connection.vendor, name, number / seconds, UNIT)


def _send(member: Member) -> Mailing:
    return mailings.send(
        member, mailings.Order(subject=texts.SUBJECT, body=texts.BODY, is_html=True, audience={"filter": {}})
    )


@contextmanager
def workers(number: int, port: int) -> Iterator[list[int]]:
    """Worker processes that send to `port`; gives their ids once they work."""
    relay = programs.relay(port)
    with ExitStack() as stack:
        started = [programs.candidly("worker", says="worker started", settings=relay) for _ in range(number)]
        yield [stack.enter_context(worker) for worker in started]


def _delivered(mailing: Mailing, name: str, began: datetime, before: meter.Use, pids: list[int]) -> Figure:
    """Waits for the end, which the workers themselves declare; the clock stops at the last row that became `sent`."""
    wait_until(lambda: _is_done(mailing), f"the mailing is done ({name})", PATIENCE)
    used, memory = meter.use_of(pids) - before, meter.highest_memory(pids)
    number, sent = mailing.total, mailing.deliveries.filter(state=Delivery.State.SENT)
    if sent.count() != number:
        raise SystemExit(f"{sent.count()} of {number} were sent.")
    seconds = (sent.aggregate(last=Max("sent_at"))["last"] - began).total_seconds()
    return replace(
        _stage(name, number, seconds),
        cpu=used.ours * 1000 / number,
        database_cpu=used.database * 1000 / number,
        memory=memory,
    )


def _is_done(mailing: Mailing) -> bool:
    return Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DONE).exists()


def _peer(module: str, name: str, number: int, port: int) -> Figure:
    """Another way to send the same, in a small project of its own beside our tables."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.peers.settings", "BENCH_SMTP_PORT": str(port)}
    command = [sys.executable, "-m", f"bench.peers.{module}", str(number)]
    took = json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
    figure = _stage(name, number, took["seconds"])
    return replace(figure, cpu=took["cpu"] * 1000 / number, memory=took["memory"])
