"""`/live/?t=<signed topics>`: the stream of events of one page, as plain ASGI: an open page costs no thread."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from django.core import signing

from candidly.live.hub import Hub, Stream

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/live/"
SALT = "live"
TOKEN_AGE = 24 * 3600
#: Seconds that may lie between reading what a page shows and signing its token.
MADE_WITHIN = 2
#: Seconds between signs of life, shorter than any proxy's patience.
PING_EVERY = 15.0
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
#: Tells the browser to come back two seconds after a lost connection.
GREETING = b"retry: 2000\n\n"
PING = b": ping\n\n"


async def live(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Send events of the signed topics until the page is gone. 403 when the signature is wrong or a day old."""
    token = parse_qs(scope["query_string"].decode("ascii", "replace")).get("t", [""])[0]
    topics = _topics(token)
    await send({"type": "http.response.start", "status": 200 if topics else 403, "headers": HEADERS})
    if not topics:
        await send({"type": "http.response.body", "body": b""})
        return
    with hub.listen(topics, since=_signed_at(token) - MADE_WITHIN) as stream:
        gone = asyncio.create_task(_end_when_gone(receive, stream))
        try:
            await _send_events(stream, send)
        finally:
            gone.cancel()


def _topics(token: str) -> list[str]:
    try:
        return list(signing.loads(token, salt=SALT, max_age=TOKEN_AGE))
    except signing.BadSignature:
        return []


def _signed_at(token: str) -> int:
    """When the page was made, in whole seconds: the second part of a token that was found good."""
    return signing.b62_decode(token.split(":")[1])


async def _end_when_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _send_events(stream: Stream, send: Send) -> None:
    frame = GREETING
    while frame:
        await send({"type": "http.response.body", "body": frame, "more_body": True})
        frame = await _next_frame(stream)
    await send({"type": "http.response.body", "body": b""})


async def _next_frame(stream: Stream) -> bytes:
    """The next event, a ping in a quiet time, or nothing at the end of the stream."""
    try:
        async with asyncio.timeout(PING_EVERY):
            event = await stream.get()
    except TimeoutError:
        return PING
    return event.frame() if event else b""
