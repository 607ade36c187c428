"""What is measured: requests in this process, and the outbox as the database has it.

Labels name views, states and channels: never an organization, an address or anything that somebody wrote.
"""

import threading
import time
from collections.abc import Iterable

import structlog
from django.db import DatabaseError
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from candidly.rules import outbox, own_mailboxes

log = structlog.get_logger()

REQUESTS = Counter("candidly_http_requests_total", "Requests answered", ["view", "method", "status"])
DURATION = Histogram(
    "candidly_http_request_duration_seconds",
    "From the request to the answer",
    ["view", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

#: Seconds for which the database is not asked again.
FRESH = 5.0


class OutboxCollector(Collector):
    """Gauges from the database: the worker and the door are other processes, perhaps on other machines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: outbox.Totals | None = None
        self._asked_at = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before somebody asks: the database is left alone at the start."""
        return []

    def collect(self) -> Iterable[Metric]:
        totals = self._fresh_totals()
        yield GaugeMetricFamily("candidly_database_up", "1 when the database answers", value=float(totals is not None))
        if totals is not None:
            yield from _metrics(totals)

    def _fresh_totals(self) -> outbox.Totals | None:
        with self._lock:
            if self._totals is None or time.monotonic() - self._asked_at >= FRESH:
                self._totals = _ask()
                self._asked_at = time.monotonic()
            return self._totals


def _ask() -> outbox.Totals | None:
    try:
        return outbox.totals()
    except DatabaseError as error:
        log.warning("the database does not answer; measurements are left out", error=type(error).__name__)
        return None


def _metrics(totals: outbox.Totals) -> Iterable[Metric]:
    up_to = f"counted up to {outbox.MEASURED:,}"
    deliveries = GaugeMetricFamily("candidly_deliveries", f"Deliveries by state, {up_to}", labels=["state"])
    for state, number in totals.deliveries.items():
        deliveries.add_metric([state], number)
    inbound = GaugeMetricFamily("candidly_inbound_mails", f"Received mails by state, {up_to}", labels=["state"])
    for state, number in totals.inbound.items():
        inbound.add_metric([state], number)
    gateways = GaugeMetricFamily("candidly_gateway_up", "1 when the channel's gateway answers", labels=["channel"])
    for channel, is_up in totals.gateways.items():
        gateways.add_metric([channel], float(is_up))
    sent = GaugeMetricFamily(
        "candidly_deliveries_sent_last_minute", f"Handed over in the last minute, {up_to}", value=totals.sent_minute
    )
    oldest = GaugeMetricFamily(
        "candidly_oldest_due_seconds", "How long the longest waiting delivery is due", value=totals.oldest_seconds
    )
    yield from (deliveries, sent, oldest, inbound, gateways, *_of_mailboxes(totals.mailboxes))


def _of_mailboxes(totals: own_mailboxes.Totals) -> Iterable[Metric]:
    mailboxes = GaugeMetricFamily("candidly_mailboxes", "Members' own mailboxes by state", labels=["state"])
    for state, number in totals.states.items():
        mailboxes.add_metric([state], number)
    lag = GaugeMetricFamily(
        "candidly_mailbox_lag_seconds", "How long the longest waiting mailbox should have been looked at",
        value=totals.lag_seconds,
    )  # fmt: skip
    return mailboxes, lag


REGISTRY.register(OutboxCollector())
