"""One connection to the gateway, and what becomes of each mail on it (RFC 5321)."""

import re
import smtplib
from contextlib import suppress
from typing import NamedTuple

from candidly.channels.smtp.connect import connect
from candidly.channels.smtp.replies import Parties, Reply, queue_id, refusal
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import DeliveryFailure, Outgoing, PermanentFailure, Receipt, TemporaryFailure, Unconfirmed
from candidly.mail.addresses import domain_of, to_ascii
from candidly.mail.compose import compose

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_PIECE = 65536  # the time-out holds for one piece, so that a slow line can carry a large mail
_PARTING_SECONDS = 2.0
_WANTED = (2, 2, 3)  # the first digits of good answers to MAIL, RCPT and DATA

_NO_ANSWER = "The mail server {place} did not answer within {timeout:g} seconds. Nothing was sent; try again later."
_BROKEN_OFF = "The mail server {place} broke the connection off. Nothing was sent; try again later."
_NO_SMTP = "The mail server {place} gave an answer that is not SMTP. Check the relay's host and port in the settings."
_UNCONFIRMED = (
    "The mail server {place} had the whole mail but did not say whether it took it. "
    "Ask the recipient, or send it again and risk that it comes twice."
)


class Lost(TemporaryFailure):
    """The connection is gone, or what came over it is no SMTP."""


class Envelope(NamedTuple):
    sender: str
    recipient: str

    @property
    def commands(self) -> tuple[str, str, str]:
        return f"MAIL FROM:<{self.sender}>", f"RCPT TO:<{self.recipient}>", "DATA"


