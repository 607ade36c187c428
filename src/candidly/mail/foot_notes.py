"""The lines under our mails: the way to the portal, and under campaign mails the way to get no more of them."""

from html import escape

PORTAL = "Read and answer in your browser:"
UNSUBSCRIBE = "Unsubscribe from news and campaigns:"


def with_links(text: str, portal: str, unsubscribe: str = "") -> str:
    """The text with the addresses under it that there are, or as it is without any."""
    notes = [f"{note}\n{link}\n" for note, link in ((PORTAL, portal), (UNSUBSCRIBE, unsubscribe)) if link]
    return "\n".join([f"{text.rstrip()}\n", *notes]) if notes else text


def html_with_links(html: str, portal: str, unsubscribe: str = "") -> str:
    """The same for HTML; nothing stays nothing."""
    if not html:
        return html
    return html + "".join(_line(note, link) for note, link in ((PORTAL, portal), (UNSUBSCRIBE, unsubscribe)) if link)


def _line(note: str, link: str) -> str:
    address = escape(link)
    return f'<p style="color:#6b6e76;font-size:12px">{note} <a href="{address}">{address}</a></p>'
