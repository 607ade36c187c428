"""Mailboxes in memory that keep the contract (channels.contract), for tests that are about us and not about them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count
from types import TracebackType
from typing import Self

from candidly.channels.contract import nobody
from candidly.envelope import (
    DeliveryFailure,
    Failed,
    FullResyncNeeded,
    Label,
    MailboxAccount,
    MailboxMail,
    MailboxOutgoing,
    MailHead,
    PermanentFailure,
    Receipt,
    Result,
    SeenMail,
    SyncPage,
)
from candidly.mail.compose import MARK, compose
from candidly.mail.structure import read_structure
from candidly.worker.providers import Let

HEADS = (
    *("from", "to", "cc", "delivered-to", "subject", "date", "message-id", "in-reply-to", "references"),
    "auto-submitted",
)


@dataclass
class Held:
    """A mail in a box. `labels` are ids."""

    external_id: str
    thread_id: str
    raw: bytes
    received_at: datetime
    in_inbox: bool = True
    is_sent: bool = False
    labels: set[str] = field(default_factory=set)


@dataclass
class Box:
    """What one mailbox holds. `fault` is raised by whatever is asked of it; `read` are the ids of the mails of which
    more than the outside was read. `renames`: it gives mails that it sends a Message-ID of its own."""

    address: str
    mails: dict[str, Held] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, bool]] = field(default_factory=list)
    forgotten: int = 0
    fault: DeliveryFailure | None = None
    read: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    renames: bool = True
    page: int = 3
    listened: list[bool] = field(default_factory=list)

    def put(self, mail: EmailMessage | bytes, thread: str = "", *, days_ago: float = 0, is_sent: bool = False) -> Held:
        """A mail that came in, or with `is_sent` went out; into a new thread unless one is named."""
        number = next(self.numbers)
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        at = datetime.now(UTC) - timedelta(days=days_ago)
        held = Held(f"m{number}", thread or f"t{number}", raw, at, in_inbox=not is_sent, is_sent=is_sent)
        self.mails[held.external_id] = held
        self.events.append((held.external_id, True))
        return held

    def give(self, thread: str, label: str) -> None:
        """Every mail that is in the thread by now gets the label of this name."""
        key = next(key for key, name in self.labels.items() if name == label)
        for held in self.thread(thread):
            held.labels.add(key)
            self.events.append((held.external_id, False))

    def thread(self, thread: str) -> list[Held]:
        return [held for held in self.mails.values() if held.thread_id == thread]

    def make_label(self, name: str) -> Label:
        key = f"L{next(self.numbers)}"
        self.labels[key] = name
        return Label(key, name)


@dataclass
class MemoryBox:
    """A box, open to be read."""

    box: Box
    account: MailboxAccount

    def _ask(self) -> None:
        if self.box.fault:
            raise self.box.fault

    def own_addresses(self) -> frozenset[str]:
        self._ask()
        return frozenset({self.box.address})

    def label(self, name: str) -> Label | None:
        self._ask()
        found = (Label(key, called) for key, called in self.box.labels.items() if called.lower() == name.lower())
        return next(found, None)

    def ensure_label(self, name: str, known_id: str = "") -> Label:
        self._ask()
        if known_id in self.box.labels:
            return Label(known_id, self.box.labels[known_id])
        return self.label(name) or self.box.make_label(name)

    def changes(self, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
        self._ask()
        if int(cursor) < self.box.forgotten:
            raise FullResyncNeeded
        return self._pages(int(cursor))

    def _pages(self, start: int) -> Iterator[SyncPage]:
        for begin in range(start, max(len(self.box.events), start + 1), self.box.page):
            events = self.box.events[begin : begin + self.box.page]
            mails = tuple(self._seen(self.box.mails[key], is_new=new) for key, new in events if key in self.box.mails)
            yield SyncPage(str(min(begin + self.box.page, len(self.box.events))), mails)

    def everything(self, labels: Collection[str], since: datetime | None) -> Iterator[SyncPage]:
        self._ask()
        cursor = str(len(self.box.events))
        for held in list(self.box.mails.values()):
            lately = since is not None and held.received_at >= since and (held.in_inbox or held.is_sent)
            if held.labels.intersection(labels) or lately:
                yield SyncPage(cursor, (self._seen(held),))
        yield SyncPage(cursor)

    def heads(self, external_ids: Iterable[str]) -> Iterator[MailHead]:
        self._ask()
        for held in self._held(external_ids):
            fields = read_structure(held.raw)[0].fields
            yield MailHead(self._seen(held), {name: fields.first(name) for name in HEADS if fields.first(name)})

    def mails(self, external_ids: Iterable[str]) -> Iterator[MailboxMail]:
        self._ask()
        for held in self._held(external_ids):
            self.box.read.append(held.external_id)
            yield MailboxMail(self._seen(held), held.raw, held.received_at)

    def thread(self, thread_id: str) -> tuple[SeenMail, ...]:
        self._ask()
        return tuple(self._seen(held) for held in self.box.thread(thread_id))

    def watch(self) -> datetime | None:
        return None

    def listen(self, seconds: float) -> bool:
        """What `listened` says, one after the other; at the end nothing is heard any more."""
        self._ask()
        return self.box.listened.pop(0) if self.box.listened else False

    def _held(self, external_ids: Iterable[str]) -> list[Held]:
        """In any order, as the contract has it."""
        return [self.box.mails[key] for key in reversed(list(external_ids)) if key in self.box.mails]

    def _seen(self, held: Held, *, is_new: bool = True) -> SeenMail:
        labels = frozenset(held.labels)
        return SeenMail(held.external_id, held.thread_id, labels, held.in_inbox, held.is_sent, is_new)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@dataclass
class MemoryMailboxes:
    """All of them, by address."""

    boxes: dict[str, Box] = field(default_factory=dict)
    name: str = "gmail"
    can_listen: bool = False

    def of(self, address: str) -> Box:
        return self.boxes.setdefault(address, Box(address))

    def open(self, account: MailboxAccount) -> MemoryBox:
        return MemoryBox(self.of(account.address), account)

    def close(self) -> None:
        pass


@dataclass
class MemoryProvider:
    """Lets in whoever asks, by the address that the attempt names; `withdrawn` is what was given back."""

    mailboxes: MemoryMailboxes = field(default_factory=MemoryMailboxes)
    refuses: str = ""
    fault: DeliveryFailure | None = None
    withdrawn: list[Mapping[str, str]] = field(default_factory=list)

    def connect(self, attempt: Mapping[str, str]) -> Let:
        if self.refuses:
            raise PermanentFailure(self.refuses)
        return Let(attempt["address"], {"refresh_token": attempt["token"]})

    def withdraw(self, account: MailboxAccount) -> None:
        if self.fault:
            raise self.fault
        self.withdrawn.append(account.credentials)


@dataclass
class MemoryChannel:
    """What goes out by the boxes: it stands in Sent, in its thread. `loses`: takes the next mail, and says nothing."""

    mailboxes: MemoryMailboxes
    name: str = "gmail"
    loses: DeliveryFailure | None = None
    sent: list[MailboxOutgoing] = field(default_factory=list)

    def send(
        self, batch: Iterable[MailboxOutgoing | None], *, taken: Callable[[int], None] = nobody
    ) -> Iterator[Result]:
        for item in batch:
            if item is not None:
                yield self._send(item)

    def _send(self, item: MailboxOutgoing) -> Result:
        box = self.mailboxes.of(item.account.address)
        if box.fault:
            return Failed(item.delivery_id, box.fault)
        if item.in_doubt and (held := self._found(box, item)):
            return self._receipt(item, held)
        self.sent.append(item)
        number = next(box.numbers)
        given = f"<given{number}@mail.example>" if box.renames else item.outgoing.message_id
        mark = {MARK: item.outgoing.message_id}
        held = box.put(compose(replace(item.outgoing, message_id=given, headers=mark)), item.thread_id, is_sent=True)
        if self.loses:
            lost, self.loses = self.loses, None
            return Failed(item.delivery_id, lost)
        return self._receipt(item, held)

    def _found(self, box: Box, item: MailboxOutgoing) -> Held | None:
        mark = item.outgoing.message_id.encode()
        return next((held for held in box.mails.values() if held.is_sent and mark in held.raw), None)

    def _receipt(self, item: MailboxOutgoing, held: Held) -> Receipt:
        given = read_structure(held.raw)[0].fields.first("message-id")
        return Receipt(item.delivery_id, held.external_id, thread_id=held.thread_id, message_id=given)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


_IDS = count(1)


def mail(
    sender: str,
    to: str,
    text: str = "Hello",
    *,
    subject: str = "The ward",
    cc: str = "",
    answers: str = "",
    **more: str,
) -> EmailMessage:
    """A mail from outside. `answers` is the Message-ID that it replies to; `more` are further fields."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<outside{next(_IDS)}@mail.example>"
    if cc:
        message["Cc"] = cc
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message
