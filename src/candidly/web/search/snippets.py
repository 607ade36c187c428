"""The place of a text where the searched words stand, with the words marked."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from candidly.rules.search_words import Term, runs, words

#: Characters looked at, shown, and shown before the first word that was found.
LOOKED_AT = 10_000
SHOWN = 200
BEFORE = 60

type Span = tuple[int, int]


def highlighted(text: str, terms: Sequence[Term]) -> SafeString:
    """About SHOWN characters in one line from just before the first word found, or the beginning where none is."""
    line = " ".join(text[:LOOKED_AT].split())
    found = list(_found(line, terms))
    start = _start(line, found[0][0]) if found else 0
    end = _end(line, start + SHOWN)
    dots = ("… " if start else "", " …" if end < len(line) else "")
    return format_html("{}{}{}", dots[0], _marked(line, found, start, end), dots[1])


def beginning(text: str, terms: Sequence[Term]) -> SafeString:
    """A short text as it is, its words marked."""
    return _marked(text, list(_found(text, terms)), 0, len(text))


def _start(line: str, first: int) -> int:
    """A gap between words not far before the first one found."""
    if first <= BEFORE:
        return 0
    gap = line.find(" ", first - BEFORE, first)
    return gap + 1 if gap >= 0 else first


def _end(line: str, end: int) -> int:
    if end >= len(line):
        return len(line)
    gap = line.rfind(" ", end - BEFORE, end)
    return gap if gap >= 0 else end


def _marked(line: str, found: Sequence[Span], start: int, end: int) -> SafeString:
    pieces, at = [], start
    for first, last in found:
        if at <= first < end:
            pieces += [(line[at:first], line[first : min(last, end)])]
            at = min(last, end)
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), line[at:end])


def _found(line: str, terms: Sequence[Term]) -> Iterator[Span]:
    """Where the terms stand, from left to right, none over another."""
    placed = [(word, span) for span in runs(line) for word in _folded(line[slice(*span)])]
    text = [word for word, _ in placed]
    begin = tuple(term.words[0] for term in terms)
    end = 0
    for at in [at for at, word in enumerate(text) if word.startswith(begin)]:
        length = max((len(term.words) for term in terms if _stands(term, text, at)), default=0)
        if length and at >= end:
            end = at + length
            yield placed[at][1][0], placed[end - 1][1][1]


def _stands(term: Term, text: Sequence[str], at: int) -> bool:
    last = len(term.words) - 1
    if at + last >= len(text) or any(text[at + place] != term.words[place] for place in range(last)):
        return False
    found, wanted = text[at + last], term.words[last]
    return found.startswith(wanted) if term.is_beginning else found == wanted


@lru_cache(maxsize=50_000)
def _folded(run: str) -> list[str]:
    return words(run)
