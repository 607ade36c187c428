"""Make authors' HTML safe without losing the merge fields in it."""

import secrets
from html import escape, unescape

from candidly.mail.sanitize import sanitize
from candidly.rules.merge_fields import Field, compile_text


def sanitized(html: str) -> str:
    """`html` made safe. A link whose address is a field (`href="{{custom.page}}"`) stays a link.

    The sanitiser takes such an address for a relative one and drops it; so it is shown a whole address instead.
    """
    stand_in = f"https://{secrets.token_hex(8)}-"
    links: list[str] = []
    shown: list[str] = []
    for piece in compile_text(html).pieces:
        if isinstance(piece, Field) and piece.in_link:
            shown.append(f"{stand_in}{len(links)}.invalid")
            links.append(escape(unescape(piece.raw)))
        else:
            shown.append(piece.raw if isinstance(piece, Field) else piece)
    safe = sanitize("".join(shown))
    for place, raw in enumerate(links):
        safe = safe.replace(f"{stand_in}{place}.invalid", raw)
    return safe
