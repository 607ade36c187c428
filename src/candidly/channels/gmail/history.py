"""What has changed in a mailbox, and what to look at when nobody can say that any more.

Gmail's history ids are text to us: they grow, but not one by one, and some are larger than any number we keep.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from candidly.channels.gmail import pace
from candidly.channels.gmail.errors import Conflict, NotThere
from candidly.channels.gmail.mails import INBOX, SENT, is_hidden, seen
from candidly.channels.gmail.requests import Requests
from candidly.envelope import FullResyncNeeded, SeenMail, SyncPage

_KINDS = ["messageAdded", "labelAdded", "messageDeleted"]
_PAGE = 500


def changes(requests: Requests, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
    """See OpenMailbox.changes."""
    asked: dict[str, Any] = {"startHistoryId": cursor, "historyTypes": _KINDS, "maxResults": _PAGE}
    while True:
        try:
            found = requests.get("history", pace.HISTORY, **asked)
        except (NotThere, Conflict) as gone:  # 404: too long ago; 400: no such id
            raise FullResyncNeeded from gone
        yield _page(found, cursor, frozenset(labels))
        if not (more := found.get("nextPageToken")):
            return
        cursor = _last(found) or cursor
        asked["pageToken"] = more


def _page(found: Mapping[str, Any], cursor: str, labels: frozenset[str]) -> SyncPage:
    """A page may be empty, and yet there may be more."""
    records = found.get("history", [])
    return SyncPage(
        cursor=(_last(found) or cursor) if found.get("nextPageToken") else str(found.get("historyId", cursor)),
        mails=tuple(mail for record in records for mail in _told(record, labels)),
        gone=tuple(str(gone["message"]["id"]) for record in records for gone in record.get("messagesDeleted", [])),
    )


def _last(found: Mapping[str, Any]) -> str:
    """Up to where a page tells: a worker that dies goes on from there."""
    records = found.get("history", [])
    return str(records[-1]["id"]) if records else ""


def _told(record: Mapping[str, Any], labels: frozenset[str]) -> Iterator[SeenMail]:
    for added in record.get("messagesAdded", []):
        if not is_hidden(added["message"].get("labelIds", [])):
            yield seen(added["message"], is_new=True)
    for labelled in record.get("labelsAdded", []):
        message, added = labelled["message"], set(labelled.get("labelIds", []))
        if not added.isdisjoint(labels | {INBOX, SENT}) and not is_hidden(message.get("labelIds", [])):
            yield seen({**message, "labelIds": added | set(message.get("labelIds", []))}, is_new=False)


def everything(requests: Requests, labels: Collection[str], since: datetime | None) -> Iterator[SyncPage]:
    """See OpenMailbox.everything."""
    cursor = str(requests.get("profile", pace.PROFILE)["historyId"])  # before anything is looked at
    yield SyncPage(cursor)
    for label in labels:
        for found in _listed(requests, label):
            yield SyncPage(cursor, tuple(seen({**mail, "labelIds": [label]}, is_new=False) for mail in found))
    for place in (INBOX, SENT) if since else ():
        for found in _listed(requests, place, q=f"after:{int(since.timestamp())}" if since else ""):
            yield SyncPage(cursor, tuple(seen({**mail, "labelIds": [place]}, is_new=True) for mail in found))


def _listed(requests: Requests, label: str, **asked: Any) -> Iterator[list[dict[str, Any]]]:
    """The mails under a label, page by page; none where there is no such label any more."""
    asked = {"labelIds": label, "maxResults": _PAGE, **asked}
    while True:
        try:
            found = requests.get("messages", pace.LIST, **asked)
        except (NotThere, Conflict):
            return
        yield list(found.get("messages", []))
        if not (more := found.get("nextPageToken")):
            return
        asked["pageToken"] = more
