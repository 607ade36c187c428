"""The queue's counts as they are shown."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma

from candidly.rules.outbox import COUNTED, SENT_COUNTED, Queue


@dataclass(frozen=True, slots=True)
class Figure:
    """One count with its label; `hint` says what it counts, `tone` is "danger" for what somebody must see to."""

    label: str
    value: str
    hint: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    waiting: tuple[Figure, ...]
    speed: tuple[Figure, ...]
    oldest_due_at: datetime | None


def figures_of(queue: Queue) -> Figures:
    later = (Figure("For later", _at_most(queue.later), "Not tried yet: its time is to come"),) if queue.later else ()
    held = (Figure("Held", _at_most(queue.held), "Waits for a super admin to release it"),) if queue.held else ()
    return Figures(
        waiting=(
            Figure("Due now", _at_most(queue.due), "Leaves as soon as a worker takes it"),
            Figure("Waiting for retry", _at_most(queue.retrying), "Refused for now; is tried again later"),
            *later,
            Figure("Being sent", _at_most(queue.sending), "A worker has it in hand"),
            Figure("Unconfirmed", _at_most(queue.unconfirmed), "May have gone", _tone(queue.unconfirmed)),
            *held,
            Figure("Failed in 24 hours", _at_most(queue.failed), "Did not arrive", _tone(queue.failed)),
        ),
        speed=(
            Figure("Sent in the last minute", _at_most(queue.sent_minute, SENT_COUNTED), ""),
            Figure("Sent in the last hour", _at_most(queue.sent_hour, SENT_COUNTED), ""),
        ),
        oldest_due_at=queue.oldest_due_at,
    )


def _at_most(number: int, limit: int = COUNTED) -> str:
    return f"{intcomma(limit)}+" if number > limit else str(intcomma(number))


def _tone(number: int) -> str:
    return "danger" if number else ""
