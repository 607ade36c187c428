"""How many a mailing would reach, which takes seconds where it is a hundred thousand.

The drawer keeps the count, signed, and gives it back with its next question: it is counted again when something has
changed on which it depends, or a minute later, and not with every letter that is typed.
"""

from dataclasses import asdict
from datetime import timedelta

from django.core import signing

from candidly.rules.preflight import Intent, Preflight, preflight

SALT = "mailing-count"
HOLDS = timedelta(minutes=1)


def counted(intent: Intent, kept: str) -> tuple[Preflight, str]:
    """The count, and what the drawer is to keep of it. `kept` is what it kept of an earlier one; empty for none."""
    try:
        of, found = signing.loads(kept, salt=SALT, max_age=HOLDS)
    except signing.BadSignature:
        of = found = None
    if of == intent.key:
        return Preflight(**found), kept
    fresh = preflight(intent)
    return fresh, signing.dumps([intent.key, asdict(fresh)], salt=SALT)
