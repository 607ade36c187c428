"""Those who talk to us from outside while everything is being killed, and who do not give up.

Candidates answer by mail and try again until they get a 250. Hannah answers in the browser and presses Send again
until the page says that it was sent, with the same form each time.
"""

import random
import smtplib
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from candidly.models import Conversation, Member, ReplyAddress
from candidly.rules import mail_identity
from tests.crash.cast import insist
from tests.crash.ground import Ground

SENDERS = 3
#: Seconds between two tries.
AGAIN = 0.2
CSRF = "c" * 32


@dataclass(frozen=True)
class Answer:
    """One mail of a candidate: what it is called, where it belongs, and its content."""

    number: int
    conversation: int
    sender: str
    recipient: str

    @property
    def subject(self) -> str:
        return f"Answer {self.number}"

    @property
    def message_id(self) -> str:
        return f"<answer.{self.number}@mail.example>"

    def mail(self) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, self.recipient, self.subject
        mail["Message-ID"] = self.message_id
        mail.set_content(f"Thank you, that suits me. This is number {self.number}.")
        return mail


@dataclass
class Outside:
    """`taken`: answers that got a 250. `said`: send keys of the messages that the page says were sent."""

    ground: Ground
    taken: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    tries: int = 0
    said: list[str] = field(default_factory=list)
    clicks: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self, hannah: Member, answers: Sequence[Answer], messages: int) -> None:
        """Start everybody; `finish` waits for them."""
        parts = [answers[n::SENDERS] for n in range(SENDERS)]
        self._threads = [threading.Thread(target=self._answer_all, args=(part,)) for part in parts]
        keys = [f"browser-{n}" for n in range(messages)]
        targets = sorted({answer.conversation for answer in answers})
        self._threads.append(threading.Thread(target=self._press_send, args=(hannah, keys, targets)))
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> bool:
        """Whether all have said what they had to say in that time."""
        for thread in self._threads:
            thread.join(seconds)
        self._over.set()
        finished = not any(thread.is_alive() for thread in self._threads)
        for thread in self._threads:
            thread.join()
        return finished

    def _answer_all(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            while not self._over.is_set() and not self._hand_in(answer):
                self._over.wait(AGAIN)

    def _hand_in(self, answer: Answer) -> bool:
        """Whether it has an answer for good: a 250, or a refusal, which nobody should get."""
        self.tries += 1
        try:
            with smtplib.SMTP("127.0.0.1", self.ground.inbound_port, timeout=10) as door:
                door.send_message(answer.mail())
        except smtplib.SMTPRecipientsRefused as refusal:
            ((code, _),) = refusal.recipients.values()
            if code < 500:
                return False
            self.refused.append(answer)
        except (OSError, smtplib.SMTPException):
            return False
        else:
            self.taken.append(answer)
        return True

    def _press_send(self, hannah: Member, keys: Sequence[str], conversations: Sequence[int]) -> None:
        session = insist(lambda: _signed_in(hannah))
        connection.close()
        for number, key in enumerate(keys):
            url = f"{self.ground.base_url}/conversations/{conversations[number % len(conversations)]}/messages/"
            while not self._over.is_set() and not self._click(url, session, key):
                self._over.wait(AGAIN)

    def _click(self, url: str, session: str, key: str) -> bool:
        self.clicks += 1
        written = {"text": f"Hello from the browser, {key}", "channels": "email", "send_key": key}
        form = urlencode(written).encode()
        cookie = f"sessionid={session}; csrftoken={CSRF}"
        request = urllib.request.Request(url, form, {"Cookie": cookie, "X-CSRFToken": CSRF, "HX-Request": "true"})
        try:
            with urllib.request.urlopen(request, timeout=15):
                self.said.append(key)
        except (OSError, urllib.error.HTTPError):
            return False
        return True


def _signed_in(hannah: Member) -> str:
    client = Client()
    client.force_login(hannah.user)
    return client.cookies["sessionid"].value


def write_answers(mailing: int, number: int, chance: random.Random) -> list[Answer]:
    """`number` answers to the messages of a mailing that are written by now."""
    addresses = ReplyAddress.objects.filter(conversation__mailing=mailing, person__isnull=False)
    found = list(addresses.values_list("conversation", "person__private_email", "token"))
    assert Conversation.objects.filter(mailing=mailing).count() == len(found)
    chosen = (chance.choice(found) for _ in range(number))
    return [
        Answer(n, conversation, sender, mail_identity.reply_address(token))
        for n, (conversation, sender, token) in enumerate(chosen, 1)
    ]
