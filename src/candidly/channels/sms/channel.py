"""Text messages through one provider: a few requests at once, over connections that stay open."""

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import sleep

from twilio.rest import Client

from candidly.channels.contract import nobody
from candidly.channels.sms.errors import NOT_A_NUMBER, SILENT, in_our_words
from candidly.channels.sms.requests import ProviderClient
from candidly.channels.sms.settings import SmsSettings
from candidly.channels.source import Source
from candidly.envelope import DeliveryFailure, Failed, OutgoingText, PermanentFailure, Result, Unconfirmed, Untouched
from candidly.envelope import Receipt as Taken

_ASK_EVERY = 0.2  # seconds
E164 = re.compile(r"\+[1-9]\d{6,14}")


class SmsChannel:
    """The SMS channel; see Channel for its promises.

    The batch is read, and results are yielded, in the caller's thread; requests are made in threads of the pool.
    """

    name = "sms"

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._http = ProviderClient(settings)
        self._client = Client(settings.account, settings.token, http_client=self._http)
        self._pool = ThreadPoolExecutor(settings.connections, thread_name_prefix="sms-channel")
        self._stopped = False

    def send(self, batch: Iterable[OutgoingText | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]:
        source = Source(batch)
        under_way: set[Future[Result]] = set()
        down: DeliveryFailure | None = None
        try:
            while True:
                if not (down or self._stopped):
                    room = self._settings.connections - len(under_way)
                    under_way |= {self._pool.submit(self._hand_over, text, taken) for text in source.next(room)}
                if not under_way and (down or self._stopped or not source.has_more):
                    break
                done, under_way = _first_of(under_way)
                for result in [future.result() for future in done]:
                    down = down or (result.failure if isinstance(result, Failed) and result.gateway_down else None)
                    yield result
        finally:
            wait(under_way)  # what has been begun is seen through
        for text in source.rest():
            yield Failed(text.delivery_id, down) if down else Untouched(text.delivery_id)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        self._pool.shutdown()
        self._http.close()

    def _hand_over(self, message: OutgoingText, taken: Callable[[int], None]) -> Result:
        try:
            receipt = Taken(message.delivery_id, self._request(message))
        except DeliveryFailure as failure:
            return Failed(message.delivery_id, failure)
        taken(message.delivery_id)
        return receipt

    def _request(self, message: OutgoingText) -> str:
        """The provider's name for what it took. Raises DeliveryFailure."""
        if not E164.fullmatch(message.recipient):
            raise PermanentFailure(NOT_A_NUMBER.format(number=message.recipient[:40].replace("@", "·")))
        with in_our_words():
            kept = self._client.messages.create(
                to=message.recipient,
                from_=message.sender or self._settings.number,
                body=message.text,
                status_callback=f"{self._settings.status_url}?delivery={message.delivery_id}",
            )
        if not kept.sid:
            raise Unconfirmed(SILENT)
        return str(kept.sid)


def _first_of(under_way: set[Future[Result]]) -> tuple[set[Future[Result]], set[Future[Result]]]:
    """Those that have ended, and those that have not; neither for long, because the batch wants to be asked again."""
    if not under_way:
        sleep(_ASK_EVERY)
        return set(), set()
    done, pending = wait(under_way, _ASK_EVERY, FIRST_COMPLETED)
    return done, pending
