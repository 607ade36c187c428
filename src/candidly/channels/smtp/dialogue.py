"""What to say to a mail server, mail after mail, and what became of each: no sockets, no clock (RFC 5321, 2920).

                 take the next mail
      idle ───────────────────────────► ENVELOPE ───── 354 ─────► CONTENT
        ▲                                │    │ ▲                    │
        │ none waits          refused    │    │ │  answered, and the │
        │                                ▼    │ │  next envelope is  │
        ├──────────── answered ◄────── RSET   │ │  said already      │
        │                                     │ └────────────────────┤
        │                 refused, yet 354    ▼                      │
        ├──────────── answered ◄───────── lone dot                   │
        └──────────── answered ◄─────────────────────────────────────┘

      anywhere: 421, time-out, not SMTP, connection lost ───► over

With PIPELINING one write carries the content of a mail and MAIL, RCPT and DATA of the next, so that a mail takes
one round trip; without, each command waits for its answer. The server answers in order either way: `_awaited` is
what it still has to answer, and its first step is the state.

When it is over, at most two mails are under way, and each has one end:

    what had been said of it                        its end
    all of its content, final dot included          Unconfirmed, unless the server said no
    a part of its content, never the dot            temporary failure
    its envelope, and it was refused                the refusal
    its envelope, first mail of the connection      temporary failure: this server does not want to talk
    its envelope, later                             given back: the server ended an old connection, no fault of the mail
"""

from collections import deque
from enum import Enum
from typing import Protocol

from candidly.channels.smtp.parcel import Parcel
from candidly.channels.smtp.replies import Reply, queue_id, refusal
from candidly.envelope import DeliveryFailure, Failed, Receipt, TemporaryFailure, Unconfirmed

_NO_SMTP = "The mail server {place} gave an answer that is not SMTP. Check the relay's host and port in the settings."
_CLOSED = "The mail server {place} ended the connection and said why in its answer. Nothing was sent; try again later."
_UNCONFIRMED = (
    "The mail server {place} had the whole mail but did not say whether it took it. "
    "Ask the recipient, or send it again and risk that it comes twice."
)


class Lost(TemporaryFailure):
    """The connection is gone, or what came over it is no SMTP."""


class NoSmtp(Lost):
    """The other side said something that has no place in SMTP."""

    def __init__(self, place: str, said: str) -> None:
        super().__init__(_NO_SMTP.format(place=place), said)


class Step(Enum):
    """What the server has to answer, and the first digit of a good answer."""

    MAIL = "MAIL", 2
    RCPT = "RCPT", 2
    DATA = "DATA", 3
    CONTENT = "the content up to its final dot", 2
    LONE_DOT = "a final dot without content", 2
    RSET = "RSET", 2

    def __init__(self, said: str, wanted: int) -> None:
        self.wanted = wanted


_ENVELOPE = (Step.MAIL, Step.RCPT, Step.DATA)


class Desk(Protocol):
    """Where a dialogue has its mails from. Each that it takes it settles or gives back, once."""

    def take(self) -> Parcel | None:
        """The next mail, if there is one for this connection now."""

    def settle(self, parcel: Parcel, result: Receipt | Failed) -> None: ...

    def give_back(self, parcel: Parcel) -> None:
        """None of its content has been said, so it may go over another connection."""


