"""Gmail mailboxes, to be read; see Mailboxes and OpenMailbox for what they promise."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from candidly.channels.gmail import history, mails, pace
from candidly.channels.gmail.errors import NotThere
from candidly.channels.gmail.labels import Labels
from candidly.channels.gmail.requests import Requests, connections
from candidly.channels.gmail.settings import GmailSettings
from candidly.envelope import Label, MailboxAccount, MailboxMail, MailHead, SeenMail, SyncPage

_CONNECTIONS = 20


class GmailMailboxes:
    name = "gmail"
    can_listen = False

    def __init__(self, settings: GmailSettings) -> None:
        self._settings = settings
        self._http = connections(settings, _CONNECTIONS)

    def open(self, account: MailboxAccount) -> "GmailMailbox":
        return GmailMailbox(self._settings, self._http, account)

    def close(self) -> None:
        self._http.close()


class GmailMailbox:
    def __init__(self, settings: GmailSettings, http: httpx.Client, account: MailboxAccount) -> None:
        self.account = account
        self._topic = settings.push_topic
        self._requests = Requests(settings, http, account)
        self._labels = Labels(self._requests)

    def own_addresses(self) -> frozenset[str]:
        found = self._requests.get("settings/sendAs", pace.GET).get("sendAs", [])
        return frozenset({self.account.address, *(str(one["sendAsEmail"]).lower() for one in found)})

    def label(self, name: str) -> Label | None:
        return self._labels.find(name)

    def ensure_label(self, name: str, known_id: str = "") -> Label:
        return self._labels.ensure(name, known_id)

    def changes(self, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
        return history.changes(self._requests, cursor, labels)

    def everything(self, labels: Collection[str], since: datetime | None) -> Iterator[SyncPage]:
        return history.everything(self._requests, labels, since)

    def heads(self, external_ids: Iterable[str]) -> Iterator[MailHead]:
        found = self._each(external_ids, format="metadata", metadataHeaders=list(mails.FIELDS))
        return (mails.head(message) for message in found)

    def mails(self, external_ids: Iterable[str]) -> Iterator[MailboxMail]:
        return (mails.whole(message) for message in self._each(external_ids, format="raw"))

    def thread(self, thread_id: str) -> tuple[SeenMail, ...]:
        try:
            found = self._requests.get(f"threads/{thread_id}", pace.THREAD, format="minimal")
        except NotThere:
            return ()
        there = [message for message in found.get("messages", []) if not mails.is_hidden(message.get("labelIds", []))]
        return tuple(mails.seen(message, is_new=False) for message in there)

    def watch(self) -> datetime | None:
        if not self._topic:
            return None
        told = self._requests.post("watch", pace.WATCH, {"topicName": self._topic})
        return datetime.fromtimestamp(int(told["expiration"]) / 1000, UTC)

    def listen(self, seconds: float) -> bool:
        return False

    def _each(self, external_ids: Iterable[str], **asked: Any) -> Iterator[dict[str, Any]]:
        """One after the other, without those that are gone and those that went to the bin meanwhile."""
        for external_id in external_ids:
            try:
                message = self._requests.get(f"messages/{external_id}", pace.GET, **asked)
            except NotThere:
                continue
            if not mails.is_hidden(message.get("labelIds", [])):
                yield message

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The connections are everybody's."""
