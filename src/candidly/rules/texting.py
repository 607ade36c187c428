"""What a text message says."""

#: As much as is said beside a mail that says all of it.
SHORT = 300
#: As much as the provider takes (https://www.twilio.com/docs/errors/21617), counted as UTF-16 does.
LONGEST = 1600
CUT = " …"


def said(text: str, link: str, *, is_alone: bool) -> str:
    """What a text message says of `text`: all of it where it `is_alone`, else its short form."""
    return whole(text, link) if is_alone else short_form(text, link)


def short_form(text: str, link: str) -> str:
    """`text` in one paragraph, cut at a word where it is long, and the link under it to read on and answer."""
    return _with_link(_cut(" ".join(text.split()), SHORT), link)


def whole(text: str, link: str) -> str:
    """All of `text`, for who gets it by no other way, and the link to answer; cut at a word only past LONGEST."""
    return _with_link(_cut(text.strip(), room_beside(link)), link)


def room_beside(link: str) -> int:
    """How long a text may be that goes with `link` and is not cut."""
    return LONGEST - length(f"\n{link}")


def length(text: str) -> int:
    """How long phones take it to be: what lies beyond the basic plane, as most emoji do, counts twice."""
    return len(text.encode("utf-16-le")) // 2


def _with_link(text: str, link: str) -> str:
    return f"{text}\n{link}".strip() if link else text


def _cut(text: str, room: int) -> str:
    if length(text) <= room:
        return text
    fits = text.encode("utf-16-le")[: 2 * (room - len(CUT))].decode("utf-16-le", "ignore")
    return (fits.rsplit(None, 1)[0] if fits.split(None, 1)[1:] else fits).rstrip(" ,;:-\n") + CUT
