"""What a text message says."""

LONGEST = 300


def short_form(text: str, link: str) -> str:
    """`text` in one paragraph, cut at a word where it is long, and the link under it to read on and answer."""
    short = " ".join(text.split())
    if len(short) > LONGEST:
        short = short[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:-") + " …"
    return f"{short}\n{link}" if link else short
