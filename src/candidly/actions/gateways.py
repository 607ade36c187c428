"""Remember whether a channel's gateway answers, so that a dead one rests and pages can say so."""

from datetime import datetime

from candidly.actions import live
from candidly.models import Gateway
from candidly.rules import retry


def is_open(channel: str, now: datetime) -> bool:
    """Whether it is time to try the gateway: always while it answers, at intervals while it is down."""
    return not Gateway.objects.filter(channel=channel, retry_at__gt=now).exists()


def mark_down(channel: str, reason: str, now: datetime) -> None:
    gateway, _ = Gateway.objects.get_or_create(channel=channel)
    gateway.failures += 1
    gateway.down_since = gateway.down_since or now
    gateway.retry_at = now + retry.gateway_wait_after(gateway.failures)
    gateway.reason = reason[:500]
    gateway.save()
    live.publish("gateways", "gateway")


def mark_up(channel: str) -> None:
    """The gateway took something. Writes only when it counted as down."""
    down = Gateway.objects.filter(channel=channel, down_since__isnull=False)
    if down.update(down_since=None, retry_at=None, failures=0, reason=""):
        live.publish("gateways", "gateway")
