"""What readers of plain text get of a formatted mail, and what of it they do not get."""

import re
from functools import lru_cache
from html import unescape

from candidly.mail.sanitize import safe_html_to_text

_LINK = re.compile(r'<a(\s[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+)>(.*?)</a>', re.DOTALL)
_HREF = re.compile(r'\shref="([^"]*)"')
_TAG = re.compile(r"<[^<>]*>")
_LOST = {
    "bold": re.compile(r"<(?:strong|b)\b"),
    "italics": re.compile(r"<(?:em|i)\b"),
    "headings": re.compile(r"<h[1-6]\b"),
    "quotes": re.compile(r"<blockquote\b"),
    "pictures": re.compile(r"<img\b"),
    "tables": re.compile(r"<table\b"),
    "colours and sizes": re.compile(r'<[^<>]*\sstyle="'),
}


@lru_cache(maxsize=32)
def text_of(safe: str) -> str:
    """The text of sanitised HTML, the address of each link behind its words."""
    return safe_html_to_text(_LINK.sub(_with_address, safe))


def lost_as_text(safe: str) -> list[str]:
    """What sanitised HTML has that plain text cannot show, in plain words."""
    return [words for words, pattern in _LOST.items() if pattern.search(safe)]


def _with_address(link: re.Match[str]) -> str:
    address = _HREF.search(link[1])
    if not address:
        return link[0]
    words = unescape(_TAG.sub("", link[2])).strip()
    shown = unescape(address[1]).removeprefix("mailto:")
    return link[0] if shown.rstrip("/").endswith(words.rstrip("/")) and words else f"{link[0]} ({address[1]})"
