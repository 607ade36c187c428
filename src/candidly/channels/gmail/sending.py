"""One mail, out through its sender's own mailbox: sent once, found again, and known by the name it got."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from candidly.channels.gmail import pace
from candidly.channels.gmail.errors import SILENT, Conflict, NotThere, Unanswered
from candidly.channels.gmail.mails import SENT, head, whole
from candidly.channels.gmail.requests import Requests
from candidly.envelope import DeliveryFailure, MailboxOutgoing, Receipt, Unconfirmed
from candidly.mail.compose import MARK, compose, marked
from candidly.mail.decoding import decode_words
from candidly.mail.parse import parse
from candidly.mail.structure import read_structure

#: Larger mails go by the way that Gmail has for files.
_LARGE = 4_000_000
#: Before a mail was written it cannot have been sent; clocks differ.
_CLOCKS = timedelta(minutes=10)
_MOST_LOOKED_AT = 50


class Sending:
    """One hand-over of a mail. Raises DeliveryFailure."""

    def __init__(self, requests: Requests, message: MailboxOutgoing, taken: Callable[[], None]) -> None:
        self._requests = requests
        self._message = message
        self._mail = message.outgoing
        self._taken = taken

    def run(self) -> Receipt:
        if self._message.in_doubt and (found := self._look()):
            return found
        content = compose(marked(self._mail))
        try:
            kept = self._hand_over(content)
        except Unanswered as lost:
            return self._after_silence(lost)
        return self._receipt(kept)

    def _hand_over(self, content: bytes) -> Mapping[str, Any]:
        if not self._message.thread_id:
            return self._post(content, "")
        try:
            return self._post(content, self._message.thread_id)
        except (NotThere, Conflict):  # 404, or 400: its owner deleted the thread for good, so the mail begins one
            return self._post(content, "")

    def _post(self, content: bytes, thread: str) -> Mapping[str, Any]:
        where = {"threadId": thread} if thread else {}
        if len(content) <= _LARGE:
            raw = base64.urlsafe_b64encode(content).decode()
            kept = self._requests.post("messages/send", pace.SEND, {"raw": raw, **where})
        else:
            boundary = secrets.token_hex(16)
            both, form = _related(boundary, where, content), f"multipart/related; boundary={boundary}"
            kept = self._requests.upload("messages/send", pace.SEND, both, form)
        if not kept.get("id"):
            raise Unanswered(SILENT, "no name for it")
        return kept

    def _after_silence(self, lost: Unanswered) -> Receipt:
        """It may have gone. If it has, mostly it is there already."""
        try:
            found = self._look()
        except DeliveryFailure:
            found = None
        if found is None:
            raise Unconfirmed(SILENT, lost.reply) from lost
        return found

    def _receipt(self, kept: Mapping[str, Any]) -> Receipt:
        self._taken()
        external_id = str(kept.get("id", ""))
        return Receipt(
            self._message.delivery_id,
            external_id,
            thread_id=str(kept.get("threadId", "")),
            message_id=self._name_of(external_id),
        )

    def _name_of(self, external_id: str) -> str:
        """The Message-ID that Gmail gave it; that it is not learnt now must not cost the receipt."""
        try:
            asked = {"format": "metadata", "metadataHeaders": ["Message-ID"]}
            there = self._requests.get(f"messages/{external_id}", pace.GET, **asked)
        except DeliveryFailure:
            return ""
        return head(there).fields.get("message-id", "").strip()

    # Looking before sending again

    def _look(self) -> Receipt | None:
        """The mail among what was sent, if it is there."""
        after = int((self._mail.date - _CLOCKS).timestamp())
        q = f"to:{self._mail.recipient.email} after:{after}"
        found = self._requests.get("messages", pace.LIST, labelIds=SENT, q=q, maxResults=_MOST_LOOKED_AT)
        there = (message for message in found.get("messages", []) if self._is_it(str(message["id"])))
        return next(map(self._receipt, there), None)

    def _is_it(self, external_id: str) -> bool:
        """By our mark or our Message-ID; where neither lasts, by subject and words: they are to the same, and sent
        since this one was written."""
        asked = {"format": "metadata", "metadataHeaders": ["Message-ID", "Subject", MARK]}
        try:
            fields = head(self._requests.get(f"messages/{external_id}", pace.GET, **asked)).fields
            mark = fields.get(MARK.lower(), "").strip()
            if mark or fields.get("message-id", "").strip() == self._mail.message_id:
                return mark in ("", self._mail.message_id)
            same_subject = _words(decode_words(fields.get("subject", ""))) == _words(self._mail.subject)
            return same_subject and self._says_the_same(external_id)
        except NotThere:
            return False

    def _says_the_same(self, external_id: str) -> bool:
        raw = whole(self._requests.get(f"messages/{external_id}", pace.GET, format="raw")).raw
        mark = read_structure(raw)[0].fields.first(MARK.lower())
        return mark == self._mail.message_id if mark else _words(parse(raw).text) == _words(self._mail.text)


def _words(text: str) -> list[str]:
    return text.split()


def _related(boundary: str, where: Mapping[str, str], content: bytes) -> bytes:
    """RFC 2387, as Google's uploads have it: first what Gmail should know of the mail, then the mail."""
    parts = (b"application/json; charset=UTF-8", json.dumps(where).encode()), (b"message/rfc822", content)
    mark = boundary.encode()
    body = b"".join(b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (mark, kind, part) for kind, part in parts)
    return body + b"--%b--\r\n" % mark