class Connection:
    """A connection to the gateway, opened when needed and kept from mail to mail. For one thread at a time."""

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._used = False
        self._handed_over = 0

    def open(self) -> None:
        """Makes sure that there is a connection. Raises TemporaryFailure with `gateway_down`."""
        if self._smtp is None:
            self._smtp = connect(self._settings)
            self._used = False
            self._handed_over = 0

    def deliver(self, message: Outgoing) -> Receipt:
        """Hands one mail over. Raises the one DeliveryFailure that says what became of it instead.

        What goes wrong before the final dot is temporary unless the server says 5xx; a missing or
        unreadable answer to the dot is Unconfirmed; only a 2xx to the dot is a Receipt.
        """
        envelope = Envelope(to_ascii(message.return_path or message.sender.email), to_ascii(message.recipient.email))
        content = _transparent(compose(message))
        parties = Parties(self._settings.place, domain_of(envelope.recipient))
        self._retire_when_used_up()
        self.open()
        self._refuse_oversize(content)
        self._finish_envelope(envelope, self._begin(envelope), parties)
        self._send_content(content, parties)
        return self._acceptance(message.delivery_id, parties)

    def close(self) -> None:
        """Takes leave as RFC 5321 asks, without waiting long for an answer."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with suppress(OSError):
            if smtp.sock is not None:
                smtp.sock.settimeout(_PARTING_SECONDS)
            smtp.quit()
        smtp.close()

    def _retire_when_used_up(self) -> None:
        if self._handed_over >= self._settings.messages_per_connection:
            self.close()

    def _refuse_oversize(self, content: bytes) -> None:
        """RFC 1870: what the server announced that it would refuse is not sent to it."""
        limit = self._live.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(content):
            raise PermanentFailure(
                f"The mail is {len(content):,} bytes, and the mail server {self._settings.place} takes at most "
                f"{int(limit):,}. Send a smaller attachment."
            )

    def _begin(self, envelope: Envelope) -> Reply:
        """The answer to MAIL. A connection that the server closed while it lay idle is replaced without a word."""
        if self._used:
            with suppress(Lost):
                reply = self._offer(envelope)
                if reply.code != 421:
                    return reply
            self.open()
        return self._offer(envelope)

    def _offer(self, envelope: Envelope) -> Reply:
        self._used = True
        self._say(*(envelope.commands if self._pipelines else envelope.commands[:1]))
        return self._reply()

    def _finish_envelope(self, envelope: Envelope, first: Reply, parties: Parties) -> None:
        """RCPT and DATA after MAIL; with PIPELINING (RFC 2920) they are said already and only answered here."""
        replies = [first]
        for command in envelope.commands[1:]:
            if self._smtp is None or not (self._pipelines or replies[-1].positive):
                break
            if not self._pipelines:
                self._say(command)
            replies.append(self._reply())
        for reply, wanted in zip(replies, _WANTED, strict=False):
            if reply.code // 100 != wanted:
                if reply.negative:
                    self._start_over(replies[-1])
                raise self._refusal(reply, parties, by_gateway=reply is first)

    def _start_over(self, last: Reply) -> None:
        """After a refused envelope. A 354 all the same wants a lone dot (RFC 2920, 3.1), anything else RSET."""
        if self._smtp is None:
            return
        with suppress(Lost):
            if last.code == 354:
                self._say(".")
                self._reply()
            else:
                self._say("RSET")
                if not self._reply().positive:
                    self._abandon()

    def _send_content(self, content: bytes, parties: Parties) -> None:
        sock = self._live.sock
        assert sock is not None
        view = memoryview(content)
        try:
            for start in range(0, len(view), _PIECE):
                sock.sendall(view[start : start + _PIECE])
        except OSError as error:
            # The end of the content, and with it the dot, did not leave; perhaps the server said why.
            answer = self._reply()
            self._abandon()
            raise self._refusal(answer, parties) from error

    def _acceptance(self, delivery_id: int, parties: Parties) -> Receipt:
        """The answer to the dot: with it the responsibility changes hands, or not."""
        self._handed_over += 1
        self._wait_at_most(self._settings.acceptance_timeout)
        try:
            reply = self._reply()
        except Lost as lost:
            raise Unconfirmed(_UNCONFIRMED.format(place=self._settings.place), lost.reply) from lost
        self._wait_at_most(self._settings.timeout)
        if reply.positive:
            return Receipt(delivery_id, queue_id(reply), str(reply))
        if reply.negative:
            raise self._refusal(reply, parties)
        self._abandon()
        raise Unconfirmed(_UNCONFIRMED.format(place=self._settings.place), str(reply))

    def _refusal(self, reply: Reply, parties: Parties, *, by_gateway: bool = False) -> DeliveryFailure:
        if reply.negative:
            return refusal(reply, parties, by_gateway=by_gateway)
        self._abandon()
        return Lost(_NO_SMTP.format(place=self._settings.place), str(reply))

    @property
    def _live(self) -> smtplib.SMTP:
        assert self._smtp is not None, "the connection is open while a mail is under way"
        return self._smtp

    @property
    def _pipelines(self) -> bool:
        return self._smtp is not None and self._smtp.has_extn("pipelining")

    def _say(self, *commands: str) -> None:
        try:
            self._live.send("".join(f"{command}\r\n" for command in commands))
        except OSError as error:
            raise self._lost(error) from error

    def _reply(self) -> Reply:
        """The next answer. After a 421 the server closes (RFC 5321, 3.8), so the connection is given up."""
        try:
            code, text = self._live.getreply()
        except OSError as error:
            raise self._lost(error) from error
        reply = Reply(code, text.decode(errors="replace"))
        if not 200 <= code < 600:
            self._abandon()
            raise Lost(_NO_SMTP.format(place=self._settings.place), reply.text)
        if code == 421:
            self._abandon()
        return reply

    def _lost(self, error: OSError) -> Lost:
        self._abandon()
        timed_out = isinstance(error.__context__, TimeoutError)  # smtplib wraps it in its own error
        sentence = _NO_ANSWER if timed_out else _BROKEN_OFF
        return Lost(sentence.format(place=self._settings.place, timeout=self._settings.timeout))

    def _wait_at_most(self, seconds: float) -> None:
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _abandon(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _transparent(content: bytes) -> bytes:
    """RFC 5321, 4.5.2: leading dots doubled, and the final dot on a line of its own."""
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return _LEADING_DOT.sub(b"..", content) + end
