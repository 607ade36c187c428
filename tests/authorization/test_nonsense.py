"""Whatever an address is told, it answers: what cannot be read is refused or left aside, and never breaks a page."""

import pytest
from django.test import Client

from tests.authorization.asking import Visitor, ask, usual
from tests.authorization.table import TABLE

#: No text, no number, no day, no hour, and not what they seem.
NONSENSE = (
    *("\x00", "²", "-1", "9" * 25, "9223372036854775808", "0001-01-01", "23:59", "[]", '{"ids": [1e400]}'),
    "x" * 5_000,
)
#: What many pages listen to, besides what the table says to each.
NAMES = (
    *("q", "after", "before", "since", "until", "sort", "stage", "status", "opening", "tag", "person", "rows", "shown"),
    "at",
)


def _who(visitors: list[Visitor], letters: str) -> Visitor:
    """Somebody who gets in, the last of those first."""
    return visitors[max(letters.rfind("y"), 0)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.is_librarys])
def test_nonsense_is_answered(name: str, browser: Client, visitors: list[Visitor]) -> None:
    for method in sorted({"GET", "POST"} & TABLE[name].methods.keys()):
        session, world = _who(visitors, TABLE[name].methods[method])
        words = usual(name, method, world)
        for nonsense in NONSENSE:
            everywhere = dict.fromkeys((*NAMES, *words), nonsense)
            for said in (everywhere, *({**words, key: nonsense} for key in words)):
                answer = ask(browser, session, name, method, world, said)
                assert answer.status_code < 500, f"{method} of {name}: {said}"
