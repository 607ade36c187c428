"""The identity of a mail's content, the same however often and by whichever relay it is delivered."""

import hashlib
import re

_TRACE = re.compile(
    rb"(?:Received|Received-SPF|X-Received|Return-Path|Delivered-To|X-Original-To|Authentication-Results"
    rb"|DKIM-[!-9;-~]+|ARC-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE,
)
_FIELD_END = re.compile(rb"\n(?![ \t])")


def fingerprint(raw: bytes) -> str:
    """SHA-256, in hexadecimal, of the mail without the trace fields that relays put at its top."""
    position = 0
    while trace := _TRACE.match(raw, position):
        end = _FIELD_END.search(raw, trace.end())
        position = end.end() if end else len(raw)
    return hashlib.sha256(memoryview(raw)[position:]).hexdigest()
