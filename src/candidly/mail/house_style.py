"""The look of formatted mails that we send, written into their elements: many mail programs drop style sheets."""

import re
from functools import lru_cache

import css_inline

_SHEET = """
p, ul, ol, blockquote { margin: 0 0 12px; line-height: 1.5 }
h1, h2, h3 { margin: 0 0 8px; line-height: 1.3; font-weight: 600 }
h1 { font-size: 22px }
h2 { font-size: 18px }
h3 { font-size: 16px }
ul, ol { padding-left: 24px }
li > p { margin: 0 }
blockquote { padding-left: 12px; border-left: 3px solid #d5d7dc; color: #55585f }
"""
_STYLE_ELEMENT = re.compile(r"<style\b[^<>]{0,500}>(.{0,100000}?)</style\s*>", re.DOTALL | re.IGNORECASE)
_BETWEEN_BLOCKS = re.compile(r"(?<=</p>)(?=<)")
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


@lru_cache(maxsize=32)
def dressed(html: str) -> str:
    """The HTML with our style in it; what the author says in a `style` of their own goes before. Merge fields stay.

    Each paragraph has a line of its own, so that one with a name in it differs alone (see parts.text_part).
    """
    return _BETWEEN_BLOCKS.sub("\n", _inlined(html, _SHEET)) if html else ""


def with_own_sheets(html: str) -> str:
    """The HTML with what its `<style>` elements say moved into the elements, where sanitising leaves it."""
    sheets = _STYLE_ELEMENT.findall(html)
    return _inlined(_STYLE_ELEMENT.sub("", html), "\n".join(sheets)) if sheets else html


def _inlined(html: str, sheet: str) -> str:
    try:
        return _INLINER.inline_fragment(html, sheet)
    except css_inline.InlineError:  # the sheet cannot be read: the words matter more than their look
        return html
