"""HTML from outside made safe to show, and the ways between HTML and plain text.

nh3 decides what is safe; `tame` before it bounds what it has to read. Pages still show the result in a sandboxed frame.
"""

import html as entities
import re
import secrets
from collections.abc import Callable

import nh3
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from candidly.mail.tame import tame

LINK_REL = "noopener noreferrer nofollow"
LONGEST_TEXT = 1_000_000

_TAGS = frozenset(nh3.ALLOWED_TAGS - {"area", "map", "details", "summary"} | {"font", "tfoot"})
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "title", "dir", "lang", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "tr": {"bgcolor"},
    "td": {"width", "height", "bgcolor", "colspan", "rowspan", "nowrap"},
    "th": {"width", "height", "bgcolor", "colspan", "rowspan", "nowrap", "scope"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "blockquote": {"cite", "type"},
}
_LOADING = {"srcset", "background", "poster"}
_STYLES = set(
    re.findall(
        r"\S+",
        """
        color background background-color direction font font-family font-size font-style font-weight letter-spacing
        line-height list-style-type margin margin-bottom margin-left margin-right margin-top padding padding-bottom
        padding-left padding-right padding-top border border-bottom border-collapse border-color border-left
        border-radius border-right border-spacing border-style border-top border-width text-align text-decoration
        text-indent text-transform vertical-align white-space width max-width height word-break word-wrap
        """,
    )
)
_COLOUR = re.compile(r"\b(?:rgba?|hsla?)\([^()]*\)", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_REMOTE_IN_STYLE = re.compile(r"url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
_SAFE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp)[;,]", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_LAID_OUT_TAGS = 10_000
_LINE_END = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)>")
_TAG = re.compile(r'<[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>')  # as nh3 writes it: a value may hold angle brackets
_AFTER_LINK = ".,;:!?'*_"


def sanitize(html: str) -> str:
    """What of `html` is safe to show: no script, form, style sheet or position; links open apart, without referrer."""
    return _SANITIZER.clean(tame(html, _TAGS))


def block_remote_images(html: str) -> tuple[str, int]:
    """`html`, sanitised, in which nothing is loaded from elsewhere, and how many remote addresses were blocked.

    A remote `src` moves to `data-remote-src`; remote `srcset`, `background` and `url(...)` are taken out.
    Images in the mail (`cid:`) or in the page (`data:image/...`) stay.
    """
    mark = f"blocked-{secrets.token_hex(8)}:"
    blocked = 0

    def blocking(tag: str, attribute: str, value: str) -> str | None:
        nonlocal blocked
        blocked += len(_REMOTE_IN_STYLE.findall(value)) if attribute == "style" else 0
        if attribute in _LOADING or (tag == "img" and attribute == "src" and _REMOTE.match(value)):
            blocked += bool(_REMOTE.match(value))
            return mark + value if attribute == "src" else None
        return _safe_value(tag, attribute, value)

    attributes = _ATTRIBUTES | {"*": _ATTRIBUTES["*"] | _LOADING}
    cleaned = _sanitizer(attributes, blocking).clean(tame(html, _TAGS))
    return cleaned.replace(f' src="{mark}', ' data-remote-src="'), blocked


def html_to_text(html: str) -> str:
    """The text that a reader of `html` sees, links without their addresses."""
    return safe_html_to_text(sanitize(html))


def safe_html_to_text(safe: str) -> str:
    """As `html_to_text`, for HTML that `sanitize` has made."""
    text = _laid_out(safe) if safe.count("<") <= _LAID_OUT_TAGS else _stripped(safe)
    return "\n".join(line.rstrip() for line in text[:LONGEST_TEXT].splitlines()).strip("\n")


def text_to_html(text: str) -> str:
    """Plain text as HTML: paragraphs at empty lines, line breaks kept, web addresses made links."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = [_linked(paragraph) for paragraph in re.split(r"\n(?:[ \t]*\n)+", lines) if paragraph.strip()]
    return "\n".join(f"<p>{paragraph.replace('\n', '<br>\n')}</p>" for paragraph in paragraphs)


def _laid_out(safe: str) -> str:
    try:
        return str(get_text(safe, ParserConfig()))
    except Exception:  # noqa: BLE001 - the layout failed, in whatever way; the words must not be lost
        return _stripped(safe)


def _stripped(safe: str) -> str:
    return entities.unescape(_TAG.sub("", _LINE_END.sub("\n", safe)))


def _safe_value(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return ";".join(filter(_loads_nothing, value.split(";")))
    scheme = value.strip().partition(":")[0].lower()
    if scheme == "data":
        return value if tag == "img" and _SAFE_DATA.match(value.strip()) else None
    return value if scheme != "cid" or tag == "img" else None


def _loads_nothing(declaration: str) -> bool:
    """No `url(...)`, `image-set(...)` or `expression(...)`, and no escape that could hide one."""
    return not {"(", "\\", "@"} & set(_COLOUR.sub("", declaration))


def _absolute(url: str) -> str | None:
    return f"https:{url}" if url.startswith("//") else None


def _sanitizer(attributes: dict[str, set[str]], attribute_filter: Callable[[str, str, str], str | None]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes=attributes,
        attribute_filter=attribute_filter,
        filter_style_properties=_STYLES,
        url_schemes=_SCHEMES,
        url_relative=_absolute,
        link_rel=LINK_REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _linked(text: str) -> str:
    pieces, position = [], 0
    for match in _LINK.finditer(text):
        url = _without_trailing_signs(match[0])
        shown = entities.escape(url)
        link = f'<a href="{shown}" target="_blank" rel="{LINK_REL}">{shown}</a>'
        pieces += [entities.escape(text[position : match.start()]), link]
        position = match.start() + len(url)
    return "".join([*pieces, entities.escape(text[position:])])


def _without_trailing_signs(url: str) -> str:
    url = url.rstrip(_AFTER_LINK)
    return url[:-1].rstrip(_AFTER_LINK) if url.endswith(")") and "(" not in url else url


_SANITIZER = _sanitizer(_ATTRIBUTES, _safe_value)
