"""HTML made cheap to read: balanced, shallow and short, whatever was sent.

Parsers that follow the HTML standard take seconds or gigabytes for a few kilobytes of unclosed or deeply nested
tags (each block re-opens every formatting tag left open). This pass writes every tag anew, so that what the parser
behind it sees is exactly what was counted here. It is no sanitiser: that comes after it.
"""

import re
from itertools import islice

LONGEST = 250_000  # characters of HTML that are read
_TAGS = 10_000
_DEPTH = 200
_FORMATTING_DEPTH = 12
_ATTRIBUTES = 40
_ENTITIES = 50_000

VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_FORMATTING = frozenset({"a", "b", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"})
_CLOSED_BY_THE_NEXT = frozenset({"p", "li", "td", "th", "tr", "dt", "dd"})

_HIDDEN = "script|style|title|textarea|xmp|iframe|noembed|noframes|noscript|template|svg|math|select|object|plaintext"
_TOKEN = re.compile(
    rf"<!--.*?(?:-->|\Z)|<({_HIDDEN})(?![\w:-]).*?(?:</\1\s*>|\Z)|<[!?][^<>]*>|<(/?)([a-z][\w:-]*+)([^<>]*)>",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([a-zA-Z][\w:-]*+)\s*+=\s*+("[^"]*"|'[^']*'|[^\s"']++)""")


def tame(html: str, allowed: frozenset[str]) -> str:
    """`html` with the `allowed` tags only, each closed, and at most `LONGEST` characters of it."""
    html = html[:LONGEST]
    if html.count("&") > _ENTITIES:
        html = html.replace("&", " ")  # nobody writes so many; each costs the parser more than the one before
    return _Writer(allowed).write(html)


class _Writer:
    """The document written so far, and the tags open in it."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed
        self.written: list[str] = []
        self.open: list[str] = []
        self.tags = 0

    def write(self, html: str) -> str:
        position = 0
        for token in _TOKEN.finditer(html):
            self._text(html[position : token.start()])
            position = token.end()
            name = (token[3] or "").lower()
            if name not in self.allowed:
                continue
            if token[2]:
                self._close(name)
            elif self.tags < _TAGS:
                self._start(name, token[4])
        self._text(html[position:])
        while self.open:
            self._close(self.open[-1])
        return "".join(self.written)

    def _text(self, text: str) -> None:
        self.written.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def _start(self, name: str, attributes: str) -> None:
        if name in _CLOSED_BY_THE_NEXT and self.open[-1:] == [name]:
            self._close(name)
        formatting = name in _FORMATTING and sum(tag in _FORMATTING for tag in self.open) >= _FORMATTING_DEPTH
        if formatting or len(self.open) >= _DEPTH:
            return
        self.tags += 1
        self.written.append(f"<{name}{_attributes(attributes)}>")
        if name not in VOID:
            self.open.append(name)

    def _close(self, name: str) -> None:
        if name not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.written.append(f"</{last}>")
            if last == name:
                return


def _attributes(text: str) -> str:
    found = islice(_ATTRIBUTE.finditer(text), _ATTRIBUTES)
    return "".join(f' {match[1]}="{_unquoted(match[2])}"' for match in found)


def _unquoted(value: str) -> str:
    inner = value[1:-1] if value[0] in "\"'" else value
    return inner.replace('"', "&quot;")
