"""One cell: its text, and what keeps a spreadsheet program from taking it for a formula."""

from datetime import date, datetime

#: A cell that begins so may be run as a formula when the file is opened (OWASP, CSV injection).
RISKY = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


def neutralised(text: str) -> str:
    """For a file that goes out: an apostrophe before what could be a formula, telephone numbers too."""
    return f"{GUARD}{text}" if text.lstrip(GUARD).startswith(RISKY) else text


def restored(text: str) -> str:
    """What `neutralised` was given."""
    return text[1:] if text.startswith(GUARD) and text.lstrip(GUARD).startswith(RISKY) else text


def text_of(value: object) -> str:
    """What a cell says, without the space around it; a day is 2026-11-26, a whole number has no decimals."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            shown = value.isoformat(sep=" ", timespec="minutes")
            return shown.removesuffix(" 00:00")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return restored(str(value).replace("\x00", "").replace("_x000D_", "").strip())
