"""What the web server runs: Django's pages in threads, and the live stream beside them in the same process."""

import asyncio
import contextlib
import os
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "candidly.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()  # first of all: the modules below use models

from candidly.config import config
from candidly.live.hub import Hub
from candidly.live.sources import events
from candidly.live.stream import PATH, Receive, Scope, Send, live

_pages = WSGIMiddleware(pages, workers=config().web_threads)  # type: ignore[arg-type]
_hub = Hub(events)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == PATH:
        await live(_hub, scope, receive, send)
    else:
        await _pages(_without_lookalikes(scope), partial(_received, receive), send)  # type: ignore[arg-type]


async def _received(receive: Receive) -> object:
    """A coroutine, which a2wsgi needs to read a form's body; the server's own `receive` gives another awaitable."""
    return await receive()


def _without_lookalikes(scope: Scope) -> Scope:
    """Drop headers with an underscore: WSGI could not tell `X_Forwarded_Proto` from the proxy's own header."""
    return {**scope, "headers": [header for header in scope.get("headers", []) if b"_" not in header[0]]}


async def _lifespan(receive: Receive, send: Send) -> None:
    """The hub runs from the server's start to its end (ASGI's lifespan protocol)."""
    await receive()
    hub = asyncio.create_task(_hub.run())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    _hub.end_all()
    hub.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await hub
    await send({"type": "lifespan.shutdown.complete"})
