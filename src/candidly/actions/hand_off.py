"""The last look at what is about to leave: consent may have changed since it was written, and the hour may be odd."""

from collections.abc import Sequence


def allowed(channel: str, claimed: Sequence[int]) -> Sequence[int]:
    """Those of the claimed deliveries that may go now; the others are settled: suppressed, or put off."""
    return claimed