class Dialogue:
    """One session after its opening. Answers go in, what to say comes out, outcomes go to the desk."""

    def __init__(self, desk: Desk, place: str, *, pipelining: bool) -> None:
        self._desk = desk
        self._place = place
        self._pipelining = pipelining
        self._awaited: deque[Step] = deque()
        self._now: Parcel | None = None  # the mail whose content or envelope is to be answered first
        self._next: Parcel | None = None  # the mail whose envelope was said behind the content of `_now`
        self._refusal: DeliveryFailure | None = None  # of `_now`, while its envelope is being answered
        self._behind_dot = 0  # how many bytes were said after the final dot
        self._first = True  # no mail has come to its end in this session
        self.over = False

    @property
    def idle(self) -> bool:
        """Nothing is to be answered: `begin` may be called."""
        return not self._awaited

    @property
    def awaits_acceptance(self) -> bool:
        """The server has a whole mail and may take its time (RFC 5321, 4.5.3.2.6)."""
        return bool(self._awaited) and self._awaited[0] is Step.CONTENT

    def begin(self) -> bytes:
        """What to say to begin with the next mail; empty when none waits."""
        self._now = self._desk.take()
        return self._say_envelope(self._now) if self._now else b""

    def hear(self, reply: Reply, unsent: int = 0) -> bytes:
        """What to say to this answer. `unsent`: how many bytes of what was said last have not left yet."""
        step = self._awaited[0] if self._awaited else None
        if step is None or (reply.code // 100 != step.wanted and not reply.negative):
            return self._make_no_sense_of(reply, unsent)
        if step is Step.CONTENT:
            return self._content_answered(reply, unsent)
        self._awaited.popleft()
        if step is Step.RSET or step is Step.LONE_DOT:
            return self._cleared(step, reply)
        return self._envelope_answered(step, reply)

    def lose(self, failure: TemporaryFailure, unsent: int = 0) -> None:
        """The connection is gone: settles or gives back what was under way. See the table above."""
        self.over = True
        now, following, content_said = self._now, self._next, self.awaits_acceptance
        self._now = self._next = None
        self._awaited.clear()
        if following:
            self._desk.give_back(following)
        if now is None:
            return
        if content_said:
            self._fail(now, failure if unsent > self._behind_dot else self._unconfirmed(failure))
        elif self._refusal or self._first:
            self._fail(now, self._refusal or failure)
        else:
            self._desk.give_back(now)

    # ENVELOPE

    def _say_envelope(self, parcel: Parcel) -> bytes:
        self._awaited.extend(_ENVELOPE if self._pipelining else _ENVELOPE[:1])
        return b"".join(parcel.commands) if self._pipelining else parcel.commands[0]

    def _envelope_answered(self, step: Step, reply: Reply) -> bytes:
        assert self._now is not None
        if reply.code == 421:
            return self._closed_by(reply)
        if reply.negative and self._refusal is None:
            self._refusal = refusal(reply, self._now.parties(self._place), by_gateway=step is Step.MAIL)
        if self._awaited:
            return b""  # pipelined: the rest of the envelope is answered all the same
        if self._refusal:
            return self._clear(self._now, self._refusal, Step.RSET if reply.negative else Step.LONE_DOT)
        if step is Step.DATA:
            return self._say_content(self._now)
        following = _ENVELOPE.index(step) + 1
        self._awaited.append(_ENVELOPE[following])
        return self._now.commands[following]

    def _clear(self, refused: Parcel, failure: DeliveryFailure, step: Step) -> bytes:
        """The server must forget a refused envelope. A 354 all the same wants a lone dot (RFC 2920, 3.1)."""
        self._now = self._refusal = None
        self._awaited.append(step)
        self._fail(refused, failure)
        return b"RSET\r\n" if step is Step.RSET else b".\r\n"

    def _cleared(self, step: Step, reply: Reply) -> bytes:
        """A lone dot is refused as a rule, and rightly; a failing RSET leaves the old envelope in the way."""
        if reply.code == 421 or (step is Step.RSET and reply.negative):
            return self._closed_by(reply)
        return self.begin()

    # CONTENT

    def _say_content(self, parcel: Parcel) -> bytes:
        self._awaited.append(Step.CONTENT)
        self._next = self._desk.take() if self._pipelining else None
        envelope = self._say_envelope(self._next) if self._next else b""
        self._behind_dot = len(envelope)
        return parcel.content + envelope

    def _content_answered(self, reply: Reply, unsent: int) -> bytes:
        """Only here does responsibility change hands. After a no before the dot has left, the rest is not said."""
        assert self._now is not None
        early = unsent > self._behind_dot
        if early and reply.positive:
            return self._make_no_sense_of(reply, unsent)
        self._awaited.popleft()
        answered, self._now, self._next = self._now, self._next, None
        if reply.positive:
            self._first = False
            self._desk.settle(answered, Receipt(answered.message.delivery_id, queue_id(reply), str(reply)))
        else:
            self._fail(answered, refusal(reply, answered.parties(self._place)))
        if early or reply.code == 421:
            return self._closed_by(reply)
        return b"" if self._now else self.begin()

    # Ends

    def _make_no_sense_of(self, reply: Reply, unsent: int) -> bytes:
        self.lose(NoSmtp(self._place, str(reply)), unsent)
        return b""

    def _closed_by(self, reply: Reply) -> bytes:
        """After a 421 the server closes (RFC 5321, 3.8); after the other answers that lead here we do."""
        self.lose(Lost(_CLOSED.format(place=self._place), str(reply)))
        return b""

    def _fail(self, parcel: Parcel, failure: DeliveryFailure) -> None:
        self._first = False
        self._desk.settle(parcel, Failed(parcel.message.delivery_id, failure))

    def _unconfirmed(self, failure: TemporaryFailure) -> Unconfirmed:
        return Unconfirmed(_UNCONFIRMED.format(place=self._place), failure.reply)
