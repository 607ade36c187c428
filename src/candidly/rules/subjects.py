"""Subjects of what begins, and of answers."""

from candidly.models import Organization


def first_subject(written: str, organization: Organization) -> str:
    """What was written, or, where nothing was, what is said of any message: a text message needs none."""
    return written.strip()[:998] or f"Message from {organization.name}"


def reply_subject(subject: str) -> str:
    """`Re: …`, once."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def bare_subject(subject: str) -> str:
    """The subject without what mail programs put before it when they answer or pass on, to be compared."""
    bare = subject.strip().casefold()
    while bare[:3] in ("re:", "aw:", "fw:", "wg:") or bare[:4] == "fwd:":
        bare = bare.partition(":")[2].strip()
    return bare
