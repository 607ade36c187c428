"""The line under our mails that leads to the portal."""

from html import escape

NOTE = "Read and answer in your browser:"


def with_link(text: str, link: str) -> str:
    """The text with the portal's address under it, or as it is where there is none."""
    return f"{text.rstrip()}\n\n{NOTE}\n{link}\n" if link else text


def html_with_link(html: str, link: str) -> str:
    """The same for HTML; nothing stays nothing."""
    if not html or not link:
        return html
    address = escape(link)
    return f'{html}<p style="color:#6b6e76;font-size:12px">{NOTE} <a href="{address}">{address}</a></p>'
