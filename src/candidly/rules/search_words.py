"""The words of a text as full-text search knows them, and of what a person asks for.

Words are cut and folded here and nowhere else, so that PostgreSQL and SQLite find the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from candidly.rules.search_text import fold

#: Characters of a text that are searched, and of a word that count.
LONGEST_TEXT = 100_000
LONGEST_WORD = 60
#: Words of a query that count, and letters from which on a word also stands for those that begin with it.
MOST_TERMS = 10
SHORTEST_BEGINNING = 3

#: What is written without spaces: each sign is a word of its own, and words next to each other are a phrase.
_SIGNS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"([{_SIGNS}])")
_RUN = re.compile(f"[{_SIGNS}]|[^ {_SIGNS}]+")
_PIECES = re.compile(r'"([^"]*)"?|([^\s"]+)')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


class _Letters(dict[int, str | int]):
    """For str.translate: letters, digits and vowel signs as they are, a space for anything else."""

    def __missing__(self, code: int) -> str | int:
        self[code] = code if unicodedata.category(chr(code))[0] in "LNM" else " "
        return self[code]


_LETTERS = _Letters()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    folded = fold(text[:LONGEST_TEXT])[:LONGEST_TEXT].translate(_LETTERS)
    parted = folded if folded.isascii() else _UNSPACED.sub(r" \1 ", folded)
    return [word[:LONGEST_WORD] for word in parted.split()]


def runs(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each word stands in the text as it was written."""
    return (found.span() for found in _RUN.finditer(text.translate(_LETTERS)))


@dataclass(frozen=True)
class Term:
    """Words that must follow each other; the last one may be only the beginning of a word."""

    words: tuple[str, ...]
    is_beginning: bool = False


def terms(query: str) -> list[Term]:
    """What must all be found: each word typed, and each “quoted phrase” exactly. Any text is a query."""
    return list(_terms(query))[:MOST_TERMS]


def _terms(query: str) -> Iterator[Term]:
    for phrase, word in _PIECES.findall(query.translate(_QUOTES)):
        cut = tuple(words(phrase or word))
        if cut:
            yield Term(cut, is_beginning=bool(word) and len(cut[-1]) >= SHORTEST_BEGINNING)
