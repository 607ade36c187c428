"""What no address expects, told to it."""

from collections.abc import Collection

from django.test import Client

from tests.authorization.asking import Visitor, ask, usual
from tests.authorization.table import TABLE

#: No text, no number, no day, no hour, and not what they seem.
NONSENSE = ("\x00", "²", "-1", "9" * 25, "0001-01-01", '{"ids": [1e400]}')
#: What many pages listen to, besides what the table says to each.
NAMES = (
    *("q", "after", "before", "since", "until", "sort", "stage", "status", "opening", "tag", "person", "rows", "shown"),
    "at",
)


def tell(browser: Client, name: str, methods: Collection[str], visitor: Visitor) -> None:
    """Nonsense in every field at once, and in one field after the other of what is usual there."""
    session, world = visitor
    heard = {key for row in TABLE.values() for form in (row.form, row.query) for key in form(world)}
    for method in sorted({"GET", "POST"}.intersection(methods)):
        words = usual(name, method, world)
        for nonsense in NONSENSE:
            everywhere = dict.fromkeys((*NAMES, *heard), nonsense)
            for said in (everywhere, *({**words, key: nonsense} for key in words)):
                answer = ask(browser, session, name, method, world, said)
                assert answer.status_code < 500, f"{method} of {name}: {said}"
