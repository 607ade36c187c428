"""One of a channel's connections: opened when needed, kept from mail to mail and from batch to batch."""

import asyncio
import logging
import traceback
from collections.abc import Iterator
from typing import Protocol

from candidly.channels.smtp.connect import Session, connect
from candidly.channels.smtp.dialogue import Dialogue, Lost
from candidly.channels.smtp.parcel import Parcel, pack
from candidly.channels.smtp.replies import Reply
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import DeliveryFailure, Failed, Outgoing, PermanentFailure, Result, TemporaryFailure

log = logging.getLogger(__name__)

_NOT_PREPARED = (
    "Something went wrong in Candidly while this mail was prepared. Nothing was sent; it will be tried again. "
    "Ask your administrator to look into the log."
)
_TOO_LARGE = (
    "The mail is {size:,} bytes, and the mail server {place} takes at most {largest:,}. Send a smaller attachment."
)


class Supply(Protocol):
    """Where the messages come from and their results go to. What is taken is settled or given back, once."""

    def take(self, who: object) -> Outgoing | None: ...

    def settle(self, who: object, message: Outgoing, result: Result) -> None: ...

    def give_back(self, who: object, message: Outgoing) -> None: ...


class Connection:
    """Lives in the event loop's thread. It is the desk of its dialogue and the speaker on its wire."""

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._carried = 0
        self._again: Parcel | None = None  # to be offered once more, first of all, on a fresh connection
        self._down: DeliveryFailure | None = None
        self._rest: asyncio.Future[None] | None = None  # done when `carry` is

    @property
    def is_open(self) -> bool:
        return self._session is not None

    @property
    def holds(self) -> bool:
        """Whether it has a message to begin with."""
        return self._again is not None

    async def open(self) -> None:
        """Makes sure that there is a connection with room for more mail. Raises TemporaryFailure, `gateway_down`."""
        if self._session and self._carried >= self._settings.messages_per_connection:
            await self.leave()
        if self._session is None:
            self._session = await connect(self._settings)
            self._largest = self._session.largest
            self._carried = 0
            self._dialogue = Dialogue(self, self._settings.place, pipelining=self._session.pipelining)
            self._session.wire.speaker = self

    async def carry(self, supply: Supply) -> None:
        """Hands over mail after mail while there is some to take and the connection lasts.

        Raises TemporaryFailure, `gateway_down`, when the gateway wants no mail at all from us.
        """
        if self._session is None:
            return
        self._supply = supply
        self._down = None
        self._rest = asyncio.get_running_loop().create_future()
        self._session.wire.write(self._dialogue.begin())
        self.progressed()
        await self._rest
        if self._down:
            raise self._down

    def hand_back(self) -> None:
        """What it holds goes back to where it came from."""
        if self._again:
            parcel, self._again = self._again, None
            self._supply.give_back(self, parcel.message)

    async def leave(self) -> None:
        session, self._session = self._session, None
        if session:
            await session.leave()

    # The desk of the dialogue

    def take(self) -> Parcel | None:
        if self._down or self._carried >= self._settings.messages_per_connection:
            return None
        parcel, self._again = self._again or self._next_parcel(), None
        self._carried += parcel is not None
        return parcel

    def settle(self, parcel: Parcel, result: Result) -> None:
        if isinstance(result, Failed) and result.gateway_down:
            self._down = result.failure
            self._again = parcel
        else:
            self._supply.settle(self, parcel.message, result)

    def give_back(self, parcel: Parcel) -> None:
        self._again = parcel

    # The speaker on the wire

    def heard(self, replies: Iterator[Reply]) -> None:
        assert self._session is not None
        wire, hear = self._session.wire, self._dialogue.hear
        for reply in replies:
            if data := hear(reply, wire.unsent):
                wire.write(data)
        self.progressed()

    def progressed(self) -> None:
        """Each step has its time-out; over a whole mail a server may think longer."""
        if self._session is None:
            return
        wire, settings = self._session.wire, self._settings
        if self._dialogue.over:
            self._session = None
            wire.close()
            self._come_to_rest()
        elif self._dialogue.idle:
            wire.wait_at_most(None)
            self._come_to_rest()
        elif self._dialogue.awaits_acceptance and not wire.unsent:
            wire.wait_at_most(settings.acceptance_timeout)
        else:
            wire.wait_at_most(settings.timeout)

    def lost(self, failure: Lost) -> None:
        assert self._session is not None
        unsent, self._session = self._session.wire.unsent, None
        self._dialogue.lose(failure, unsent)
        self._come_to_rest()

    # Inside

    def _next_parcel(self) -> Parcel | None:
        """The next mail that can be said at all; the others have their outcome here."""
        while message := self._supply.take(self):
            try:
                return self._fitting(pack(message))
            except DeliveryFailure as failure:
                self._supply.settle(self, message, Failed(message.delivery_id, failure))
            except Exception as error:  # noqa: BLE001
                # A fault of ours. One mail must not hold up the batch; the message of the error may quote it.
                where = "".join(traceback.format_tb(error.__traceback__))
                log.error("delivery %s broke off with %s\n%s", message.delivery_id, type(error).__name__, where)
                self._supply.settle(self, message, Failed(message.delivery_id, TemporaryFailure(_NOT_PREPARED)))
        return None

    def _fitting(self, parcel: Parcel) -> Parcel:
        """RFC 1870: what the server announced that it would refuse is not sent to it."""
        size = len(parcel.content)
        if 0 < self._largest < size:
            raise PermanentFailure(_TOO_LARGE.format(size=size, place=self._settings.place, largest=self._largest))
        return parcel

    def _come_to_rest(self) -> None:
        if self._rest and not self._rest.done():
            self._rest.set_result(None)
