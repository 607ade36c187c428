"""One run from the first mail to the verdict."""

import random
import shutil
import signal
import sys
import time
from collections.abc import Callable

import structlog
from django.db import connection
from django.utils import timezone

from candidly.models import Conversation, Delivery, InboundMail, Mailing, ScheduledMessage
from tests.crash import cast
from tests.crash.cast import insist
from tests.crash.ground import Ground, relay_running
from tests.crash.house import House
from tests.crash.log import read_log
from tests.crash.options import Options
from tests.crash.outside import Outside, write_answers
from tests.crash.storm import Meddler, Storm
from tests.crash.verdict import Run, as_table, judge

log = structlog.get_logger()

WAITING = ("queued", "unconfirmed")


def run(options: Options, ground: Ground) -> int:
    """Prints the table. Returns 0 when everything holds, 1 when not."""
    began = time.monotonic()
    with relay_running(ground, options) as relay:
        judged = _run(options, ground, lambda: relay.send_signal(signal.SIGUSR1))
    lines = list(judge(judged))
    good = judged.settled and all(line.holds for line in lines)
    print(f"{options.database}, {options.workers} workers, seed {options.seed}, {time.monotonic() - began:.0f} s")
    print(as_table(lines))
    if not judged.settled:
        print(f"✗ It had not come to rest {options.patience:.0f} s after the last fault.")
    if not good:
        kept = shutil.copytree(ground.folder, f"{ground.folder}-kept", ignore=shutil.ignore_patterns("pg-*"))
        print(f"What the processes said, and the relay's log, are kept in {kept}", file=sys.stderr)
    connection.close()
    return 0 if good else 1


def _run(options: Options, ground: Ground, calm: Callable[[], None]) -> Run:
    hannah = cast.gather(options.people)
    sent = [cast.send_mailing(hannah, 1)]
    house = House(ground.environment, options.workers, ground.said)
    house.start()
    storm = Storm(options, ground, house, hannah, sent)
    meddler = Meddler(options, hannah, sent)
    outside = Outside(ground)
    try:
        _until(options.patience, lambda: house.runs() and _is_written(sent[0]))
        answers = write_answers(sent[0].pk, options.inbound, random.Random(options.seed))
        outside.begin(hannah, answers, options.from_browser)
        meddler.start()
        storm.rage(options.people * options.mailings + options.inbound)
        meddler.finish()
        calm()
        insist(_hasten)
        settled = outside.finish(options.patience) and _until(options.patience, _is_at_rest)
    finally:
        meddler.finish()
        outside.finish(0)
        house.stop()
    return Run(options, house, storm, meddler, outside, read_log(ground.relay_log), settled)


def _is_written(mailing: Mailing) -> bool:
    """All of its messages: candidates can only answer what is there."""
    return not mailing.recipients.filter(state="pending").exists() and Conversation.objects.exists()


def _is_at_rest() -> bool:
    return not (
        Delivery.objects.filter(state__in=Delivery.OPEN).exists()
        or InboundMail.objects.filter(state="stored").exists()
        or Mailing.objects.filter(state="sending").exists()
        or ScheduledMessage.objects.filter(state="waiting").exists()
    )


def _until(seconds: float, holds: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not insist(holds):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.2)
    return True


def _hasten() -> None:
    """The pauses between two attempts are not waited out, the fifth takes eight minutes: they are tested elsewhere."""
    Delivery.objects.filter(state__in=WAITING).update(due_at=timezone.now())
