"""Mail that goes out by its sender's own mailbox: made ready for it, and what the mailbox says of it kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from candidly.actions import mailbox_work, mailboxes, outgoing
from candidly.envelope import (
    Address,
    Failed,
    MailboxAccount,
    MailboxOutgoing,
    Outgoing,
    Receipt,
    ReconnectNeeded,
    Withheld,
)
from candidly.models import Delivery, KnownMail, KnownThread, Mailbox, Message, SealBroken
from candidly.models.bulk import update_rows


def build(deliveries: Sequence[int]) -> list[MailboxOutgoing | Failed]:
    """The mails of the deliveries of these ids, each with the mailbox that it goes by. The number of queries does not
    grow with theirs."""
    around = _Around(deliveries)
    return [around.own(made) for made in outgoing.build(deliveries)]


class _Around:
    """What the deliveries of a batch share: mailboxes, threads, the ids that earlier mails really went under."""

    def __init__(self, deliveries: Sequence[int]) -> None:
        found = Delivery.objects.filter(pk__in=deliveries, mailbox__isnull=False)
        rows = found.values("pk", "mailbox_id", "unconfirmed_at", "message__conversation_id", "message__references")
        self.rows: Mapping[int, Mapping[str, Any]] = {row["pk"]: row for row in rows}
        mailboxes_here = Mailbox.objects.in_bulk({row["mailbox_id"] for row in self.rows.values()})
        self.accounts = {pk: _account(mailbox) for pk, mailbox in mailboxes_here.items()}
        self.threads = _threads(self.rows.values())
        self.given = _given(self.rows.values())

    def own(self, made: Outgoing | Failed) -> MailboxOutgoing | Failed:
        if isinstance(made, Failed):
            return made
        row = self.rows[made.delivery_id]
        account = self.accounts[row["mailbox_id"]]
        if account is None:
            return Failed(made.delivery_id, ReconnectNeeded(mailbox_work.KEY_IS_GONE))
        thread = self.threads.get((row["mailbox_id"], row["message__conversation_id"]), "")
        return MailboxOutgoing(self._from(account, made), account, thread, in_doubt=row["unconfirmed_at"] is not None)

    def _from(self, account: MailboxAccount, made: Outgoing) -> Outgoing:
        """Answers and what comes back go to the mailbox, from which we read them; threads hold by the ids that the
        recipient knows."""
        return replace(
            made,
            sender=Address(account.address, made.sender.name),
            reply_to=None,
            return_path="",
            in_reply_to=self.given.get(made.in_reply_to, made.in_reply_to),
            references=tuple(self.given.get(name, name) for name in made.references),
        )


def _account(mailbox: Mailbox) -> MailboxAccount | None:
    """None where nothing opens it any more."""
    try:
        return mailbox_work.account_of(mailbox)
    except SealBroken:
        return None


def _threads(rows: Collection[Mapping[str, Any]]) -> dict[tuple[int, int], str]:
    """By mailbox and conversation, the newest thread that belongs to both."""
    here = KnownThread.objects.filter(
        mailbox__in={row["mailbox_id"] for row in rows},
        conversation__in={row["message__conversation_id"] for row in rows},
    )
    found = here.order_by("pk").values_list("mailbox_id", "conversation_id", "thread_id")
    return {(mailbox, conversation): thread for mailbox, conversation, thread in found if conversation}


def _given(rows: Collection[Mapping[str, Any]]) -> dict[str, str]:
    """By our own Message-ID, the one that the mailbox gave instead, of all that these mails refer to."""
    names = {name for row in rows for name in row["message__references"].split()}
    if not names:
        return {}
    conversations = {row["message__conversation_id"] for row in rows}
    renamed = Message.objects.filter(conversation__in=conversations, rfc_message_id__in=names)
    return dict(renamed.exclude(given_message_id="").values_list("rfc_message_id", "given_message_id"))


def learn(receipts: Iterable[Receipt]) -> None:
    """Keep the names that mailboxes gave to what they took: so their copies never come in as news, and answers are
    known by the Message-ID under which it really went. The caller holds the transaction."""
    told = {receipt.delivery_id: receipt for receipt in receipts if receipt.external_id and receipt.thread_id}
    if not told:
        return
    found = Delivery.objects.filter(pk__in=told, mailbox__isnull=False, message__isnull=False)
    sent = list(found.select_related("message").order_by("pk"))
    for delivery in sent:
        know(delivery, told[delivery.pk].external_id, told[delivery.pk].thread_id)
    ids = [(told[row.pk].message_id[:998], row.message) for row in sent if row.message and told[row.pk].message_id]
    renamed = [(name, message.pk) for name, message in ids if name != message.rfc_message_id]
    if renamed:
        update_rows(Message, ("given_message_id",), renamed)


def know(delivery: Delivery, external_id: str, thread_id: str) -> None:
    """This mail of the delivery's mailbox is the delivery's own, and its thread the conversation's."""
    assert delivery.mailbox_id  # as who calls has asked for
    assert delivery.message
    mailbox, message = delivery.mailbox_id, delivery.message
    KnownMail.objects.update_or_create(
        mailbox_id=mailbox,
        external_id=external_id,
        defaults={"thread_id": thread_id, "message": message, "is_sent": True},
    )
    follow(mailbox, thread_id, message.conversation_id)


def follow(mailbox: int, thread_id: str, conversation: int) -> None:
    """What comes into this thread belongs to the conversation, unless another one has it already."""
    thread, is_new = KnownThread.objects.get_or_create(
        mailbox_id=mailbox, thread_id=thread_id, defaults={"conversation_id": conversation}
    )
    if not is_new and thread.conversation_id is None:
        KnownThread.objects.filter(pk=thread.pk, conversation=None).update(conversation=conversation)


def heed(failures: Iterable[Failed], now: datetime) -> None:
    """What a mailbox said of itself: that it is not to be asked for a while, or lets us in no more."""
    withheld = {failed.delivery_id: failed.failure for failed in failures if isinstance(failed.failure, Withheld)}
    if not withheld:
        return
    rows = Delivery.objects.filter(pk__in=withheld, mailbox__isnull=False).values_list("mailbox", "pk")
    for mailbox, failure in {mailbox: withheld[pk] for mailbox, pk in rows}.items():
        if isinstance(failure, ReconnectNeeded):
            mailboxes.lose(mailbox, failure.reason)
        elif failure.wait:
            until = now + timedelta(seconds=failure.wait)
            resting = Q(rests_until=None) | Q(rests_until__lt=until)
            Mailbox.objects.filter(resting, pk=mailbox).update(rests_until=until)
