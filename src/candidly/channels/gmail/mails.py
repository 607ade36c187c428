"""Gmail's own form of a mail, as ours."""

import base64
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from candidly.envelope import MailboxMail, MailHead, SeenMail
from candidly.mail.compose import MARK

INBOX, SENT = "INBOX", "SENT"
#: What is none of our business.
_HIDDEN = {"DRAFT", "SPAM", "TRASH", "CHAT"}
_SYSTEM = {INBOX, SENT, "UNREAD", "STARRED", "IMPORTANT", "SCHEDULED", "SNOOZED", *_HIDDEN}
FIELDS = (
    *("From", "To", "Cc", "Delivered-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", MARK),
)


def is_hidden(labels: Collection[str]) -> bool:
    return not _HIDDEN.isdisjoint(labels)


def seen(message: Mapping[str, Any], *, is_new: bool) -> SeenMail:
    """`message` has an id, a threadId and, if it has any, labelIds."""
    labels = message.get("labelIds", [])
    return SeenMail(
        external_id=str(message["id"]),
        thread_id=str(message["threadId"]),
        labels=frozenset(label for label in labels if not _is_system(label)),
        in_inbox=INBOX in labels,
        is_sent=SENT in labels,
        is_new=is_new,
    )


def _is_system(label: str) -> bool:
    return label in _SYSTEM or label.startswith("CATEGORY_")


def head(message: Mapping[str, Any]) -> MailHead:
    """Of a message with its fields, each as it stands first."""
    fields: dict[str, str] = {}
    for field in message.get("payload", {}).get("headers", []):
        fields.setdefault(str(field["name"]).lower(), str(field["value"]))
    return MailHead(seen(message, is_new=False), fields)


def whole(message: Mapping[str, Any]) -> MailboxMail:
    """Of a message in its raw form."""
    raw = str(message.get("raw", ""))
    content = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    received_at = datetime.fromtimestamp(int(message["internalDate"]) / 1000, UTC)
    return MailboxMail(seen(message, is_new=False), content, received_at)
