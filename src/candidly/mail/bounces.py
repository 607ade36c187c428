"""What mail systems report of a mail of ours: that it did not arrive, is late, or was taken for spam.

Delivery status notifications (RFC 3464), feedback reports (RFC 5965), and what qmail, Exim, Exchange, Postfix,
Sendmail, Gmail and Yahoo write where they write no such thing. Nothing here knows our database.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from candidly.mail.addresses import domain_of
from candidly.mail.content import Content
from candidly.mail.decoding import clean, decode, from_transfer
from candidly.mail.status_codes import ENHANCED, NO_MAILBOX, SENTENCES, meant_by
from candidly.mail.structure import Part, read_structure


class Kind(StrEnum):
    HARD = "hard"  # nothing will ever arrive there
    SOFT = "soft"  # this one did not arrive, another may
    DELAYED = "delayed"  # it is tried on
    COMPLAINT = "complaint"  # who got it says that it is spam


@dataclass(frozen=True, slots=True)
class Report:
    """One report on one mail. `recipient`, `return_path` and `message_ids` are what it says of the mail, where it does;
    `said` is the mail system's own words, `reason` ours."""

    kind: Kind
    recipient: str = ""
    reason: str = ""
    said: str = ""
    return_path: str = ""
    message_ids: tuple[str, ...] = ()


COMPLAINED = "They marked one of our mails as spam."
_BOUNCED = "{server} sent the mail back. It said why in its answer."
_LATE = "{server} has not taken the mail yet. It is tried on; nothing needs to be done."
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MESSAGE_ID = re.compile(r"^[ \t>]{0,10}Message-ID:\s{0,5}(<[!-;=?-~]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^[ \t>]{0,10}To:(.{0,500})", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([!-9;-~]{1,60})[ \t]*:[ \t]*(.{0,4000}(?:\n[ \t]+.{0,4000}){0,20})", re.MULTILINE)
_SYSTEM = re.compile(r"mailer-daemon|postmaster|mail-?daemon|mail delivery (sub)?system", re.IGNORECASE)
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_SPAM = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list", "other"})
_LONGEST = 20_000

#: With these words mail systems begin to say that a mail is late, and that it was given up.
_IS_LATE = re.compile(
    r"warning message only|could not send message for past|delayed|delivery incomplete|will (be )?retr(y|ied)"
    r"|has not (yet )?been delivered|temporary problem delivering|still being (attempted|retried)",
    re.IGNORECASE,
)
_IS_BOUNCE = re.compile(
    r"permanent (fatal )?error|could not be delivered|couldn't be delivered|was ?n[o']t delivered|undeliver(able|ed)"
    r"|unable to deliver|not able to deliver|did not reach|delivery (has )?failed|address(es)? failed|cannot be reached"
    r"|delivery (to the following .{0,40})?(failed|failure)|address not found|returned (mail|to sender)"
    r"|delivery status notification|i'm afraid i wasn't able to deliver|mail delivery failed",
    re.IGNORECASE,
)
#: From here on stands the mail itself.
_RETURNED_BELOW = re.compile(
    r"^(-{2,} ?(Below this line|This is a copy|Original message|Forwarded message|The header)"
    r"|------ This is a copy|Original message headers|----- Original message).*$",
    re.IGNORECASE | re.MULTILINE,
)


def read(raw: bytes) -> Report | None:
    """What the mail reports; None for any other mail, above all for what people and their automata answer."""
    root, _ = read_structure(raw)
    parts = list(_leaves(root))
    if feedback := _one(parts, "message/feedback-report"):
        return _complaint(raw, feedback, parts)
    if status := _one(parts, "message/delivery-status") or _one(parts, "message/global-delivery-status"):
        return _notification(raw, status, parts)
    if _is_of_a_system(root):
        return _in_words(raw, root, parts)
    return None


def _leaves(part: Part) -> Iterator[Part]:
    if not part.parts:
        yield part
    for child in part.parts:
        yield from _leaves(child)


def _one(parts: list[Part], content_type: str) -> Part | None:
    return next((part for part in parts if part.content_type == content_type), None)


def _text(raw: bytes, part: Part) -> str:
    octets = from_transfer(raw[part.start : min(part.end, part.start + _LONGEST)], part.encoding)
    return clean(decode(octets, "utf-8")).replace("\r\n", "\n")


def _fields(text: str) -> Mapping[str, str]:
    """The fields of one block, each once."""
    return {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(text))}


def _message_ids(raw: bytes, parts: list[Part], text: str = "") -> tuple[str, ...]:
    """Of the mail that comes back, as a part of the report or below its words."""
    returned = [_text(raw, part) for part in parts if part.content_type in _RETURNED]
    found = [name for below in (*returned, text) for name in _MESSAGE_ID.findall(below)]
    return tuple(dict.fromkeys(found))[:5]


