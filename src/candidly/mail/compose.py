"""An Outgoing as the message that goes over the wire (RFC 5322, MIME).

`head` differs for each recipient; `body` does not unless the text does, so a mailing may make it once.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from candidly.envelope import File, Outgoing, PermanentFailure
from candidly.mail.headers import address_field, date_field, id_field, structured_field, text_field
from candidly.mail.parts import file_part, multipart, text_part

#: Names, where a mailbox gives what it sends a Message-ID of its own, ours: so its copy is known again.
MARK = "X-Candidly-Message-ID"

_FIELD_NAME = re.compile(r"[!-9;-~]{1,60}")
_OURS = re.compile(
    r"from|to|cc|bcc|subject|date|message-id|reply-to|in-reply-to|references|mime-version|content-.*", re.IGNORECASE
)


def marked(outgoing: Outgoing) -> Outgoing:
    """The same mail, with MARK on it."""
    return replace(outgoing, headers={**outgoing.headers, MARK: outgoing.message_id})


def compose(outgoing: Outgoing) -> bytes:
    """The whole message: 7-bit, CRLF line ends, no line over 998 octets, not dot-stuffed, without the final dot.

    PermanentFailure when an address in it cannot be mailed or a field of `headers` may not be set.
    """
    return head(outgoing) + body(outgoing.text, outgoing.html, outgoing.files)


def head(outgoing: Outgoing) -> bytes:
    """The fields of the message up to MIME-Version; those of the content follow in `body`."""
    fields = [
        address_field("From", outgoing.sender),
        address_field("To", outgoing.recipient),
        text_field("Subject", outgoing.subject),
        date_field(outgoing.date),
        id_field("Message-ID", [outgoing.message_id]),
        address_field("Reply-To", outgoing.reply_to) if outgoing.reply_to else "",
        id_field("In-Reply-To", [outgoing.in_reply_to]),
        id_field("References", outgoing.references),
        _list_id_field(outgoing.list_id),
        *_extra_fields(outgoing.headers),
        "MIME-Version: 1.0\r\n",
    ]
    return "".join(fields).encode("ascii")


def body(text: str, html: str = "", files: tuple[File, ...] = ()) -> bytes:
    """The fields of the content, the empty line and the content.

    multipart/mixed around multipart/alternative around multipart/related, each only where needed.
    """
    inline = [file for file in files if html and file.content_id]
    attached = [file for file in files if file not in inline]
    shown = [text_part("plain", text)]
    if html:
        shown.append(multipart("related", [text_part("html", html), *map(file_part, inline)]))
    return multipart("mixed", [multipart("alternative", shown), *map(file_part, attached)])


def _list_id_field(list_id: str) -> str:
    if not list_id:
        return ""
    return structured_field("List-Id", list_id if list_id.endswith(">") else f"<{list_id}>")


def _extra_fields(headers: Mapping[str, str]) -> list[str]:
    for name in headers:
        if not _may_be_set(name):
            raise PermanentFailure(
                f"The mail was not sent: its extra header “{name}” may not be set. Remove it from the settings."
            )
    return [structured_field(name, value) for name, value in headers.items()]


@lru_cache(maxsize=256)
def _may_be_set(name: str) -> bool:
    return bool(_FIELD_NAME.fullmatch(name)) and not _OURS.fullmatch(name)
