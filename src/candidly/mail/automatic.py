"""Whether a machine wrote a mail (RFC 3834), so that nothing here ever answers it by itself."""

from candidly.mail.structure import Part

_REPORTS = {"delivery-status": "delivery status notification", "disposition-notification": "read receipt"}
_PRECEDENCES = frozenset({"auto_reply", "bulk", "junk", "list"})


def reason(part: Part, envelope_from: str | None) -> str:
    """Why the mail counts as machine-made, in a few words; empty for a person's mail.

    `envelope_from` is the return path: "" is the null one, None means not known. X-Auto-Response-Suppress is not
    asked: Outlook sets it on people's mails too.
    """
    return (
        _report(part)
        or ("null return path" if envelope_from == "" else "")
        or _auto_submitted(part)
        or _auto_reply_fields(part)
        or _precedence(part)
    )


def _report(part: Part) -> str:
    if part.content_type != "multipart/report":
        return ""
    return _REPORTS.get(part.parameters.get("report-type", "").lower(), "")


def _auto_submitted(part: Part) -> str:
    value = _keyword(part, "auto-submitted")
    return "" if value in ("", "no") else f"Auto-Submitted: {value}"


def _auto_reply_fields(part: Part) -> str:
    for name in ("X-Autoreply", "X-Autorespond"):
        if _keyword(part, name.lower()) not in ("", "no", "false"):
            return name
    return ""


def _precedence(part: Part) -> str:
    value = _keyword(part, "precedence")
    return f"Precedence: {value}" if value in _PRECEDENCES else ""


def _keyword(part: Part, name: str) -> str:
    return part.fields.first(name).partition(";")[0].partition("(")[0].strip().lower()[:60]
