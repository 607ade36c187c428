"""Run the loops until told to stop: a thread each, so that a slow relay delays no incoming mail."""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from candidly.actions import deliveries, fan_out
from candidly.channels.contract import Channel
from candidly.channels.gmail.settings import gmail_settings
from candidly.channels.imap.settings import imap_settings
from candidly.channels.registry import open_channel
from candidly.config import config
from candidly.models.changes import change_counter
from candidly.models.planning import keep_plans
from candidly.worker import loops
from candidly.worker.journal import FOLDER, Journal
from candidly.worker.listening import Listening
from candidly.worker.mailboxes import Reading
from candidly.worker.memory import share_arenas
from candidly.worker.providers import providers_of
from candidly.worker.relay import relay_settings
from candidly.worker.sending import Sending
from candidly.worker.stopping import hold_signals, wait_for_signal
from candidly.worker.taking_in import TakingIn
from candidly.worker.texts import text_settings
from candidly.worker.watch import Watch

log = structlog.get_logger()

#: Seconds to rest when there was nothing to do (UNHURRIED: where half a second is not noticed), and when the database
#: did not answer.
IDLE = 0.2
UNHURRIED = 0.5
LONGEST = 1.0
#: How many times as long as the rest before, where nothing happens for a while.
LONGER = 1.2
HOUSEKEEPING = 5.0
RENEWAL = 30.0
STATISTICS = 600.0
DATABASE_AWAY = 2.0


def run() -> None:
    """Work until SIGINT or SIGTERM; then give back what was not begun and return."""
    stop = threading.Event()
    worker = _new_name()
    hold_signals()
    share_arenas()
    keep_plans()
    try:
        with ExitStack() as ways_out:
            _work(stop, worker, [_way_out(ways_out, worker, *way) for way in _ways()])
    except (DatabaseError, InterfaceError):
        log.warning("worker stopped; the next one settles what it had in hand: the database is away", worker=worker)
    else:
        log.info("worker stopped", worker=worker)


def _ways() -> list[tuple[str, Channel]]:
    """What serves each kind of delivery on this installation."""
    ways = [("email", open_channel("smtp", relay_settings(config())))]
    if config().texts:
        ways.append(("sms", open_channel("sms", text_settings(config()))))
    if config().gmail:
        ways.append(("gmail", open_channel("gmail", gmail_settings(config()))))
    if config().imap:
        ways.append(("imap", open_channel("imap", imap_settings(config()))))
    return ways


def _start_mailboxes(stop: threading.Event, worker: str) -> list[threading.Thread]:
    """Readers of members' own mailboxes, each under a name of its own, and listeners where any can be listened to."""
    providers = providers_of(config())
    readers = [Reading(f"{worker}-r{n}", providers, stop.is_set) for n in range(config().mailbox_readers)]
    can_listen = any(provider.mailboxes.can_listen for provider in providers.values())
    listeners = [Listening(providers, stop.is_set) for _ in range(config().mailbox_listeners if can_listen else 0)]
    rests = [UNHURRIED, *[HOUSEKEEPING] * len(readers)]  # the others come when the first has much to do
    return [
        *(_start(stop, reader.round, rest) for reader, rest in zip(readers, rests, strict=False)),
        *(_start(stop, listener.round, HOUSEKEEPING) for listener in listeners),
    ]


def _way_out(stack: ExitStack, worker: str, serves: str, channel: Channel) -> Sending:
    """Its own name and journal each, so that one never settles what another holds."""
    name = f"{worker}-{serves}"
    return Sending(name, serves, channel, stack.enter_context(Journal(config().data_dir / FOLDER, name)))


def _new_name() -> str:
    """One that no worker had before: in a container every one has the same host name and process id."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


def _work(stop: threading.Event, worker: str, ways_out: Sequence[Sending]) -> None:
    watch = Watch(config().data_dir)
    threads = [
        _start(stop, watch.look, HOUSEKEEPING),
        *_start_mailboxes(stop, worker),
        *(thread for sending in ways_out for thread in _start_sending(stop, sending, watch)),
        *_start_writers(stop, watch),
        _start(stop, watch.before(loops.send_scheduled), UNHURRIED),
        _start(stop, loops.fill_campaigns, UNHURRIED),
        _start(stop, loops.read_mail, IDLE),
        _start(stop, loops.index, UNHURRIED),
        _start(stop, TakingIn(stop).round, UNHURRIED),
        _start(stop, loops.remind, HOUSEKEEPING),
        _start(stop, loops.wake_snoozed, HOUSEKEEPING),
        _start(stop, loops.keep_house, HOUSEKEEPING),
        _start(stop, loops.keep_statistics, STATISTICS),
    ]
    log.info("worker started", worker=worker)
    wait_for_signal()
    stop.set()
    for sending in ways_out:
        sending.channel.stop()
    for thread in threads:
        thread.join()
    for sending in ways_out:
        _give_back(sending)


def _start_writers(stop: threading.Event, watch: Watch) -> list[threading.Thread]:
    """As many as gain anything; all but the first look now and then whether there is that much to write."""
    rests = [UNHURRIED, *[LONGEST] * (fan_out.side_by_side() - 1)]
    return [_start(stop, watch.before(loops.write_mailings), rest) for rest in rests]


def _start_sending(stop: threading.Event, sending: Sending, watch: Watch) -> list[threading.Thread]:
    return [
        _start(stop, sending.settle_the_dead, HOUSEKEEPING),
        _start(stop, watch.before(sending.round), IDLE),
        _start(stop, sending.renew, RENEWAL),
    ]


def _give_back(sending: Sending) -> None:
    try:
        sending.settle()
        deliveries.release(sending.worker)
    finally:
        sending.channel.close()


def _start(stop: threading.Event, work: Callable[[], bool], idle: float) -> threading.Thread:
    thread = threading.Thread(target=_repeat, args=(stop, work, idle), name=work.__name__)
    thread.start()
    return thread


def _repeat(stop: threading.Event, work: Callable[[], bool], idle: float) -> None:
    """Round after round. A fault ends a round and not the loop: the rows say what is still to be done.

    It rests for `idle` seconds when there was nothing to do. Where the database cannot tell that nothing was written,
    it rests longer each time, up to LONGEST: a worker that nobody needs asks little.
    """
    rest = idle
    while not stop.is_set():
        close_old_connections()
        try:
            seen = change_counter()
            if work():
                rest = idle
            else:
                _rest(stop, rest, seen)
                rest = idle if seen is not None else max(idle, min(rest * LONGER, LONGEST))
        except (DatabaseError, InterfaceError) as error:
            log.warning(
                "the database does not answer; trying again",
                work=work.__name__,
                error=type(error).__name__,
            )
            stop.wait(DATABASE_AWAY)
        except Exception:
            log.exception("a round broke off", work=work.__name__)
            stop.wait(DATABASE_AWAY)
    connections.close_all()


def _rest(stop: threading.Event, seconds: float, seen: int | None) -> None:
    """Rest for `seconds`, and go on resting while nothing was written since `seen`: but no longer than LONGEST, because
    things also fall due. Where the database cannot tell (None), rest for `seconds` and no longer."""
    until = monotonic() + LONGEST
    stop.wait(seconds)
    while seen is not None and not stop.is_set() and monotonic() < until and change_counter() == seen:
        stop.wait(seconds)