# ── RFC 3464


def _notification(raw: bytes, status: Part, parts: list[Part]) -> Report | None:
    """Of several recipients the one with the worst news: our mails have one each."""
    blocks = [_fields(block) for block in re.split(r"\n[ \t]*\n", _text(raw, status))]
    for action in ("failed", "delayed"):
        for block in blocks:
            if block.get("action", "").lower().startswith(action):
                return _of_block(block, _message_ids(raw, parts), is_late=action == "delayed")
    return None


def _of_block(block: Mapping[str, str], message_ids: tuple[str, ...], *, is_late: bool) -> Report:
    recipient = _typed(block.get("original-recipient", "")) or _typed(block.get("final-recipient", ""))
    said = block.get("diagnostic-code", "").partition(";")[2].strip() or block.get("diagnostic-code", "")
    return _judged(recipient, block.get("status", ""), said, message_ids, is_late=is_late)


def _typed(value: str) -> str:
    """`rfc822; amara@mail.example` without its type."""
    found = _ADDRESS.search(value.rpartition(";")[2])
    return found[0] if found else ""


def _judged(recipient: str, status: str, said: str, message_ids: tuple[str, ...], *, is_late: bool) -> Report:
    """The status code where it says what is the matter, else the server's words."""
    code = _code(status, said)
    about = {"server": f"The mail server of {domain_of(recipient) or 'the recipient'}", "domain": domain_of(recipient)}
    if is_late:
        return Report(Kind.DELAYED, recipient, _LATE.format(**about), said[:1000], message_ids=message_ids)
    is_for_now = (ENHANCED.search(status) or ENHANCED.search(said) or [""])[0].startswith("4")
    kind = Kind.HARD if code in NO_MAILBOX and not is_for_now else Kind.SOFT
    reason = SENTENCES.get(code, _BOUNCED).format(**about)
    return Report(kind, recipient, reason, (said or status)[:1000], message_ids=message_ids)


#: What these say is so little, or said of so many things, that the words beside them count for more.
_VAGUE = frozenset({"", "0.0", "1.0", "1.10", "3.0", "4.0", "4.1", "4.4", "4.7", "5.0", "7.0", "7.1"})


def _code(status: str, said: str) -> str:
    """Without its class. What the last server said goes before what the reporting one made of it."""
    for text in (said, status):
        if (found := ENHANCED.search(text)) and found[1] not in _VAGUE:
            return found[1]
    worded = meant_by(said)
    named = next((found[1] for text in (said, status) if (found := ENHANCED.search(text))), "")
    return worded or named


# ── RFC 5965


def _complaint(raw: bytes, feedback: Part, parts: list[Part]) -> Report | None:
    fields = _fields(_text(raw, feedback))
    if fields.get("feedback-type", "abuse").lower() not in _SPAM:
        return None
    recipient = _typed(fields.get("original-rcpt-to", "")) or _typed(fields.get("removal-recipient", ""))
    return Report(
        Kind.COMPLAINT,
        recipient,
        COMPLAINED,
        f"Feedback-Type: {fields.get('feedback-type', '')}"[:200],
        _typed(fields.get("original-mail-from", "")),
        _message_ids(raw, parts),
    )


# ── In words


def _is_of_a_system(root: Part) -> bool:
    """The null return path is no sign of it: automata that answer for people have it too."""
    return bool(root.fields.first("x-failed-recipients") or _SYSTEM.search(root.fields.first("from")[:500]))


def _in_words(raw: bytes, root: Part, parts: list[Part]) -> Report | None:
    """What stands above the mail that comes back: that it comes back, whose address it was, and why."""
    text = Content(raw, root).text[:_LONGEST]
    cut = _RETURNED_BELOW.search(text)
    above = " ".join((text[: cut.start()] if cut else text).split())
    opening = _IS_BOUNCE.search(above) or _IS_LATE.search(above)
    if opening is None:
        return None
    is_late = bool(_IS_LATE.search(f"{root.fields.first('subject')[:300]} {above}"))
    recipient = _typed(root.fields.first("x-failed-recipients")) or _recipient_in(above, opening.start(), text)
    said = above[opening.end() :].partition(recipient or "\n")[2].lstrip(">:) ") or above[opening.end() :]
    return _judged(recipient, "", said, _message_ids(raw, parts, text), is_late=is_late)


def _recipient_in(above: str, opening: int, text: str) -> str:
    """The first address behind the opening words that the returned mail went to; else the first of all."""
    named = _ADDRESS.findall(above[opening:]) or _ADDRESS.findall(above)
    went_to = {address for line in _TO.findall(text) for address in _ADDRESS.findall(line)}
    return next((address for address in named if address in went_to), named[0] if named else "")
