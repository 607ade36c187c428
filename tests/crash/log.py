"""What the relay took, read back from its log."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """`times`: how often each Message-ID was taken. `unanswered`: mails that were taken without saying so."""

    times: Counter[str]
    recipients: dict[str, set[str]]
    unanswered: int
    faults: Counter[str]

    @property
    def doubled(self) -> dict[str, int]:
        return {message_id: number for message_id, number in self.times.items() if number > 1}

    @property
    def extra(self) -> int:
        """How many copies came on top of one each."""
        return sum(number - 1 for number in self.doubled.values())


def read_log(path: Path) -> Taken:
    times: Counter[str] = Counter()
    recipients: dict[str, set[str]] = {}
    faults: Counter[str] = Counter()
    unanswered = 0
    for line in path.read_text().splitlines():
        kind, *rest = line.split("\t")
        if kind == "fault":
            faults[rest[0]] += 1
            continue
        message_id, recipient, _, answer = rest
        times[message_id] += 1
        recipients.setdefault(message_id, set()).add(recipient)
        unanswered += answer == "unanswered"
    return Taken(times, recipients, unanswered, faults)


def count_taken(path: Path) -> int:
    """How many lines there are so far: a measure of how far the traffic has come."""
    return path.read_bytes().count(b"\nmail\t") if path.exists() else 0
