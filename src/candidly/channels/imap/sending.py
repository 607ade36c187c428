"""One mail, out through its sender's own mail server: sent once, kept among the sent mails once, and known by name."""

import logging
from collections.abc import Callable

from candidly.channels.imap.mails import Found, Place
from candidly.channels.imap.reader import Reader
from candidly.channels.imap.sent import Sent
from candidly.channels.imap.sessions import Sessions
from candidly.channels.imap.submission import Submission
from candidly.envelope import DeliveryFailure, MailboxOutgoing, Outgoing, Receipt, Unconfirmed
from candidly.mail.compose import compose, marked

log = logging.getLogger(__name__)


class Habits:
    """By mailbox, whether its server puts what it sends among the sent mails by itself, as far as that was seen."""

    def __init__(self, patience: float) -> None:
        """`patience`: so many seconds a server may take for it before anything is known."""
        self.patience = patience
        self._keeps: dict[int, bool] = {}
        self._put: dict[int, Outgoing] = {}  # the first mail that we put there ourselves

    def keeps(self, mailbox: int) -> bool | None:
        return self._keeps.get(mailbox)

    def learn(self, mailbox: int, *, keeps: bool) -> None:
        self._keeps[mailbox] = keeps

    def has_put(self, mailbox: int, mail: Outgoing) -> None:
        if mailbox not in self._keeps:
            self._put[mailbox] = mail
        self._keeps[mailbox] = False

    def in_question(self, mailbox: int) -> Outgoing | None:
        """A mail that we put there: by the next one the server may have done so too. Asked once."""
        return self._put.pop(mailbox, None)


class Sending:
    """One hand-over of a mail. Raises DeliveryFailure."""

    def __init__(
        self,
        sessions: Sessions,
        submission: Submission,
        habits: Habits,
        message: MailboxOutgoing,
        taken: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._submission = submission
        self._habits = habits
        self._message = message
        self._mail = message.outgoing
        self._mailbox = message.account.mailbox_id
        self._taken = taken

    def run(self) -> Receipt:
        """The mailbox is opened first: what could not be kept in it is not sent."""
        with self._sessions.using(self._message.account) as session:
            reader = Reader(session)
            sent = Sent(reader)
            if self._message.in_doubt and (found := sent.find(self._mail)):
                self._taken()
                return self._receipt(reader, found)
            return self._send(reader, sent)

    def _send(self, reader: Reader, sent: Sent) -> Receipt:
        self._consider(reader, sent)
        try:
            reply = self._submission.hand_in(self._message.account, marked(self._mail), self._taken).reply
        except Unconfirmed as lost:
            found = self._after_silence(sent)
            if found is None:
                raise
            self._taken()
            return self._receipt(reader, found, lost.reply)
        return self._receipt(reader, self._keep(sent), reply)

    def _consider(self, reader: Reader, sent: Sent) -> None:
        """What this server does with what it sends, by what it is, or by what became of an earlier mail."""
        earlier = self._habits.in_question(self._mailbox)
        if reader.session.keeps_what_it_sends or (earlier and sent.count(earlier) > 1):
            self._habits.learn(self._mailbox, keeps=True)

    def _after_silence(self, sent: Sent) -> Found | None:
        """It may have gone. If it has, and its server keeps what it sends, it is there."""
        try:
            return sent.appears(self._mail, self._habits.patience)
        except DeliveryFailure:
            return None

    def _keep(self, sent: Sent) -> Found | None:
        """The copy among the sent mails. It has gone already: nothing that goes wrong here may have it sent again."""
        try:
            return self._copy(sent)
        except DeliveryFailure:
            pass
        try:
            with self._sessions.using(self._message.account) as session:
                again = Sent(Reader(session))
                if found := again.find(self._mail):
                    return found
                self._put(again)
        except DeliveryFailure as failure:
            log.warning("delivery %s was sent, and no copy of it kept: %s", self._mail.delivery_id, failure.reason)
        return None

    def _copy(self, sent: Sent) -> Found | None:
        keeps = self._habits.keeps(self._mailbox)
        found = sent.appears(self._mail, 0 if keeps is False else self._habits.patience)
        if found:
            self._habits.learn(self._mailbox, keeps=True)
        elif not keeps:
            self._put(sent)
        return found

    def _put(self, sent: Sent) -> None:
        sent.put(compose(marked(self._mail)))
        self._habits.has_put(self._mailbox, self._mail)

    def _receipt(self, reader: Reader, copy: Found | None, reply: str = "") -> Receipt:
        """The copy tells under which Message-ID it really went; what we put there has ours."""
        there = copy or self._as_put(reader)
        return Receipt(
            self._message.delivery_id,
            there.external_id,
            reply,
            thread_id=self._thread(reader, there),
            message_id=there.message_id,
        )

    def _as_put(self, reader: Reader) -> Found:
        ancestors = self._mail.references or tuple(filter(None, [self._mail.in_reply_to]))
        return Found(Place(reader.sent, 0, 0), self._mail.message_id, ancestors, frozenset(), self._mail.date)

    def _thread(self, reader: Reader, there: Found) -> str:
        """Gmail tells it with the copy alone."""
        if reader.is_gmail and not there.gmail_thread:
            return self._message.thread_id
        try:
            reader.beginnings.look_up([there])
        except DeliveryFailure:
            return self._message.thread_id
        return reader.beginnings.thread_of(there)
